"""The best points of a search, trained again: the best of many values flatters itself."""

from itertools import chain
from pathlib import Path

from runner.request.files import write_jobs
from runner.request.validate import repeated
from runner.search.rounds import Search
from runner.sweep.job import checked
from runner.sweep.launch import set_out, train
from runner.sweep.resume import relaunch


def confirm_folder(folder: Path, trials: int) -> Path:
    """Return the folder of the sweep that confirms the best of so many points."""
    return folder / f"confirm-{trials}"


def confirm(search: Search) -> Path | None:
    """Train the best points again, to the end, on seeds that the search has not seen.

    They are a sweep of their own, in a folder of the search's: its tables are what is told of them.

    Returns:
        Its folder; None where no point was trained to the end, or none is to be confirmed.

    Raises:
        KeyboardInterrupt: It was asked to end; what was begun can go on.
    """
    wanted = search.request.settings.confirm.points
    best = search.best(wanted)
    if not best:
        return None
    folder = confirm_folder(search.place.folder, len(search.outcomes))
    if not (folder / ".runner" / "sweep.json").is_file():
        _set_out(search, best, folder)
    else:
        relaunch(folder, search.place.launching)
    display, seeds = search.place.display, search.request.settings.confirm.seeds
    points = "the best point" if len(best) == 1 else f"the best {len(best)} points"
    display.tell(f"Confirming {points} on {seeds} fresh seeds each.")
    display.expect(len(best) * seeds, "confirming: ")
    train(folder, display)
    return folder


def _set_out(search: Search, best: list[int], folder: Path) -> None:
    composer, seeds = search.place.composer, search.request.settings.confirm.seeds
    points = []
    for number in best:
        overrides = search.request.overrides(search.values(number))
        config = composer.point(overrides).config
        first = {"seed": config.seed + config.repeats}
        if config.repeats_of == "data":
            first["dataset.seed"] = config.dataset.seed + config.repeats
        rest = [o for o in overrides if o.partition("=")[0] not in (*first, "repeats")]
        fresh = [*rest, *(f"{key}={value}" for key, value in first.items()), f"repeats={seeds}"]
        points.append(repeated(composer, composer.point(fresh)))
    runs = list(chain.from_iterable(points))
    places = [folder / str(job) for job in range(len(runs))]
    configs = checked(runs)
    write_jobs(folder, [run.overrides for run in runs])  # first: a plan says that all is there
    set_out(folder, runs, configs, places, search.place.launching, is_sweep=True)
