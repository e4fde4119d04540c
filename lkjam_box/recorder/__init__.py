"""The process that may wait for a disk: it saves what is chosen and records what is played."""
