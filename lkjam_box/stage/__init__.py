"""The stage lane: capture, thru, schedule, ledger, and the process they live in."""
