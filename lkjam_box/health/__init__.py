"""Is the box well? Read beside the stage, never in it."""
