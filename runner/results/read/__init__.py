"""Reads what lies in the folder of a run or of a sweep: torn, missing or whole."""
