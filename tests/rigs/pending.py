# ruff: noqa: E501
"""What is wrong as yet, by test; a mend takes its line away."""

PENDING = {
    "test_clock.py::test_after_a_stall_the_box_is_with_its_master_again[90.0-3.5]": "comes back a few ticks off where another clock idled meanwhile",
    "test_clock.py::test_after_a_stall_the_box_is_with_its_master_again[131.0-3.5]": "comes back a few ticks off where another clock idled meanwhile",
    "test_named.py::test_a_set_on_every_rig[guitar]": "ghosts are taken for melody",
    "test_named.py::test_a_set_on_every_rig[idle-clock]": "TWO CLOCKS is shown for a clock that nobody started",
    "test_clock.py::test_a_keyboard_that_ticks_from_power_on_is_not_followed": "TWO CLOCKS is shown for a clock that nobody started",
    "test_playing.py::test_of_two_hands_the_call_is_the_right_one": "the melody is not followed by voice",
    "test_playing.py::test_ghosts_of_a_midi_guitar_are_no_playing": "ghosts are taken for melody",
    "test_playing.py::test_a_strum_is_one_event": "a strum is several notes",
    "test_wire.py::test_a_machine_that_sends_its_notes_before_the_tick_they_belong_to": "a note between Start and the first tick is taken for playing",
}
