"""Run folders as training leaves them, written file by file."""

import json
import math
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from matplotlib.figure import Figure
from matplotlib.text import Text

from runner.results.figures import mpl
from runner.results.figures.spec import FigureSpec
from runner.results.measures import Measures
from runner.results.read.runs import read_runs
from runner.results.sweep_view import SweepView, make_view
from runner.results.tables import make_tables

Row = dict[str, float]


def as_text(value: float) -> str:
    return "nan" if math.isnan(value) else repr(value)


def as_json(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


class Folders:
    """Writes run and sweep folders under one root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def metrics(self, folder: Path, rows: list[Row]) -> Path:
        lines = [",".join(rows[0])] + [",".join(map(as_text, row.values())) for row in rows]
        path = folder / "metrics.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    def run(
        self,
        name: str,
        overrides: dict[str, Any] | None = None,
        rows: list[Row] | None = None,
        *,
        status: str = "ok",
        task: str = "classes",
        best: Row | None = None,
        config: dict[str, Any] | None = None,
    ) -> Path:
        folder = self.root / name
        (folder / ".hydra").mkdir(parents=True)
        overrides, rows = overrides or {}, rows or []
        asked = [f"{key}={value}" for key, value in overrides.items()]
        (folder / ".hydra" / "overrides.yaml").write_text(yaml.safe_dump(asked))
        config = config or {"dataset": {"name": "digits"}, "model": {"name": "mlp"}}
        (folder / ".hydra" / "config.yaml").write_text(yaml.safe_dump(config))
        if rows:
            self.metrics(folder, rows)
        last = {key: as_json(value) for key, value in rows[-1].items()} if rows else {}
        losses = {"classes": "cross-entropy", "numbers": "squared", "objective": None}
        summary = {
            "status": status,
            "reason": None,
            "seed": overrides.get("seed", 0),
            "signature": f"s{name}",
            "last": last,
            "best": best,
            "best_metric": "val/loss",
            "task": task,
            "loss": config.get("loss", {}).get("name", losses[task]),
        }
        (folder / "summary.json").write_text(json.dumps(summary))
        return folder

    def sweep(
        self, name: str, points: list[dict[str, Any]], epochs: int = 3, **kwargs: Any
    ) -> Path:
        (self.root / name).mkdir()
        (self.root / name / "multirun.yaml").write_text("hydra: {}\n")
        for job, point in enumerate(points):
            self.run(f"{name}/{job}", point, curve(epochs, offset=0.01 * job), **kwargs)
        return self.root / name

    def search(self, name: str, trials: int = 60, confirmed: int = 2, **options: Any) -> Path:
        """A search over two keys by halving at epochs 1 and 3 of 9, a round of ten points each."""
        folder = self.root / name
        folder.mkdir()
        (folder / "multirun.yaml").write_text("hydra: {}\n")
        found, best = [], math.inf
        for trial in range(trials):
            point = searched_point(trial)
            rung, status = options.get("endings", halved)(trial)
            rows = searched_curve(point, rung)
            best_row = min(rows, key=lambda row: row["val/loss"])
            self.run(f"{name}/{trial}", point, rows, status=status, best=best_row)
            value = best_row["val/loss"]
            best = min(best, value) if status == "ok" else best
            head = [trial, trial // 10, rung, rung, 1.5 * (1 + trial // 10), status]
            told = "" if status == "diverged" else value
            found.append([*head, *point.values(), told, "" if best == math.inf else best])
        columns = [*SEARCH_HEAD, "optim", "optim.lr", "val/loss", "best_so_far"]
        lines = [",".join(map(str, row)) for row in [columns, *found]]
        (folder / "search.csv").write_text("\n".join(lines) + "\n")
        for number in range(confirmed):
            for seed in range(1, 6):
                point = searched_point(number) | {"seed": seed}
                rows = searched_curve(point, 9, 0.001 * seed)
                job = f"{name}/confirm-{trials}/{5 * number + seed - 1}"
                self.run(job, point, rows, best=rows[-1])
        return folder


SEARCH_HEAD = ("trial", "round", "rung", "member_epochs", "seconds", "status")


def searched_point(trial: int) -> dict[str, Any]:
    return {"optim": ["sgd", "adam"][trial % 2], "optim.lr": round(10 ** (-3 + 0.037 * trial), 6)}


def searched_curve(point: dict[str, Any], epochs: int, offset: float = 0.0) -> list[Row]:
    distance = abs(math.log10(point["optim.lr"]) + 1.5) + 0.1 * (point["optim"] == "sgd")
    rows = curve(epochs, offset + 0.1 * distance)
    return [row | {"val/loss": row["test/loss"], "val/accuracy": 0.8} for row in rows]


def halved(trial: int) -> tuple[int, str]:
    """Of each ten points one diverges, one is trained to the end, and the others are let go."""
    endings = {0: (9, "ok"), 1: (3, "pruned"), 2: (3, "pruned"), 9: (1, "diverged")}
    return endings.get(trial % 10, (1, "pruned"))


def curve(epochs: int, offset: float = 0.0) -> list[Row]:
    return [
        {
            "epoch": epoch,
            "step": 10 * epoch,
            "lr": 0.1,
            "train/loss": 1 / epoch + offset,
            "train/accuracy": 0.9 - offset,
            "test/loss": 1.5 / epoch + offset,
            "test/accuracy": 0.8 - offset,
            "model/weight_norm": 1.0,
        }
        for epoch in range(1, epochs + 1)
    ]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


@pytest.fixture
def grid() -> Callable[..., list[dict[str, Any]]]:
    """The points of a grid over some keys."""

    def grid(**keys: Any) -> list[dict[str, Any]]:
        names = [name.replace("__", ".") for name in keys]
        return [dict(zip(names, values, strict=True)) for values in product(*keys.values())]

    return grid


@pytest.fixture
def make_curve() -> Callable[..., list[Row]]:
    return curve


@pytest.fixture
def said() -> Callable[[Figure | FigureSpec], str]:
    """All that a figure says, drawn if it is but a specification."""

    def said(figure: Figure | FigureSpec) -> str:
        figure = mpl.draw(figure) if isinstance(figure, FigureSpec) else figure
        return "\n".join(text.get_text() for text in figure.findobj(Text))

    return said


@pytest.fixture
def view_of() -> Callable[[Path], SweepView]:
    """The sweep in a folder, made ready for drawing."""

    def view_of(folder: Path) -> SweepView:
        found = read_runs(folder)
        view = make_view(found, make_tables(found), Measures.of(found))
        assert view is not None
        return view

    return view_of
