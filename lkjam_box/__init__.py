"""A stage box that trades fours with a musician, locked to MIDI clock."""

__version__ = "0.1.0"
