"""The hand-built box: wires and a small perfboard instead of the printed board."""
