"""Options: one table, from which defaults, checks, sample and reference come."""
