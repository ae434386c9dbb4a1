"""Other programs that do the same work, each written as its own users would write it."""
