"""How many workers a sweep gets."""

import os
from collections.abc import Sequence

import torch

from runner.config import Config
from runner.crew.foreign import foreign_parts
from runner.crew.planned import PlannedGroup
from runner.crew.processes import CUDA
from runner.machine import cores

# Workers take two seconds to start: torch is imported once more.
WORTH = 6.0  # seconds of predicted training below which the command does it itself


def worker_count(
    asked: int | str, groups: Sequence[PlannedGroup], seconds: float, *, isolate: bool
) -> int:
    """Return how many processes train the groups; 0 for the command's own.

    Args:
        asked: A number, or ``"auto"``.
        groups: The groups that are left to train.
        seconds: What their training is predicted to take, one after another.
        isolate: Whether the command must outlive whatever they do.
    """
    at_once = min(len(groups), len(gpus(groups)) or _sharing_cores(groups))
    if asked != "auto":
        return min(int(asked), len(groups))
    if isolate or (at_once > 1 and seconds > WORTH):
        return max(1, at_once)
    return 0


def gpus(groups: Sequence[PlannedGroup]) -> list[str]:
    """Return the GPUs that groups can train on, as CUDA counts them; none where they use CPUs."""
    devices = {run.config["device"]["name"] for group in groups for run in group.runs}
    if not devices & {"auto", "cuda"} or not torch.cuda.is_available():
        return []
    visible = os.environ.get(CUDA)
    return visible.split(",") if visible else [str(i) for i in range(torch.cuda.device_count())]


def has_foreign_parts(groups: Sequence[PlannedGroup]) -> bool:
    """Whether any component is not the program's own, and may do what it likes to the process."""
    return bool(foreign_parts(Config.model_validate(group.runs[0].config) for group in groups))


def _sharing_cores(groups: Sequence[PlannedGroup]) -> int:
    """As many as have a core for each of their threads."""
    return max(1, cores() // max((group.threads for group in groups), default=1))
