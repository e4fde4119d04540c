"""Virtual sets round the real stage: instruments, player, take, sound."""
