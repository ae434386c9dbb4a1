"""What this program costs, beside others that do the same work: ``python -m benchmarks``."""
