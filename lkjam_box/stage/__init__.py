"""Capture, thru, responder, schedule, ledger: what sounds, and when."""
