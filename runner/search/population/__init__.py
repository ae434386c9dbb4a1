"""Population-based training: at intervals the worst go on from the best, with values changed."""
