"""What the processes of the box say to each other, and what the words mean."""
