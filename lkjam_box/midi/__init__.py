"""MIDI bytes and files."""
