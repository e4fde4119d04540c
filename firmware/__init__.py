"""What turns a Raspberry Pi into the box: an installer, and an image for the card."""
