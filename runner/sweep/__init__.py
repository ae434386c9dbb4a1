"""Points of a sweep, grouped and trained together."""
