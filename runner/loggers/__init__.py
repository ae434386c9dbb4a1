"""Loggers: what else than its own files a run may write to while it trains."""
