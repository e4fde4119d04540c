"""The image for the card, made of Debian packages and the box's own wheel."""
