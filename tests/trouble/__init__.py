"""Real commands with components that make trouble: what the tests of promises start."""
