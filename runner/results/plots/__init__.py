"""Figures of runs, sweeps and comparisons, drawn from their files."""
