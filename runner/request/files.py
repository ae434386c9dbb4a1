"""What was asked for, written down before anything starts: of each run, and of a sweep."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from omegaconf import OmegaConf

from runner.atomic_write import write_whole
from runner.hydra_compat import string_representer
from runner.request.points import RequestedRun


def write_request(point: RequestedRun, folder: Path) -> None:
    """Write what was asked for into ``.hydra/``, as Hydra's own launcher does."""
    hydra = folder / ".hydra"
    if hydra.is_dir():
        return
    config = OmegaConf.to_container(point.config, resolve=False)
    texts = {"config.yaml": _yaml(config), "overrides.yaml": _yaml(list(point.overrides))}
    for name, text in texts.items():
        write_whole(hydra / name, text)


def write_jobs(folder: Path, points: Sequence[RequestedRun]) -> None:
    """Write what each job of a sweep is asked for: jobs that never begin leave no other trace."""
    write_whole(folder / "jobs.yaml", _yaml([list(p.overrides) for p in points]))


def _yaml(content: object) -> bytes:
    """Write YAML as OmegaConf does, six times as fast: by the emitter written in C."""
    text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return bytes(text, "utf-8")


class _Dumper(getattr(yaml, "CDumper", yaml.Dumper)):  # type: ignore[misc]
    """OmegaConf's dumper, on another emitter."""


_Dumper.add_representer(str, string_representer())
