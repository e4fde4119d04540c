"""The stage process: capture, thru, schedule, ledger, and the process they live in."""
