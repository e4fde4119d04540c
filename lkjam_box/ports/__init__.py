"""MIDI ports: ALSA, JACK, DIN, virtual, and what is plugged in."""
