"""The drive LKJAM and the USB cable to a computer; runs as a folder of its own on the box."""
