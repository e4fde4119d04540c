"""The rigs of docs/your-rig.md, devices and cables, drawn by ``python -m tools.rigs``."""
