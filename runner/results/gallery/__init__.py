"""The gallery of studies: what they claim, and whether their runs bear it out."""
