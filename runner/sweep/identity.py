"""What a run's summary says of it besides its results: what ran, on what, with which versions."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

import runner
from runner.build import build_device
from runner.config import Config
from runner.losses.per_example import AutoLoss
from runner.places import PACKAGE
from runner.registry import find
from runner.results.configs import flatten


def identity(config: Config, defaults: Mapping[str, Any], width: int) -> dict[str, Any]:
    """Return what a run's summary says of it besides its results.

    Args:
        config: The run's config.
        defaults: The same without what was asked for, see ``runner.sweep.points.Point``.
        width: How many runs train together.
    """
    device = build_device(config)
    task = find("dataset", config.dataset["name"]).task_of(config.dataset)
    loss = config.loss["name"]
    return {
        "seed": config.seed,
        "signature": config.signature,
        "task": task,
        "loss": AutoLoss.stands_for[task] if loss == "auto" else loss,
        "device": device_name(device.resolve()),
        "width": width,
        "threads": None,
        "started": f"{datetime.now().astimezone():%Y-%m-%dT%H:%M:%S%z}",
        "defaults": replaced(config, defaults),
        "machine": machine(),
        "versions": versions(),
        "git": revision(),
    }


def replaced(config: Config, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults that a run does not have, by dotted name; a component by its group."""
    standard = dict(flatten(defaults))
    own = flatten(config.model_dump(exclude={"repeats", "logger"}))
    differing = {key: standard[key] for key, value in own if standard.get(key, value) != value}
    return {key.removesuffix(".name"): value for key, value in differing.items()}


def device_name(device: torch.device) -> str:
    """Return a device's name, with the model of a GPU."""
    return f"cuda ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else device.type


@cache
def machine() -> str:
    """Return what the figures of speed were measured on: processor, cores, system."""
    info = Path("/proc/cpuinfo")
    told = info.read_text(errors="replace") if info.is_file() else ""
    named = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    processor = named[1].strip() if named else platform.processor() or platform.machine()
    cores = os.cpu_count() or 1
    return f"{processor}, {cores} core{'s' * (cores > 1)}, {platform.system()}"


@cache
def versions() -> dict[str, str]:
    """Return the versions of what the results depend on."""
    names = ("torch", "numpy", "hydra-core")
    return {"runner": runner.__version__, "python": platform.python_version()} | {
        name: version(name) for name in names
    }


@cache
def revision() -> str | None:
    """Return the git revision of the program's checkout; None where there is none."""
    command = ["git", "-C", str(PACKAGE), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()
