"""What is said of a long request before what takes seconds, such as to import torch, is begun."""

from collections.abc import Sequence
from contextlib import suppress

from runner.request.counts import MANY, number_of_points
from runner.request.points import parse


def say_how_many(overrides: Sequence[str]) -> None:
    """Say how many points are typed, where they are many; those of a study are told of later.

    What is wrong with the request is said by whoever reads it whole.
    """
    # A glob() needs Hydra's configs, and so does a study.
    counted = [override for override in overrides if "glob(" not in override]
    with suppress(Exception):
        columns = {one.get_key_element(): one for one in parse(counted)}
        if (number := number_of_points(columns.values())) > MANY:
            print(f"{number:,} points are composed.", flush=True)
