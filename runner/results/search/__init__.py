"""What a search found, from its files: ``search.csv``, its runs, and its best points confirmed."""
