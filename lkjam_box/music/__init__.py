"""Chords, progressions and notes, in beats."""
