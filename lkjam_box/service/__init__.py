"""The supervisor that starts and watches the processes."""
