"""Random numbers by counting: each is a function of a run's key, the step and its place there.

So members draw together what each draws alone, any step can be drawn by itself, and nothing has to
be saved to go on. It is computed in whole numbers, which no device rounds. It is SplitMix64
(Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): a 64-bit number
that grows by a constant, mixed.
"""

from functools import lru_cache

import torch
from torch import Tensor

# Both as 64-bit numbers with a sign, the only ones torch computes with.
GOLDEN = 0x9E3779B97F4A7C15 - 2**64
FACTORS = (0xBF58476D1CE4E5B9 - 2**64, 0x94D049BB133111EB - 2**64)
SHIFTS = (30, 27, 31)
HALF_BITS, FLOAT_BITS = 32, 24  # float32 holds 24 bits of a number below 1


def uniform(keys: Tensor, steps: Tensor, numbers: int) -> Tensor:
    """Draw numbers uniform in [0, 1), multiples of 2**-24.

    Args:
        keys: (S,) int64, one for each member's use of them.
        steps: (K,) int64, the steps to draw for.
        numbers: How many, N, for each member and step.

    Returns:
        (S, K, N) float32.
    """
    seeds = mixed(keys.unsqueeze(1) + GOLDEN * (steps + 1))
    pairs = mixed(seeds.unsqueeze(2) + places(numbers, keys.device))
    halves = pairs.view(torch.int32)[..., :numbers]
    # A shift to the right repeats the sign, which has to go.
    high = (halves >> (HALF_BITS - FLOAT_BITS)).bitwise_and_(2**FLOAT_BITS - 1)
    return high.to(torch.float32).mul_(2.0**-FLOAT_BITS)


def mixed(numbers: Tensor) -> Tensor:
    """Mix 64-bit numbers, in place: SplitMix64's function of its counter."""
    for shift, factor in zip(SHIFTS, (*FACTORS, None), strict=True):
        rest = (numbers >> shift).bitwise_and_(2 ** (64 - shift) - 1)
        numbers.bitwise_xor_(rest)
        if factor is not None:
            numbers.mul_(factor)
    return numbers


@lru_cache(maxsize=8)
def places(numbers: int, device: torch.device) -> Tensor:
    """Return what tells the numbers of a step apart, mixed: one for each pair of them.

    Added to a step's seed they are counters that no other step passes through in the same order.
    """
    return mixed(GOLDEN * torch.arange(1, -(-numbers // 2) + 1, device=device))
