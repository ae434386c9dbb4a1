"""The training loop. It reads from top to bottom, for one run or for a thousand."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice, pairwise, repeat
from typing import Any, Protocol

import torch
from torch import Tensor

from runner.columns import MONITOR
from runner.engine import checkpoint
from runner.engine.batches import Batches, boundaries, order
from runner.engine.counts import Counting, StepCounts, counting_calls
from runner.engine.draws import augmented, draw_noise
from runner.engine.group import Group
from runner.engine.interrupts import held_back
from runner.engine.measure import Tally, measure
from runner.engine.recorder import Row
from runner.engine.step import Step, predict
from runner.engine.trace import Trace
from runner.optim.base import Tensors


class Watch(Protocol):
    """Whoever looks on while a group trains."""

    def step(self) -> None:
        """Every member took a step."""

    def epoch(self, rows: list[Row]) -> None:
        """An epoch ended with these rows, one per member."""


def steps_per_epoch(group: Group) -> int:
    """Return how many steps every member of a group takes in an epoch."""
    return len(boundaries(len(group.data.train), group.batch_size))


class Training:
    """The training of a group: its loop, and how far it has come.

    Args:
        group: The runs to train; those that diverge or stop early leave it.
        watch: Told of steps and epochs.

    Attributes:
        ended: The runs that ended well, in groups as they left, with the weights they end with.
    """

    def __init__(self, group: Group, watch: Watch) -> None:
        self.group, self.watch = group, watch
        self.batches = Batches(group.data, group.dtype)
        self.steps_per_epoch = steps_per_epoch(group)
        # For good: members that leave must not change how the batches of the rest are computed.
        self.shared = len(set(group.seeds)) == 1
        self.live = len(group)  # a slot after these is padding: see _part_with
        self.ended: list[Group] = []
        self.epochs_done = 0
        self.steps_done = 0
        # An interruption saves these, though it may come before the first step.
        self.tally = Tally(group.metrics)
        self.order_states = [streams.order.get_state() for streams in group.streams]
        self.began = time.perf_counter()
        self.trace = Trace(group.trace_every)
        self.release: Callable[[], None] = lambda: None

    def run(self) -> None:
        """Train every member to its last epoch, its divergence, or an interruption."""
        with held_back() as self.release:
            try:
                self._train()
            except KeyboardInterrupt:
                self._finish(range(self.live), "interrupted", "The command was interrupted.")
                raise
            self._finish(range(self.live), "ok")
            self._end(list(range(self.live)))
            self._keep(list(range(self.live)))

    def _train(self) -> None:
        if self.group.data.task == "objective":  # there, the start is worth a row
            self._learning_rates()
            self._conclude_epoch(self.tally)
        self.trace.begin(self.group, self.live)
        while self.epochs_done < self.group.epochs and self.live:
            tally = self._train_epoch()
            self.epochs_done += 1
            self._conclude_epoch(tally)

    def rehearse(self, steps: int) -> list[float]:
        """Take a few steps, to learn what they cost, and evaluate; the group is then of no use.

        Returns:
            Seconds of each step, in order; the first ones include warming up.
        """
        clock = [time.perf_counter()]
        epochs = chain.from_iterable(self._steps() for _ in repeat(None))
        for _ in islice(epochs, steps):
            if self.group.device.type == "cuda":
                torch.cuda.synchronize()
            clock.append(time.perf_counter())
        # What can be trained together need not be evaluated together.
        data = self.group.data
        predict(self.group.members, data.prepare(data.train.inputs[:2], self.group.dtype))
        return [after - before for before, after in pairwise(clock)]

    def count(self) -> StepCounts:
        """Take three steps and say what the later ones did; the group is of no use afterwards.

        The first step of an epoch prepares the others, and is counted where there are no others.
        """
        steps = chain.from_iterable(self._steps() for _ in repeat(None))
        next(steps)
        counting = Counting()
        with counting:
            next(steps)
        with counting_calls() as calls:
            next(steps)
        return StepCounts(counting.operations, calls[0])

    # ---------------------------------------------------------------- one epoch

    def _train_epoch(self) -> Tally:
        tally = self.tally = Tally(self.group.metrics)
        for losses, logits, targets in self._steps():
            tally.add(losses, logits, targets)
            tally.add_norms(self.step.norms, losses.shape[1])
            self.steps_done += 1
            self.watch.step()
            seen = self.epochs_done * len(self.group.data.train) + tally.examples
            self.trace.step(self.group, self.live, seen)
            self.release()  # here an interruption finds every file and count in order
        return tally

    def _steps(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Take the steps of one epoch, and yield the losses, logits and targets of each."""
        group = self.group
        group.members.model.train()
        self.step = Step(
            *(group.members, group.loss, group.regularizer, group.optimizer),
            gradient_norms=group.gradient_norms,
        )
        for (inputs, targets), at in zip(self._shuffled(), self._coefficients(), strict=True):
            inputs = augmented(group, inputs, shared=self.shared)
            noise = draw_noise(group, targets.shape[1])
            losses, logits = self.step(inputs, targets, noise, at, shared=self.shared)
            yield losses, logits, targets

    def _learning_rates(self) -> Tensor:
        """Return the learning rates (T, S) of the coming epoch, in float64."""
        steps = torch.arange(self.steps_per_epoch, dtype=torch.float64)
        elapsed = self.epochs_done + steps / self.steps_per_epoch
        factors = self.group.schedule.factors(elapsed, self.group.epochs)
        self.lr = self.group.optimizer.lr * factors
        return self.lr

    def _coefficients(self) -> Iterator[Tensors]:
        """Work out the optimizer's coefficients for each step of the epoch."""
        group = self.group
        table = group.optimizer.coefficients(self._learning_rates(), self.steps_done)
        columns = {name: t.to(group.device, group.dtype).unbind(0) for name, t in table.items()}
        for row in zip(*columns.values(), strict=True):
            yield dict(zip(columns, row, strict=True))

    def _shuffled(self) -> Iterator[tuple[Tensor, Tensor]]:
        group = self.group
        generators = [streams.order for streams in group.streams]
        self.order_states = [generator.get_state() for generator in generators]
        orders = order(generators, len(group.data.train), shared=self.shared).to(group.device)
        return self.batches.epoch(orders, group.batch_size, len(group))

    # ---------------------------------------------------------------- after an epoch

    def _conclude_epoch(self, tally: Tally) -> None:
        rows = measure(self.group, tally, self.lr[0], self.epochs_done, self.steps_done)
        self._record(rows[: self.live])
        self.watch.epoch(rows[: self.live])
        watched = MONITOR if MONITOR in rows[0] else "train/loss"
        losses = torch.tensor([row[watched] for row in rows], dtype=torch.float64)
        self.group.schedule.observe(losses)
        self._part_with_diverged(rows[: self.live])
        self._drop_early_stopped()

    def _record(self, rows: list[Row]) -> None:
        every = self.group.checkpoint_every
        for slot, row in enumerate(rows):
            if self.group.recorders[slot].row(row):
                self._checkpoint(slot, "best")
            if every and self.epochs_done % every == 0:
                self._checkpoint(slot, "last")

    def _part_with_diverged(self, rows: list[Row]) -> None:
        diverged = [slot for slot, row in enumerate(rows) if not _is_finite(row)]
        reason = f"The loss was not finite in epoch {self.epochs_done}."
        self._finish(diverged, "diverged", reason)
        self._part_with(diverged)

    def _drop_early_stopped(self) -> None:
        """End the members whose patience has run out, with the best weights they had."""
        patience = self.group.patience
        if patience is None or self.epochs_done == self.group.epochs:
            return
        recorders = self.group.recorders[: self.live]
        best = [int(recorder.best["epoch"]) if recorder.best else 0 for recorder in recorders]
        stalled = [slot for slot, epoch in enumerate(best) if self.epochs_done - epoch >= patience]
        for slot in stalled:
            reason = f"Stopped early: no better val/loss after epoch {best[slot]}."
            self._finish([slot], "ok", reason)
        self._end(stalled)
        self._part_with(stalled)

    def _part_with(self, slots: list[int]) -> None:
        if not slots:
            return
        staying = [slot for slot in range(self.live) if slot not in slots]
        # One member alone is computed otherwise than two, which would change its last bits.
        padding = slots[:1] if len(staying) == 1 else []
        self._keep(staying + padding)
        self.live = len(staying)

    def _keep(self, slots: list[int]) -> None:
        self.group = self.group.keep(slots)
        self.order_states = [self.order_states[slot] for slot in slots]
        self.tally.sums = {name: sums[slots] for name, sums in self.tally.sums.items()}

    def _end(self, slots: list[int]) -> None:
        """Keep what members end with that did what they were asked to."""
        if self.group.patience is not None:
            for slot in slots:
                best = self.group.recorders[slot].folder / "checkpoints" / "best.pt"
                self.group.members.restore(slot, checkpoint.load(best))
        if slots:
            self.ended.append(self.group.keep(slots))

    def _finish(self, slots: Iterable[int], status: str, reason: str | None = None) -> None:
        seconds = time.perf_counter() - self.began
        examples = self.epochs_done * len(self.group.data.train)
        for slot in slots:
            self._checkpoint(slot, "last")
            self.group.recorders[slot].finish(status, seconds, examples, reason)

    def _checkpoint(self, slot: int, which: str) -> None:
        """Save all that a resume needs of one member, in the middle of an epoch too."""
        state: dict[str, Any] = {
            **self.group.members.member(slot),
            "data": self.group.data.preparation,
            "streams": self.group.streams[slot].states(),
            "schedule": {k: t[slot].clone() for k, t in self.group.schedule.state().items()},
            "order_at_epoch_start": self.order_states[slot],
            "tally": {name: sums[slot].cpu().clone() for name, sums in self.tally.sums.items()},
            "epoch": self.epochs_done,
            "step": self.steps_done,
        }
        checkpoint.save(self.group.recorders[slot].folder / "checkpoints" / f"{which}.pt", state)


def _is_finite(row: Row) -> bool:
    return all(math.isfinite(value) for name, value in row.items() if name.endswith("/loss"))
