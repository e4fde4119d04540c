"""MIDI messages, the DIN parser, MIDI files."""
