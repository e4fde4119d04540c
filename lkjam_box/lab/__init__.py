"""Making and measuring: training, evaluation, listening tests, benchmarks.

Nothing but ``cli`` imports it, and the card image leaves it out.
"""
