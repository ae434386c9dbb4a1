"""Training: members on one axis, one loop, records and checkpoints. Knows no config."""
