"""What was asked for, as files: of each run, and of a sweep."""

import pickle
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import yaml
from omegaconf import DictConfig, OmegaConf

from runner.atomic_write import write_whole
from runner.hydra_compat import string_representer
from runner.request.points import RequestedRun


def request_files(point: RequestedRun) -> dict[str, str]:
    """Return what was asked for as the files of ``.hydra/``, as Hydra's own launcher writes them.

    Returns:
        Name to text: ``config.yaml`` and ``overrides.yaml``.
    """
    config = "".join(_part({key: value}) for key, value in point.plain.items())
    overrides = "".join(_part([override]) for override in point.overrides)
    return {"config.yaml": config, "overrides.yaml": overrides or as_yaml([])}


def _part(content: object) -> str:
    """Write a key with its value, or an item: the runs of a sweep have most of them in common."""
    return _written(pickle.dumps(content))


@lru_cache(maxsize=4096)
def _written(pickled: bytes) -> str:
    return as_yaml(pickle.loads(pickled))


def write_jobs(folder: Path, jobs: Sequence[Sequence[str]]) -> None:
    """Write what each job of a sweep is asked for: jobs that never begin leave no other trace."""
    text = as_yaml([list(overrides) for overrides in jobs])
    write_whole(folder / "jobs.yaml", text.encode())


def write_multirun(folder: Path, config: DictConfig, task: Sequence[str]) -> None:
    """Write a sweep's config as Hydra composed it, with all that was typed.

    Args:
        folder: That of the sweep, which is made where there is none.
        config: Hydra's, whole; it knows of what it was handed, and from here on of all.
        task: What was typed, Hydra's own keys excepted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config.hydra.overrides.task = list(task)
    OmegaConf.save(config, folder / "multirun.yaml")


def as_yaml(content: object) -> str:
    """Write YAML as OmegaConf does, six times as fast: by the emitter written in C."""
    return str(yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True))


class _Dumper(getattr(yaml, "CDumper", yaml.Dumper)):  # type: ignore[misc]
    """OmegaConf's dumper, on another emitter."""


_Dumper.add_representer(str, string_representer())
