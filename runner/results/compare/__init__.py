"""Comparisons: what is matched with what, and what the difference is worth."""
