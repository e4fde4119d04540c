"""Debian machines made of packages alone: root filesystem, kernel, memory disk, the box in it.

The stage machine of the tests and the image for the card are both built with it.
"""
