"""A study drawn again: the overrides that give it seeds, and data, it was not written with."""

from pathlib import Path

from omegaconf import OmegaConf

from runner.request.command_line import read
from runner.request.validate import check_request

# Draw N of a study has the seeds from FIRST + N·APART on: what a study rests on lies below FIRST,
# and no study has so many repeats that two of its draws share a seed.
FIRST = 100_000
APART = 1_000


def redraw(study: Path, draw: int) -> list[str]:
    """Return what draw N of a study overrides.

    Its ``seed`` is another, and so is its ``dataset.seed`` where its data has one. A study that
    sweeps over one of them sweeps over as many others. A search asks by another seed too.

    Args:
        study: The study's file, in a folder of studies where its name is looked up.
        draw: The draw's number, from 1.

    Raises:
        RequestError: The study cannot be composed.
    """
    request = check_request(read([f"experiment={study.stem}"]))
    swept = OmegaConf.select(OmegaConf.load(study), "hydra.sweeper.params") or {}
    values = {"seed": {point.value("seed") for point in request.points}}
    if all("seed" in point.plain["dataset"] for point in request.points):
        values["dataset.seed"] = {point.value("dataset.seed") for point in request.points}
    first = FIRST + APART * draw
    chosen = [
        f"{key}={','.join(str(first + i) for i in range(len(found) if key in swept else 1))}"
        for key, found in values.items()
    ]
    return chosen + [f"hydra.sweeper.seed={first}"] * bool(request.search or request.population)
