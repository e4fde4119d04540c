"""What the processes say to each other, and what the words mean."""
