"""Metrics: what is reported of a run besides its loss."""
