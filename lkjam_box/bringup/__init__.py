"""Is it wired right? One check a wire, for whoever solders: ``lkjam-box check --wire``."""
