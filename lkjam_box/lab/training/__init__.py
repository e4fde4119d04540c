"""From solos to a model file. Never imported by the box."""
