"""Losses, and functions to minimise: the config group ``loss``."""
