"""The weights that a run left in its folder: which there are, and whether they are sound."""

from pathlib import Path
from typing import Any, Literal, get_args

from torch import Tensor

from runner.columns import Status
from runner.engine import checkpoint
from runner.errors import RequestError, unknown
from runner.summaries import read_summary

Weights = Literal["best", "last"]
# A run says that it is running from its beginning on; whether it still is can't be told from it.
NO_END = " has not ended, or was cut off:"


def choose(folder: Path, weights: str | None = None) -> str:
    """Return which checkpoint of a run to take: as asked, otherwise the best if there is one.

    Args:
        folder: The run's folder.
        weights: ``"best"`` or ``"last"``; None for either.

    Raises:
        RequestError: There is no such kind of weights, or the run has no best epoch.
    """
    if weights not in (None, *get_args(Weights)):
        raise RequestError(unknown("kind of weights", str(weights), get_args(Weights)))
    has_best = path_of(folder, "best").is_file()
    summary = summary_of(folder)
    if weights == "best" and not has_best and summary.get("last") and not summary.get("best"):
        split = summary.get("best_metric") is not None
        why = "no val/loss was finite" if split else "it had no validation split; take 'last'"
        raise RequestError(f"There is no best epoch of '{folder}': {why}.")
    return weights or ("best" if has_best else "last")


def path_of(folder: Path, which: str) -> Path:
    """Return where a run keeps its best or its last weights."""
    return folder / "checkpoints" / f"{which}.pt"


def read_weights(folder: Path, which: str) -> dict[str, Any]:
    """Read a checkpoint; one that is not there is not called lost where the run had no end yet.

    Raises:
        RequestError: It is missing or damaged.
    """
    path = path_of(folder, which)
    if not path.is_file() and summary_of(folder).get("status", Status.RUNNING) == Status.RUNNING:
        raise RequestError(f"'{folder}'{NO_END} there is no checkpoint {path}.")
    saved = checkpoint.load(path)
    if not _is_of_a_run(saved):
        raise RequestError(f"{path} is no checkpoint of a run: it lacks weights, epoch or data.")
    return saved


def end_told(folder: Path, which: str, saved: dict[str, Any]) -> str | None:
    """Say whose weights these are where their run did not end well; None where it did.

    Args:
        folder: The run's folder.
        which: ``"best"`` or ``"last"``.
        saved: What `read_weights` gave.

    Raises:
        RequestError: The weights are not finite.
    """
    summary = summary_of(folder)
    ended = _how_it_ended(summary, saved["epoch"])
    of = f"the {which} weights, of epoch {saved['epoch']},"
    # A buffer may be infinite from the start: a mask of attention is.
    sound = all(value.isfinite().all() for value in saved["params"].values())
    if not sound or any(value.isnan().any() for value in saved["buffers"].values()):
        best = summary.get("best") if which == "last" else None
        other = f"; 'best' are those of epoch {best['epoch']}" if best else ""
        raise RequestError(f"'{folder}'{ended or ':'} {of} are not all finite numbers{other}.")
    return f"'{folder}'{ended} these are {of[:-1]}." if ended else None


def no_run(folder: Path) -> str:
    """Say in a sentence why a path is not the folder of a run, and what could be meant."""
    if folder.is_file():
        return f"'{folder}' is a file; give the folder of a run."
    if not folder.is_dir():
        return f"There is no folder '{folder}'."
    names = [path.parent.name for path in folder.glob("*/.hydra")]
    jobs = sorted(int(name) for name in names if name.isdecimal())
    if not jobs:
        return f"'{folder}' is not the folder of a run; 'runner runs' lists them."
    last = f" to '{folder / str(jobs[-1])}'" if len(jobs) > 1 else ""
    return f"'{folder}' is a sweep; give one of its runs, '{folder / str(jobs[0])}'{last}."


def _how_it_ended(summary: dict[str, Any], epoch: int) -> str:
    """What is to be said of a run's end; nothing where it ended well."""
    status, last = summary.get("status", Status.RUNNING), summary.get("last") or {}
    if status == Status.RUNNING:
        return NO_END
    return "" if status == Status.OK else f" {status} in epoch {last.get('epoch', epoch)}:"


def _is_of_a_run(saved: dict[str, Any]) -> bool:
    """Whether a checkpoint has what a run writes; what it says of the data is checked in use."""
    tensors = [saved.get("params"), saved.get("buffers")]
    if not all(isinstance(some, dict) for some in tensors) or not saved["params"]:
        return False
    named = [pair for some in tensors for pair in dict(some or {}).items()]
    if not all(isinstance(name, str) and isinstance(one, Tensor) for name, one in named):
        return False
    return isinstance(saved.get("epoch"), int) and isinstance(saved.get("data"), dict)


def summary_of(folder: Path) -> dict[str, Any]:
    """Return what a run said at its end; nothing where it did not get there."""
    return read_summary(folder).fields
