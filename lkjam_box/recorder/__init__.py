"""A set on disk: its journal, and the MIDI file made of it."""
