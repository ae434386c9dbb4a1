"""The gallery of studies: what they claim, and whether their runs support it."""
