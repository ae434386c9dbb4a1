"""The state of a training: taken, put back, and put together from its members' own files."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from runner.engine import best, rng
from runner.engine.group import Group
from runner.engine.measure import Tally
from runner.engine.trace import Trace
from runner.optim.base import Tensors

State = dict[str, Any]


class TrainingState:
    """Where the training of a group stands, at any step.

    Args:
        group: The runs that train.
        live: How many slots are members, where those after them are padding.
        shared: Whether all see the examples in one order.

    Attributes:
        epochs_done, steps_done, steps_in_epoch: How far it is.
        tally: The sums of the epoch's steps.
        best: The weights of each member's best epoch.
        order_states: Where each member's order of examples stood when the epoch began.
        clock: When it would have begun, had it never been interrupted.
        trace: The looks at the training set within epochs.
        begun: Whether anything was recorded.
    """

    def __init__(self, group: Group, live: int, *, shared: bool) -> None:
        self.group, self.live, self.shared = group, live, shared
        self.epochs_done = self.steps_done = self.steps_in_epoch = 0
        self.tally = Tally(group.metrics)
        self.best = best.BestWeights(len(group))
        self.order_states = [order.get_state() for order in group.orders]
        self.clock = time.perf_counter()
        self.trace = Trace(group.trace_every)
        self.begun = False

    @property
    def seconds(self) -> float:
        """How long it has trained, before an interruption too."""
        return time.perf_counter() - self.clock

    def state(self) -> State:
        """Return all that training on needs, in the middle of an epoch too.

        Returns:
            Tensors, numbers and text in dictionaries and lists, each slot at its place; ``jobs``
            says whose the first slots are, and a slot after these is padding.
        """
        group = self.group
        return {
            "jobs": [recorder.job for recorder in group.recorders[: self.live]],
            "shared": self.shared,
            "members": group.members.parts(),
            "best": self.best.state(),
            "order_at_epoch_start": self.order_states,
            "schedule": group.schedule.state(),
            "tally": self.tally.state(),
            "recorders": [recorder.state() for recorder in group.recorders],
            "seconds": self.seconds,
            "trace": self.trace.state(),
            **self._progress(),
        }

    def restore(self, state: Mapping[str, Any], values: Collection[str] = ()) -> None:
        """Put back what `state` gave, or `joined`, of all its members or of some.

        The group's recorders say which jobs' slots it takes.

        Args:
            state: Where to go on from.
            values: Buffers that hold values of keys: they are as the group was built.
        """
        group, place = self.group, self.group.device
        slots = [state["jobs"].index(recorder.job) for recorder in group.recorders]
        for part, tensors in group.members.parts().items():
            for name, tensor in tensors.items():
                if name not in values:
                    tensor.copy_(state["members"][part][name][slots])
        self.best = best.restored(state["best"], slots, place)
        self.order_states = [state["order_at_epoch_start"][slot] for slot in slots]
        for order, stood in zip(group.orders, self.order_states, strict=True):
            order.set_state(stood)
        group.schedule.restore(_rows(state["schedule"], slots))
        self.tally.restore(
            {
                name: _rows(part, slots, place) if isinstance(part, dict) else part
                for name, part in state["tally"].items()
            }
        )
        for slot, recorder in zip(slots, group.recorders, strict=True):
            recorder.restore(state["recorders"][slot])
        self.trace.restore(state["trace"])
        self.epochs_done, self.steps_done = state["epoch"], state["step"]
        self.steps_in_epoch, self.begun = state["step_in_epoch"], True
        self.clock -= state["seconds"]
        if state["global"]:
            rng.restore(state["global"], place)

    def member(self, slot: int) -> State:
        """Return one member's share, without the member axis, as its checkpoint has it.

        No time is in it: the same run again gives the same file.
        """
        group, recorder = self.group, self.group.recorders[slot].state()
        del recorder["sizes"]["trace.csv"]  # a clock's figures are in it, some longer than others
        return {
            **group.members.member(slot),
            "data": group.data.preparation,
            "order_at_epoch_start": self.order_states[slot],
            "schedule": {name: t[slot].clone() for name, t in group.schedule.state().items()},
            "tally": {name: sums[slot].cpu().clone() for name, sums in self.tally.sums.items()},
            "recorder": recorder,
            "seen": self.trace.seen,
            **self._progress(),
        }

    def _progress(self) -> State:
        return {
            "epoch": self.epochs_done,
            "step": self.steps_done,
            "step_in_epoch": self.steps_in_epoch,
            # Layers that draw from the global generators train alone.
            "global": rng.states(self.group.device) if len(self.group) == 1 else {},
        }


def joined(members: Sequence[Mapping[str, Any]], bests: Sequence[State | None], **of: Any) -> State:
    """Return the state of a group whose members have all ended the same epoch.

    Args:
        members: What each one's last checkpoint holds; see `TrainingState.member`.
        bests: What each one's best checkpoint holds, where there is one.
        **of: What only the group knows: ``jobs``, ``shared``, ``seconds`` and ``trace``.
    """
    first = members[0]
    parts = [part for part in first if part in ("params", "buffers") or part.startswith("optim/")]
    return {
        **of,
        **{name: first[name] for name in ("epoch", "step", "global")},
        "members": {part: _stacked([member[part] for member in members]) for part in parts},
        "best": best.joined(bests),
        "order_at_epoch_start": [member["order_at_epoch_start"] for member in members],
        "schedule": _stacked([member["schedule"] for member in members]),
        "tally": {"examples": 0, "sums": {}, "waiting": {}, "norms": {}},
        "recorders": [member["recorder"] for member in members],
        "step_in_epoch": 0,
    }


def _rows(tensors: Tensors, slots: list[int], place: torch.device | None = None) -> Tensors:
    return {name: tensor[slots].to(place or tensor.device) for name, tensor in tensors.items()}


def _stacked(members: Sequence[Mapping[str, Tensor]]) -> Tensors:
    return {name: torch.stack([member[name] for member in members]) for name in members[0]}
