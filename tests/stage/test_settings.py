"""What the menu sets: on options, in force from the line on, and nothing that cannot be."""

from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.protocol.records import Setting, SettingId
from lkjam_box.protocol.settings import OFF, RANGES, SETTABLE, overlaid
from lkjam_box.stage.settings import Settings

CHANNEL, LOW, HIGH = SettingId.THRU_CHANNEL, SettingId.LISTEN_LOW, SettingId.LISTEN_HIGH
ASKS = st.lists(
    st.builds(
        Setting,
        st.integers(0, 20),
        st.one_of(st.integers(-2, 130).map(float), st.floats()),
    ),
    max_size=12,
)


def test_every_setting_has_its_own_option_and_numbers_for_all_its_choices():
    assert len(SETTABLE) == len(SettingId) == len(RANGES)
    for kind in RANGES.values():
        for number in kind.numbers:
            assert kind.number(kind.value(number)) == number
        assert kind.default == kind.asked(Config())


def test_what_is_asked_for_waits_and_lands():
    settings = Settings(Config(), {})
    assert settings.ask(Setting(CHANNEL, 5.0))
    assert (settings.options.thru.channel, settings.asked.thru.channel) == (0, 5)
    assert settings.numbers[CHANNEL] == 5
    assert settings.waiting == 1 << CHANNEL
    assert settings.land()
    assert settings.options.thru.channel == 5
    assert not settings.waiting
    assert not settings.land()
    assert not settings.ask(Setting(CHANNEL, 5.0))
    assert settings.chosen == {"thru.channel": 5}


def test_words_and_switches():
    settings = Settings(Config(), {})
    for which, number in ((SettingId.THRU_BACK, 1), (SettingId.CLICK, 2), (SettingId.JUMP, 1)):
        assert settings.ask(Setting(which, number))
    settings.land()
    options = settings.options
    assert (options.thru.back, options.metronome.when, options.clock.jump) == (
        True,
        "always",
        "song",
    )


def test_a_range_is_never_empty():
    settings = Settings(override(Config(), {"listen.low": 40, "listen.high": 60}), {})
    settings.ask(Setting(LOW, 72))
    assert (settings.asked.listen.low, settings.asked.listen.high) == (72, 127)
    settings.ask(Setting(HIGH, 50))
    assert (settings.asked.listen.low, settings.asked.listen.high) == (0, 50)


def test_a_controller_turns_one_control_and_moves_over():
    settings = Settings(override(Config(), {"turns.hand_over": "cc:67"}), {})
    settings.ask(Setting(SettingId.STYLE_CC, 74))
    settings.ask(Setting(SettingId.HEAT_CC, 74))
    assert (settings.asked.controls.style, settings.asked.controls.heat) == ("off", "74")
    settings.ask(Setting(SettingId.HEAT_CC, OFF))
    assert settings.asked.controls.heat == "off"
    assert not settings.ask(Setting(SettingId.HEAT_CC, 67))  # the pedal that hands over


@given(ASKS)
def test_whatever_is_asked_the_options_are_sound_and_come_back(asks):
    settings = Settings(Config(), {})
    for ask in asks:
        settings.ask(ask)
    asked = settings.asked
    assert override(asked, {}) == asked  # contradicts nothing
    again = Settings(Config(), settings.chosen)
    assert again.options == asked
    assert again.chosen == settings.chosen
    assert again.numbers == settings.numbers


def test_what_fits_no_option_any_more_is_left_out_alone():
    old = {"thru.channel": 99, "brain.channel": 3, "brain.seed": 5, "gone.option": 1}
    assert overlaid(Config(), old) == override(Config(), {"brain.channel": 3})
    assert Settings(Config(), old).chosen == {"brain.channel": 3}
    edited = override(Config(), {"listen.high": 40})
    assert overlaid(edited, {"listen.low": 60, "listen.channel": 2}) == override(
        edited, {"listen.channel": 2}
    )
