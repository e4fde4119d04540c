"""Benchmarks: figures beside rivals, in one run."""
