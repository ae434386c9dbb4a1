"""Members that go on with what another has learnt: the step of a population between its intervals.

"Population based training of neural networks" (Jaderberg et al., 2017), where it is called exploit.
"""

from collections.abc import Mapping
from typing import Any

import torch

from runner.engine.state import State
from runner.optim.base import Tensors


def exchanged(state: Mapping[str, Any], parents: Mapping[int, int]) -> State:
    """Return the state of a group in which some members have the weights of others.

    Parameters, buffers, the optimizer's state and what the schedule has counted are the parent's:
    they belong to the weights. Order, dropout, augmentation, the rows that were recorded and the
    best weights so far stay with the slot.

    Args:
        state: What `TrainingState.state` gave at the end of an epoch; it stays as it is.
        parents: Job to the job whose weights it takes; whoever is not named keeps its own.
    """
    slot_of = {job: slot for slot, job in enumerate(state["jobs"])}
    rows = torch.arange(len(state["recorders"]))  # padding keeps what it has
    for job, parent in parents.items():
        if job in slot_of:  # a part of a group may have a state of its own
            rows[slot_of[job]] = slot_of[parent]
    members = {part: _taken(tensors, rows) for part, tensors in state["members"].items()}
    return {**state, "members": members, "schedule": _taken(state["schedule"], rows)}


def _taken(tensors: Tensors, rows: torch.Tensor) -> Tensors:
    return {
        name: tensor.index_select(0, rows.to(tensor.device)) for name, tensor in tensors.items()
    }
