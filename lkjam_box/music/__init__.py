"""Chords, progressions and notes: what the music is made of, in beats."""
