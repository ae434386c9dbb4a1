"""The state of a training: taken, put back, and put together from its members' own files."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from runner.engine import best, rng
from runner.optim.base import Tensors

if TYPE_CHECKING:
    from runner.engine.train import Training

State = dict[str, Any]


def state_of(training: "Training") -> State:
    """Return all that training on needs, in the middle of an epoch too.

    Returns:
        Tensors, numbers and text in dictionaries and lists, each slot at its place; ``jobs`` says
        whose the first slots are, and a slot after these is padding.
    """
    group = training.group
    return {
        "jobs": [recorder.job for recorder in group.recorders[: training.live]],
        "stacked": len(group) > 1,
        "shared": training.shared,
        "members": group.members.parts(),
        "best": training.best.state(),
        "streams": [streams.states() for streams in group.streams],
        "order_at_epoch_start": training.order_states,
        "schedule": group.schedule.state(),
        "tally": training.tally.state(),
        "recorders": [recorder.state() for recorder in group.recorders],
        "seconds": training.seconds,
        "trace": training.trace.state(),
        **_progress(training),
    }


def restore(training: "Training", state: Mapping[str, Any]) -> None:
    """Put a state into the training of all its members, or of some.

    Args:
        training: Just begun; its recorders say which jobs' slots it takes.
        state: What `state_of` or `joined` gave.
    """
    group, place = training.group, training.group.device
    slots = [state["jobs"].index(recorder.job) for recorder in group.recorders]
    for part, tensors in group.members.parts().items():
        for name, tensor in tensors.items():
            tensor.copy_(state["members"][part][name][slots])
    training.best = best.restored(state["best"], slots, place)
    training.order_states = [state["order_at_epoch_start"][slot] for slot in slots]
    for slot, streams, order in zip(slots, group.streams, training.order_states, strict=True):
        streams.restore(state["streams"][slot] | {"order": order})
    group.schedule.restore(_rows(state["schedule"], slots))
    training.tally.restore(
        {
            name: _rows(part, slots, place) if isinstance(part, dict) else part
            for name, part in state["tally"].items()
        }
    )
    for slot, recorder in zip(slots, group.recorders, strict=True):
        recorder.restore(state["recorders"][slot])
    training.trace.restore(state["trace"])
    training.epochs_done, training.steps_done = state["epoch"], state["step"]
    training.steps_in_epoch, training.begun = state["step_in_epoch"], True
    training.clock -= state["seconds"]
    if state["global"]:
        rng.restore(state["global"], place)


def member_state(training: "Training", slot: int) -> State:
    """Return one member's share of the state, without the member axis, as its checkpoint has it.

    No time is in it: the same run again gives the same file.
    """
    group = training.group
    return {
        **group.members.member(slot),
        "data": group.data.preparation,
        "streams": group.streams[slot].states(),
        "order_at_epoch_start": training.order_states[slot],
        "schedule": {name: t[slot].clone() for name, t in group.schedule.state().items()},
        "tally": {name: sums[slot].cpu().clone() for name, sums in training.tally.sums.items()},
        "recorder": group.recorders[slot].state(),
        "seen": training.trace.seen,
        **_progress(training),
    }


def joined(members: Sequence[Mapping[str, Any]], bests: Sequence[State | None], **of: Any) -> State:
    """Return the state of a group whose members have all ended the same epoch.

    Args:
        members: What each one's last checkpoint holds; see `member_state`.
        bests: What each one's best checkpoint holds, where there is one.
        **of: What only the group knows: ``jobs``, ``stacked``, ``shared``, ``seconds``, ``trace``.
    """
    first = members[0]
    parts = [part for part in first if part in ("params", "buffers") or part.startswith("optim/")]
    return {
        **of,
        **{name: first[name] for name in ("epoch", "step", "global")},
        "members": {part: _stacked([member[part] for member in members]) for part in parts},
        "best": best.joined(bests),
        "streams": [member["streams"] for member in members],
        "order_at_epoch_start": [member["streams"]["order"] for member in members],
        "schedule": _stacked([member["schedule"] for member in members]),
        "tally": {"examples": 0, "sums": {}, "norms": {}},
        "recorders": [member["recorder"] for member in members],
        "step_in_epoch": 0,
    }


def _progress(training: "Training") -> State:
    return {
        "epoch": training.epochs_done,
        "step": training.steps_done,
        "step_in_epoch": training.steps_in_epoch,
        # Layers that draw from the global generators train alone.
        "global": rng.states(training.group.device) if len(training.group) == 1 else {},
    }


def _rows(tensors: Tensors, slots: list[int], place: torch.device | None = None) -> Tensors:
    return {name: tensor[slots].to(place or tensor.device) for name, tensor in tensors.items()}


def _stacked(members: Sequence[Mapping[str, Tensor]]) -> Tensors:
    return {name: torch.stack([member[name] for member in members]) for name in members[0]}
