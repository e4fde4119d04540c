"""What is wrong as yet, by test; a mend takes its line away."""

PENDING: dict[str, str] = {}
