"""Steps that are captured once and replayed: what a step costs besides its arithmetic is paid once.

A step of a small network is some hundred operations, each started by the interpreter. They are the
same ones in every step, on the same memory, so that they can be captured: what differs is copied
to where the captured operations read it.

Shapes: K steps, S members, B examples of a batch, C coefficients.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from runner.engine.batches import boundaries
from runner.engine.capture import Capture, CudaGraph, Inductor, Work
from runner.engine.group import Group
from runner.engine.rng import isolated
from runner.engine.stretch import Eager, Stretch, Taken, Takes

IN_A_GRAPH = 10  # steps: to launch them by the hundred gains little more, and takes their memory


def taking(group: Group, *, shared: bool) -> Takes:
    """Return what takes the steps of a group, as its device is asked to.

    Args:
        group: The group, trained in place; this is made anew when it loses members.
        shared: Whether all members see the same examples.
    """
    if group.compile == "none":
        return Eager(group, shared=shared)
    if group.compile == "inductor":  # its time grows with the number of operations
        return Captured(group, Inductor(), 1, shared=shared)
    # Between two looks at the training set there may be a single step.
    length = IN_A_GRAPH if group.trace_every is None else 1
    return Captured(group, CudaGraph(), length, shared=shared)


@dataclass(frozen=True)
class Given:
    """The memory from which captured steps read what differs from one replay to the next.

    Attributes:
        rows: (1, K·B) or (S, K·B) int64, the places of the examples.
        at: (K, C, S), the optimizer's coefficients.
        first: (1,) int64, how many steps were taken before.
    """

    rows: Tensor
    at: Tensor
    first: Tensor

    def take(self, stretch: Stretch) -> None:
        """Copy what a stretch is given to here."""
        self.rows.copy_(stretch.rows)
        torch.stack(_columns(stretch), out=self.at.view(-1, self.at.shape[2]))
        self.first.fill_(stretch.first)


class Captured:
    """Takes steps as `Eager` does, those of full batches by replaying what was captured.

    Args:
        group: The group, trained in place; this is made anew when it loses members.
        shared: Whether all members see the same examples.
        capture: How to capture.
        length: How many steps are captured as one.
    """

    def __init__(self, group: Group, capture: Capture, length: int, *, shared: bool) -> None:
        self.eager, self.inside = (Eager(group, shared=shared) for _ in range(2))
        self.group, self.capture, self.length = group, capture, length
        start, end = boundaries(len(group.data.train), group.batch_size)[0]
        self.full = end - start
        self.replays: dict[int, tuple[Given, Work[Taken]]] = {}

    def __call__(self, stretch: Stretch) -> Taken:
        """Take the steps; see `Takes`."""
        if stretch.batch_size != self.full:
            return self.eager(stretch)
        if len(stretch) not in self.replays:
            self.replays[len(stretch)] = self._captured(stretch)
        return self._again(stretch, *self.replays[len(stretch)])

    @torch.no_grad()  # the backward pass is among what was captured
    def _again(self, stretch: Stretch, given: Given, replay: Work[Taken]) -> Taken:
        given.take(stretch)
        taken: Taken = tree_map(torch.clone, replay())
        return taken

    def _captured(self, stretch: Stretch) -> tuple[Given, Work[Taken]]:
        """Capture the steps of a stretch, and of all others of its length.

        What they change meanwhile is put back: all steps are replayed, the first one too, so that
        a training that goes on from a save takes the same ones.
        """
        columns, width = _columns(stretch), (len(stretch), -1, len(self.group))
        first = stretch.rows.new_full((1,), stretch.first)
        given = Given(stretch.rows.clone(), torch.stack(columns).view(width), first)
        names, parts = list(stretch.at[0]), self.group.members.parts()
        before = tree_map(torch.clone, parts)
        with isolated(0, "capture", self.group.device):
            replay = self.capture(lambda: self._steps(given, names))
        tree_map(Tensor.copy_, parts, before)
        return given, replay

    def _steps(self, given: Given, names: list[str]) -> Taken:
        """Take steps, with all that differs from one stretch to the next read from memory."""
        steps = given.first + torch.arange(len(given.at), device=given.first.device)
        self.inside.draws.ahead(steps)
        at = [dict(zip(names, row, strict=True)) for row in given.at]
        return self.inside(Stretch(given.rows, at, 0))


def _columns(stretch: Stretch) -> list[Tensor]:
    """Return the coefficients of a stretch, K·C tensors (S,), step after step."""
    return [column for at in stretch.at for column in at.values()]
