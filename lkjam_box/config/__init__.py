"""The option table, from which defaults, checks, sample and reference come."""
