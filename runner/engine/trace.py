"""Looks at the whole training set within an epoch, for curves against examples and against time."""

import time
from collections.abc import Mapping

from runner.engine.group import Group
from runner.engine.measure import evaluate


class Trace:
    """Measures the training loss every so many examples, and writes it to each ``trace.csv``.

    The clock stands still while it measures, so that ``seconds`` are those of training alone.

    Args:
        every: Examples between two looks; None never looks.
    """

    def __init__(self, every: int | None) -> None:
        self.every = every
        self.began = time.perf_counter()
        self.paused = 0.0
        self.seen = 0

    def begin(self, group: Group, live: int) -> None:
        """Look before the first step: every curve begins where its run began."""
        if self.every is not None:
            self._look(group, live)

    def state(self) -> dict[str, float]:
        """Return how far it is: examples seen, and seconds on its clock."""
        return {"seen": self.seen, "seconds": self._elapsed()}

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on from a state."""
        self.seen = int(state["seen"])
        self.began, self.paused = time.perf_counter() - state["seconds"], 0.0

    def step(self, group: Group, live: int, examples: int) -> None:
        """Look, if a multiple of ``every`` examples was reached in this step.

        Args:
            group: The group; it is left ready to train.
            live: How many of its slots are members.
            examples: How many examples each member has seen by now.
        """
        before, self.seen = self.seen, examples
        if self.every is not None and before // self.every < examples // self.every:
            self._look(group, live)

    def _look(self, group: Group, live: int) -> None:
        elapsed, now = self._elapsed(), time.perf_counter()
        losses = evaluate(group, "train")["loss"].tolist()
        group.members.model.train()
        row = {
            "examples": self.seen,
            "epoch": self.seen / len(group.data.train),
            "seconds": round(elapsed, 6),
        }
        for recorder, loss in zip(group.recorders[:live], losses, strict=False):
            recorder.trace(row | {"train/loss": loss})
        self.paused += time.perf_counter() - now

    def _elapsed(self) -> float:
        return time.perf_counter() - self.began - self.paused
