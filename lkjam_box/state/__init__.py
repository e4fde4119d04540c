"""What the box remembers over a power cut: last choices, devices, how often it was started."""
