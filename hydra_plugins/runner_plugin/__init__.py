"""What runner adds to Hydra: a launcher, a sweeper, and where configs are found.

Hydra imports these modules at every start of every Hydra program in the environment, so they
are thin shells: their weight is imported when they are used.
"""
