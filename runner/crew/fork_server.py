"""What the fork server loads, once for all workers: torch, and no ear for the terminal's end."""

import signal

import runner.crew.work  # noqa: F401 - for its imports

# The command hears of it, and tells the workers; without their server it would not know their ends.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
