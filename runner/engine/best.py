"""The weights of each member's best epoch, kept beside the present ones until the run ends."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from runner.engine.members import Members
from runner.optim.base import Tensors

PARTS = ("params", "buffers")


class BestWeights:
    """Stacked parameters and buffers, each slot's of its own best epoch.

    Attributes:
        tensors: Part (``params``, ``buffers``) to name to (S, …); empty until the first is taken.
        reached: For each slot the epoch and the step of its best, (S, 2) int64; 0 where none is.
    """

    def __init__(self, slots: int) -> None:
        self.tensors: dict[str, Tensors] = {}
        self.reached = torch.zeros(slots, 2, dtype=torch.int64)

    def take(self, members: Members, slots: Sequence[int], epoch: int, step: int) -> None:
        """Keep the present weights of some slots as their best."""
        if not slots:
            return
        present = {part: getattr(members, part) for part in PARTS}
        if not self.tensors:
            self.tensors = {
                part: {name: tensor.clone() for name, tensor in tensors.items()}
                for part, tensors in present.items()
            }
        for part, tensors in present.items():
            for name, tensor in tensors.items():
                rows = torch.tensor(slots, device=tensor.device)
                self.tensors[part][name].index_copy_(0, rows, tensor.index_select(0, rows))
        self.reached[slots] = torch.tensor([epoch, step])

    def keep(self, slots: Sequence[int]) -> "BestWeights":
        """Return those of some slots alone, in that order."""
        return restored(self.state(), list(slots))

    def member(self, slot: int) -> dict[str, Any] | None:
        """Return one slot's weights on the CPU, with their epoch and step; None before any."""
        epoch, step = self.reached[slot].tolist()
        if not epoch:
            return None
        weights = {
            part: {name: tensor[slot].cpu().clone() for name, tensor in tensors.items()}
            for part, tensors in self.tensors.items()
        }
        return {**weights, "epoch": epoch, "step": step}

    def state(self) -> dict[str, Any]:
        """Return all of it, for a save of the group."""
        return {"tensors": self.tensors, "reached": self.reached}


def restored(
    state: dict[str, Any], slots: Sequence[int], place: torch.device | None = None
) -> BestWeights:
    """Return what ``state`` gave, of some slots alone, on a device."""
    best = BestWeights(len(slots))
    best.reached = state["reached"][list(slots)]
    best.tensors = {
        part: {name: _rows(tensor, slots, place) for name, tensor in tensors.items()}
        for part, tensors in state["tensors"].items()
    }
    return best


def joined(members: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
    """Return the state of some members' best weights, from what ``member`` gave of each."""
    known = [member for member in members if member is not None]
    reached = [(m["epoch"], m["step"]) if m else (0, 0) for m in members]
    tensors = {
        part: {
            name: torch.stack([(member or known[0])[part][name] for member in members])
            for name in known[0][part]
        }
        for part in (PARTS if known else ())
    }
    return {"tensors": tensors, "reached": torch.tensor(reached, dtype=torch.int64)}


def _rows(tensor: Tensor, slots: Sequence[int], place: torch.device | None) -> Tensor:
    rows = torch.tensor(slots, device=tensor.device, dtype=torch.int64)
    return tensor.index_select(0, rows).to(place or tensor.device)
