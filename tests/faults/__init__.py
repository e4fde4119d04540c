"""Faults: what goes wrong on a stage, struck in virtual time, a thousand times each."""
