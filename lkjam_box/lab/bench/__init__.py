"""Benchmarks: our figures beside those of alternatives, measured in the same run."""
