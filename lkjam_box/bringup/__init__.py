"""Is the machine fit, is it wired right? For whoever builds a box."""
