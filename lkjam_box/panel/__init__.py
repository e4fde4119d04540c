"""Buttons, lights and the small screen."""
