"""What outlives the power: choices, devices, in two slots on disk."""
