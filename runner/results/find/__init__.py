"""Runs and sweeps found again: by key, metric, name, tag, status and time.

Of a run its ``summary.json`` alone is read, which repeats its config, and of a sweep its
``sweep.csv`` and the summary of one of its runs: thousands are listed in under a second, without
pandas. A sweep that has not come to its end is read run by run.
"""
