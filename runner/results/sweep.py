"""A sweep read once: its runs, their tables, and what of it is drawn."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from runner.atomic_write import write_whole
from runner.results.measures import Measures
from runner.results.population import is_population
from runner.results.read.missing_files import missing_files
from runner.results.read.runs import Run, read_runs
from runner.results.search.trials import Trials, read_trials
from runner.results.sweep_view import SweepView, make_view
from runner.results.tables import Tables, make_tables

__all__ = ["Sweep", "read_sweep", "write_tables"]


@dataclass(frozen=True)
class Sweep:
    """A sweep, or a run as a sweep of one, as its files were when it was read.

    Attributes:
        folder: Where it lies.
        runs: Its runs, by job.
    """

    folder: Path
    runs: list[Run]

    @cached_property
    def tables(self) -> Tables:
        """The tables of its runs."""
        return make_tables(self.runs)

    @cached_property
    def measures(self) -> Measures:
        """What is on record of its metrics."""
        return Measures.of(self.runs)

    @cached_property
    def view(self) -> SweepView | None:
        """The sweep made ready for drawing; None where no run has a metric to show.

        Of a search it is by the metric that decided.
        """
        view = make_view(self.runs, self.tables, self.measures, members=self.is_population)
        return (view.by(self.search.metric) or view) if view and self.search else view

    @property
    def is_population(self) -> bool:
        """Whether its runs took over from one another while they trained."""
        return is_population(self.folder)

    @cached_property
    def search(self) -> Trials | None:
        """The points of a search; None where this is none."""
        return read_trials(self.folder)

    @cached_property
    def missing(self) -> list[str]:
        """What its files do not tell, though they should: a sentence each."""
        return missing_files(self.runs)

    @property
    def is_single_run(self) -> bool:
        """Whether it is a run on its own."""
        return len(self.runs) == 1 and self.runs[0].folder == self.folder


def read_sweep(folder: Path) -> Sweep:
    """Read a sweep, or a run as a sweep of one.

    Args:
        folder: The folder of a sweep or a run, in any state.

    Raises:
        RequestError: There are no runs in the folder.
    """
    return Sweep(folder, read_runs(folder))


def write_tables(sweep: Sweep) -> list[Path]:
    """Write ``sweep.csv``, ``summary.csv`` and ``curves.csv`` of a sweep, each whole or not at all.

    Of a population there is no summary: its members began with the values of their rows and ended
    with others, and no mean over them has a spread that means anything.

    Args:
        sweep: The sweep; its runs may be in any state.

    Returns:
        The files written.
    """
    tables = sweep.tables
    texts = {
        "sweep.csv": tables.sweep.to_csv(index=False, lineterminator="\n"),
        "summary.csv": tables.summary.to_csv(index=False, lineterminator="\n"),
        "curves.csv": tables.curves_csv,
    }
    if sweep.is_population:
        del texts["summary.csv"]
    return [write_whole(sweep.folder / name, text.encode()) for name, text in texts.items()]
