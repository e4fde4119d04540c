"""Virtual sets: a drum machine, a player and a recorder around the real stage."""
