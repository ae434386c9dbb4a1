"""Trains the points of a request: group by group, each member into its own folder."""

import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import yaml
from omegaconf import OmegaConf
from omegaconf._utils import get_omega_conf_dumper

from runner.build import build_device, build_group
from runner.config import Config
from runner.engine.cost import deterministic, threads
from runner.engine.group import Group
from runner.engine.predictions import write_predictions
from runner.engine.recorder import Recorder
from runner.engine.rng import isolated
from runner.engine.train import Training
from runner.results.plots import draw_run
from runner.sweep.identity import identity
from runner.sweep.plan import Plan, plan, thread_count
from runner.sweep.points import Point
from runner.sweep.screen import Screen


def train_points(
    points: Sequence[Point],
    configs: Sequence[Config],
    folders: Sequence[Path],
    width: int | str,
    screen: Screen,
    plots_by_default: bool,
) -> list[Recorder]:
    """Train points in as few loops as they fit in; every run gets its own files.

    Args:
        points: What to run.
        configs: The points' configs, checked.
        folders: Where each point's files go.
        width: The largest group, or ``"auto"``.
        screen: Tells the person.
        plots_by_default: Whether ``plots=auto`` means plots of each run.

    Returns:
        The record of each run, in order.
    """
    plans = plan(configs, width)
    screen.planned(plans)
    recorders: dict[int, Recorder] = {}
    try:
        for group in plans:
            recorders |= open_recorders(group, points, configs, folders)
            train_group(group, configs, recorders, screen, plots_by_default)
    except KeyboardInterrupt:
        for group in plans:
            missing = tuple(job for job in group.jobs if job not in recorders)
            recorders |= open_recorders(replace(group, jobs=missing), points, configs, folders)
        _end(
            recorders.values(), "interrupted", "The command was interrupted before this run began."
        )
        raise
    return [recorders[job] for job in range(len(points))]


def open_recorders(
    group: Plan, points: Sequence[Point], configs: Sequence[Config], folders: Sequence[Path]
) -> dict[int, Recorder]:
    """Make the folders of a group's runs, say in each what was asked for, and open its records."""
    recorders = {}
    for job in group.jobs:
        write_request(points[job], folders[job])
        recorders[job] = Recorder(folders[job], identity(configs[job], len(group.jobs)))
        recorders[job].log(f"group of {len(group.jobs)}: {group.why}")
    return recorders


def train_group(
    plan: Plan,
    configs: Sequence[Config],
    recorders: Mapping[int, Recorder],
    screen: Screen,
    plots_by_default: bool,
) -> None:
    """Train one group; whatever goes wrong in it ends its own runs alone."""
    mine, asked = [recorders[job] for job in plan.jobs], configs[plan.jobs[0]].plots
    draws = plots_by_default if asked == "auto" else bool(asked)
    try:
        group = _train([configs[job] for job in plan.jobs], mine, screen)
        if draws:
            _draw(group, mine)
    except torch.OutOfMemoryError as error:
        _end(mine, "oom", f"The group did not fit in memory: {error}")
    except Exception as error:
        for recorder in mine:
            recorder.log(traceback.format_exc())
        _end(mine, "failed", f"{type(error).__name__}: {error}")
    screen.ended(mine)


def write_request(point: Point, folder: Path) -> None:
    """Write what was asked for into ``.hydra/``, as Hydra's own launcher does."""
    hydra = folder / ".hydra"
    if hydra.is_dir():
        return
    hydra.mkdir(parents=True, exist_ok=True)
    config = OmegaConf.to_container(point.config, resolve=False)
    (hydra / "config.yaml").write_text(_yaml(config), encoding="utf-8")
    (hydra / "overrides.yaml").write_text(_yaml(list(point.overrides)), encoding="utf-8")


def _yaml(content: Any) -> str:
    """Write YAML as OmegaConf does, six times as fast: by the emitter written in C."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


class _Dumper(getattr(yaml, "CDumper", yaml.Dumper)):  # type: ignore[misc]
    """OmegaConf's dumper, on another emitter."""


_Dumper.add_representer(str, get_omega_conf_dumper().str_representer)


def _train(configs: Sequence[Config], recorders: Sequence[Recorder], screen: Screen) -> Group:
    """Train a group to its end and return what is left of it: diverged members have gone."""
    group = build_group(configs, recorders)
    number = thread_count(configs[0], group)
    for recorder in recorders:
        recorder.identity["threads"] = number
    # Layers that draw from the global generator get a seed of their own; only one run can.
    alone = isolated(configs[0].seed, "global", group.device) if len(group) == 1 else nullcontext()
    with threads(number), deterministic(build_device(configs[0]).deterministic), alone:
        screen.began(group, number)
        training = Training(group, screen)
        training.run()
    return training.group


def _draw(group: Group, recorders: Sequence[Recorder]) -> None:
    if len(group):
        write_predictions(group)
    for recorder in recorders:
        draw_run(recorder.folder)


def _end(recorders: Iterable[Recorder], status: str, reason: str) -> None:
    for recorder in recorders:
        if recorder.status is None:
            recorder.finish(status, 0.0, 0, reason)
