"""The case: parameters, parts, pictures."""
