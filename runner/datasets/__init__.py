"""Datasets: a name in the config gives tensors in memory."""
