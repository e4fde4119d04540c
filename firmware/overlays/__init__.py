"""Device-tree overlays, made from the pin map."""
