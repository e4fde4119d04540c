"""The lkjam-box command."""
