"""Makes the electronics: schematic, parts list, board, and what a factory wants of them."""
