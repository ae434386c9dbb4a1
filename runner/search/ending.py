"""What a person is told when a search ends."""

import shlex
from collections import Counter
from collections.abc import Sequence

from rich.markup import escape

from runner.columns import UNFINISHED, Status
from runner.folder_lock import HIDDEN
from runner.paths import nearby
from runner.request.sweeper_keys import NODE
from runner.results.labels import counted, readable
from runner.results.sweep import Sweep
from runner.search.avoid import to_avoid
from runner.search.confirm import confirm_folder
from runner.search.confirmed import heading, say_confirmed
from runner.search.rounds import Search
from runner.search.table import write_table
from runner.sweep.conclude import write_results
from runner.sweep.console import console
from runner.sweep.point_table import Point, PointTable
from runner.sweep.summary_output import say_failures, say_files, say_next

SHOWN = 8
MOST_ASKING = 0.1  # of the time


def conclude_search(search: Search) -> None:
    """Write what a search found, however it ended, and tell of it."""
    folder = search.place.folder
    if not (folder / HIDDEN / "sweep.json").is_file():  # ended before its first round was set out
        _say_left(search, None)
        return
    own = write_table(search)
    sweep, written = write_results(folder)
    _say_trials(search)
    _say_diverged(search)
    _say_asking(search)
    say_failures(sweep.runs)
    say_files(folder, [own, *written])
    confirmed = confirm_folder(folder, len(search.outcomes))
    found = write_results(confirmed) if (confirmed / HIDDEN / "sweep.json").is_file() else None
    if found:
        console().print()
        say_confirmed(search, found[0])
        say_files(confirmed, found[1])
    if not _say_left(search, found[0] if found else None):
        say_next(folder, sweep.runs)


def _say_left(search: Search, confirmed: Sweep | None) -> bool:
    """Tell what was not done and how to go on, and return whether there is any such thing."""
    left = search.settings.trials - len(search.outcomes)
    if left > 0 and not search.stopped:
        told = f"{left} of {search.settings.trials} points were not tried."
    elif search.best(search.settings.confirm.points) and not _is_complete(confirmed):
        told = "Not all of the best points were confirmed."
    else:
        return False
    again = shlex.quote(nearby(search.place.folder.resolve()))
    console().print(f"{told} To resume:")
    console().print(escape(f"  python -m runner --resume {again}"), soft_wrap=True)
    return True


def _is_complete(confirmed: Sweep | None) -> bool:
    return confirmed is not None and all(run.status not in UNFINISHED for run in confirmed.runs)


def _say_trials(search: Search) -> None:
    """Tell what became of the points, and show the best that were trained to the end."""
    out, monitor = console(), search.place.monitor.column
    counts = Counter(outcome.status for outcome in search.outcomes.values())
    told = ", ".join(f"{number} {status}" for status, number in counts.most_common())
    points, rounds = counted(len(search.outcomes), "point"), counted(len(search.rounds), "round")
    out.print(f"{points} in {rounds}: {told}.")
    best = search.best()
    if not best:
        out.print("No point was trained to the end.")
        return
    goals = search.place.goals
    what = _of_front(best, monitor) if len(goals) > 1 else f"The best by {monitor}"
    out.print(f"{what}, at the best epoch, on the seeds of the search:")
    keys = [dimension.key for dimension in search.request.dimensions]
    shown = []
    for number in best[:SHOWN]:
        reached = map(readable, search.outcomes[number].values or ())
        shown.append(Point(search.values(number), [*reached], str(number)))
    PointTable(keys, [*map(heading, goals)], shown, "trial").show(out)


def _of_front(front: Sequence[int], first_goal: str) -> str:
    """Say that these points are the Pareto front, or how many of it they are."""
    if len(front) <= SHOWN:
        return "The Pareto front"
    return f"The first {SHOWN} by {first_goal} of {len(front)} points on the Pareto front"


def _say_diverged(search: Search) -> None:
    """Tell the values that nobody should try again."""
    numbers = sorted(search.outcomes)
    points = [search.values(number) for number in numbers]
    diverged = [search.outcomes[number].status == Status.DIVERGED for number in numbers]
    for words in to_avoid(search.request.dimensions, points, diverged):
        console().print(escape(f"{words}."))


def _say_asking(search: Search) -> None:
    """Tell where asking for points took long, and what asks at once."""
    share = sum(one.asking for one in search.rounds) / max(search.seconds, 1e-9)
    name = search.settings.sampler
    if share > MOST_ASKING and name not in ("sobol", "random"):
        console().print(
            f"Asking for points took {share:.0%} of the time: {NODE}.sampler=sobol asks at once."
        )
