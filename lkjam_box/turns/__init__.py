"""Whose turn it is, over which chords."""
