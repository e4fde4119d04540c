"""Buttons, pedals, lights and the small screen."""
