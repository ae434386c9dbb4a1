"""A request read from the command line and validated whole, before anything is made."""
