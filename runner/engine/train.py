"""The training loop. It reads from top to bottom, for one run or for a thousand."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from threading import Timer

import torch
from torch import Tensor

from runner.columns import MONITOR, Status
from runner.engine import checkpoint
from runner.engine.batches import boundaries, order
from runner.engine.captured import taking
from runner.engine.group import Group
from runner.engine.measure import Tally, measure
from runner.engine.recorder import Row
from runner.engine.saves import Saves
from runner.engine.state import TrainingState
from runner.engine.stretch import Stretch, Taken, Takes, in_a_row
from runner.engine.watch import Watch
from runner.interrupts import MOMENT, held_back, stop_training
from runner.optim.base import Tensors

INTERRUPTED = "The command was interrupted."


class Quiet:
    """Looks on and says nothing."""

    def step(self) -> None:
        """Do nothing."""

    def epoch(self, rows: list[Row]) -> None:
        """Do nothing."""

    def interrupted(self) -> None:
        """Do nothing."""


def steps_per_epoch(group: Group) -> int:
    """Return how many steps every member of a group takes in an epoch."""
    return len(boundaries(len(group.data.train), group.batch_size))


class Training(TrainingState):
    """The training of a group: its loop, and how far it has come.

    Args:
        group: The runs to train; those that diverge or stop early leave it.
        watch: Told of steps and epochs.
        saves: Where its state goes at intervals; None saves nothing.
        live: How many slots are members, where those after them are padding; None for all.
        shared: Whether all see the examples in one order; None where their seeds say so. Of a part
            of a group it is what it was for the whole.
    """

    def __init__(
        self,
        group: Group,
        watch: Watch,
        saves: Saves | None = None,
        *,
        live: int | None = None,
        shared: bool | None = None,
    ) -> None:
        # For good: members that leave must not change how the batches of the rest are computed.
        shared = len(set(group.seeds)) == 1 if shared is None else shared
        super().__init__(group, len(group) if live is None else live, shared=shared)
        self.watch, self.saves = watch, saves or Saves()
        self.take = taking(group, shared=shared)
        self.steps_per_epoch = steps_per_epoch(group)
        self.release: Callable[[], None] = lambda: None
        self.saving = False

    def run(self, until: int | None = None) -> None:
        """Train every member to its last epoch, its divergence, or an interruption.

        Args:
            until: The epoch after which to pause: the state is saved, and whoever has not left the
                group by then can be trained on. None for the last epoch.
        """
        last = self.group.epochs if until is None else min(until, self.group.epochs)
        with held_back(self.watch.interrupted, self._stop_soon) as self.release:
            try:
                self._train(last)
            except KeyboardInterrupt:
                self.saving = True
                with suppress(OSError):  # a folder was removed: that is no reason to go on
                    self.saves.save(self.state())
                    self._finish(range(self.live), Status.INTERRUPTED, INTERRUPTED)
                raise
            self.saving = True
            if last < self.group.epochs:
                self.saves.save(self.state())
                return
            self._finish(range(self.live), Status.OK)
            self._keep(list(range(self.live)))

    def _stop_soon(self, number: int) -> None:
        """End the program within a moment, unless what was trained is being saved by then."""
        Timer(MOMENT, lambda: self.saving or stop_training(number)).start()

    def _train(self, last: int) -> None:
        if not self.begun:
            self._begin()
        while self.epochs_done < last and self.live:
            self._train_epoch()
            self._conclude_epoch()

    def _begin(self) -> None:
        if self.group.data.task == "objective":  # there, the start is worth a row
            self._learning_rates()
            self._conclude_epoch()
        self.trace.begin(self.group, self.live)

    def _train_epoch(self) -> None:
        if not self.steps_in_epoch:
            self.tally = Tally(self.group.metrics)
        in_units = self.group.data.in_units
        for steps, taken in self.steps(self.take):
            self.tally.add(taken.losses, in_units(taken.logits), in_units(taken.targets))
            self.tally.add_norms(taken.norms, taken.losses.shape[1])
            self.steps_done += steps
            self.steps_in_epoch += steps
            for _ in range(steps):
                self.watch.step()
            seen = self.epochs_done * len(self.group.data.train) + self.tally.examples
            self.trace.step(self.group, self.live, seen)
            # Here a save and an interruption find every file and count in order.
            if self.saves.is_due():
                self.saves.save(self.state())
            self.release()
        self.epochs_done += 1
        self.steps_in_epoch = 0
        self.order_states = [order.get_state() for order in self.group.orders]

    def steps(self, take: Takes) -> Iterator[tuple[int, Taken]]:
        """Take the steps left of an epoch, and yield how many were taken and what they gave."""
        group, coefficients = self.group, self._coefficients(self._learning_rates())
        group.members.model.train()
        orders = order(group.orders, len(group.data.train), shared=self.shared).to(group.device)
        bounds = boundaries(orders.shape[1], group.batch_size)[self.steps_in_epoch :]
        for batches in in_a_row(bounds, take.length):
            rows = orders[:, batches[0][0] : batches[-1][1]]
            at = list(islice(coefficients, len(batches)))
            yield len(batches), take(Stretch(rows, at, self.steps_done))

    def _learning_rates(self) -> Tensor:
        """Return the learning rates (T, S) of the coming epoch, in float64."""
        steps = torch.arange(self.steps_per_epoch, dtype=torch.float64)
        elapsed = self.epochs_done + steps / self.steps_per_epoch
        factors = self.group.schedule.factors(elapsed, self.group.epochs)
        self.lr = self.group.optimizer.lr * factors
        return self.lr

    def _coefficients(self, lr: Tensor) -> Iterator[Tensors]:
        """Work out the optimizer's coefficients for each step left of the epoch."""
        group, first = self.group, self.steps_in_epoch
        table = group.optimizer.coefficients(lr, self.steps_done - first)
        columns = {
            name: t[first:].to(group.device, group.dtype).unbind(0) for name, t in table.items()
        }
        for row in zip(*columns.values(), strict=True):
            yield dict(zip(columns, row, strict=True))

    def _conclude_epoch(self) -> None:
        rows = measure(self.group, self.tally, self.lr[0], self.epochs_done, self.steps_done)
        self._record(rows[: self.live])
        watched = MONITOR if MONITOR in rows[0] else "train/loss"
        losses = torch.tensor([row[watched] for row in rows], dtype=torch.float64)
        self.group.schedule.observe(losses)
        every = self.group.checkpoint_every
        if every and self.epochs_done % every == 0:
            for slot in range(self.live):
                self._write_weights(slot)
        self.watch.epoch(rows[: self.live])
        self._part_with_diverged(rows[: self.live])
        self._drop_early_stopped()

    def _record(self, rows: list[Row]) -> None:
        recorders = self.group.recorders
        better = [slot for slot, row in enumerate(rows) if recorders[slot].row(row)]
        self.best.take(self.group.members, better, self.epochs_done, self.steps_done)

    def _part_with_diverged(self, rows: list[Row]) -> None:
        diverged = [slot for slot, row in enumerate(rows) if not _is_finite(row)]
        reason = f"The loss was not finite in epoch {self.epochs_done}."
        self._finish(diverged, Status.DIVERGED, reason)
        self._part_with(diverged)

    def _drop_early_stopped(self) -> None:
        """End the members whose patience has run out."""
        patience = self.group.patience
        if patience is None or self.epochs_done == self.group.epochs:
            return
        best = self.best.reached[: self.live, 0].tolist()
        stalled = [slot for slot, epoch in enumerate(best) if self.epochs_done - epoch >= patience]
        for slot in stalled:
            column = self.group.recorders[slot].monitor.column
            reason = f"Early stopping: no better {column} after epoch {best[slot]}."
            self._finish([slot], Status.OK, reason)
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
        self.take = taking(self.group, shared=self.shared)
        self.best = self.best.keep(slots)
        self.order_states = [self.order_states[slot] for slot in slots]
        self.tally.sums = {name: sums[slots] for name, sums in self.tally.sums.items()}

    def _finish(self, slots: Iterable[int], status: str, reason: str | None = None) -> None:
        faults = []
        for slot in slots:
            try:
                self._end(slot, status, reason)
            except OSError as error:  # its folder is gone; the others have theirs
                faults.append(error)
        if faults:
            raise faults[0]

    def _end(self, slot: int, status: str, reason: str | None) -> None:
        try:
            self._write_weights(slot)
        except OSError as error:  # the run's rows are there, and the others' weights may fit
            status, reason = Status.FAILED, f"The weights could not be saved: {error}."
        examples = self.epochs_done * len(self.group.data.train)
        self.group.recorders[slot].finish(status, self.seconds, examples, reason)

    def _write_weights(self, slot: int) -> None:
        """Write the checkpoints of one member: the last with its state, and the best."""
        run = self.group.recorders[slot].folder
        folder = run / "checkpoints"
        checkpoint.save(folder / "last.pt", self.member(slot), within=run)
        if best := self.best.member(slot):
            told = best | {"data": self.group.data.preparation}
            checkpoint.save(folder / "best.pt", told, within=run)


def _is_finite(row: Row) -> bool:
    return all(math.isfinite(value) for name, value in row.items() if name.endswith("/loss"))
