"""Where we are (ticks) and when the next beat is (filter)."""
