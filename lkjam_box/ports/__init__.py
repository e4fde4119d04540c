"""The MIDI wires: real ports through rtmidi, and virtual ones that need no driver."""
