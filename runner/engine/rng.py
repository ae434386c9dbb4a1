"""From a run's seed to its random numbers: a stream for each use, none shared between members."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def derive(seed: int, stream: str) -> int:
    """Return the seed of a named stream, a 63-bit number that depends on nothing else."""
    digest = hashlib.sha256(f"{seed}/{stream}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(seed: int, stream: str, device: torch.device) -> torch.Generator:
    """Return a fresh generator for one stream of one run, on a device."""
    return torch.Generator(device).manual_seed(derive(seed, stream))


@contextmanager
def isolated(seed: int, stream: str) -> Iterator[None]:
    """Seed the global generators inside the block, and leave them as they were found."""
    with torch.random.fork_rng():
        torch.manual_seed(derive(seed, stream))
        yield
