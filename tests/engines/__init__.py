"""Real engines on this machine: started for the tests, and ended after them."""
