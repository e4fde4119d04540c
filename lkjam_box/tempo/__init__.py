"""Following MIDI clock: where we are (ticks) and when the next beat is (filter). Pure."""
