"""What plots need and only torch can tell: right, small, and drawn again from files alone."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from runner.build import load_data
from runner.crew.illustrate import (
    activations,
    grid_values,
    illustrate_run,
    illustrate_sweep,
    preview,
)
from runner.datasets.data import Data, Split
from runner.losses.objectives import Himmelblau, Quadratic
from runner.results.read.runs import read_run
from runner.results.sweep import read_sweep

POINT = ["dataset=none", "model=point"]


def write_run(folder: Path, loss: str, points, overrides="[]") -> Path:
    (folder / ".hydra").mkdir(parents=True)
    (folder / ".hydra" / "config.yaml").write_text(f"loss: {loss}\n")
    (folder / ".hydra" / "overrides.yaml").write_text(f"{overrides}\n")
    (folder / "summary.json").write_text('{"status": "ok", "task": "objective"}')
    names = [f"x{number + 1}" for number in range(len(points[0]))]
    lines = [",".join(["epoch", "train/loss", *names])]
    lines += [",".join(map(str, [i, 0.0, *point])) for i, point in enumerate(points)]
    (folder / "metrics.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_grid_has_x1_across_and_x2_upwards():
    grid = grid_values(Himmelblau(), [(-4, 3), (-2, 2)])
    row, column = 17, 60
    x, y = grid["x1"][column], grid["x2"][row]
    expected = (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
    # Both in float64: they differ by the order of operations alone.
    assert grid["values"][row, column] == pytest.approx(expected, rel=1e-12)
    assert grid["values"][-1, -1] == pytest.approx(0), "f(3, 2) is a minimum"
    line = grid_values(Quadratic(curvatures=[2]), [(-1, 3)])
    assert line["values"] == pytest.approx(2 * line["x1"] ** 2)


@pytest.mark.parametrize(
    ("points", "low", "high"),
    [
        ([[1.0], [0.5]], -5.5, 5.5),  # within the domain
        ([[10.0], [-2.0]], -5.5, 10.0),
        ([[10.0], [1e30], ["nan"]], -5.5, 10.0),  # what is far away is left out
    ],
)
def test_picture_is_as_wide_as_domain_and_path(tmp_path, make_config, points, low, high):
    config = make_config(*POINT, "loss=quadratic", "loss.curvatures=[1]", "model.start=[1]")
    folder = write_run(tmp_path, "{name: quadratic, curvatures: [1]}", points)
    illustrate_run(read_run(folder), load_data(config), config.loss)
    x1 = np.load(folder / "surface.npz")["x1"]
    assert low - 0.5 <= x1[0] <= low
    assert high <= x1[-1] <= high + 0.5


def test_three_coordinates_have_no_picture(tmp_path, make_config):
    node = "{name: quadratic, curvatures: [1, 2, 3]}"
    folder = write_run(tmp_path, node, [[1, 2, 3]])
    config = make_config(*POINT, "loss=quadratic", "loss.curvatures=[1,2,3]", "model.start=[1,2,3]")
    illustrate_run(read_run(folder), load_data(config), config.loss)
    assert not list(folder.glob("*.npz"))


def test_sweep_has_a_picture_for_each_function(tmp_path):
    for job, curvature in enumerate((1, 2, 1)):
        node = f"{{name: quadratic, curvatures: [{curvature}]}}"
        write_run(tmp_path / str(job), node, [[1.0]])
    illustrate_sweep(read_sweep(tmp_path))
    surfaces = [np.load(path) for path in sorted(tmp_path.glob("surface_*.npz"))]
    assert [surface["jobs"].tolist() for surface in surfaces] == [[0, 2], [1]]
    assert [str(surface["name"]) for surface in surfaces] == [
        "quadratic, curvatures=[1]",
        "quadratic, curvatures=[2]",
    ]


def test_sweep_of_something_else_leaves_nothing(tmp_path):
    folder = write_run(tmp_path / "0", "mine", [[1.0]])
    (folder / "summary.json").write_text('{"status": "ok", "task": "classes"}')
    illustrate_sweep(read_sweep(tmp_path))
    assert not list(tmp_path.glob("*.npz"))


def test_swept_activations_are_written(tmp_path):
    for job, name in enumerate(("relu", "tanh", "relu")):
        asked = f"[model.activation={name}]"
        write_run(tmp_path / str(job), "none", [[1.0]], overrides=asked)
    illustrate_sweep(read_sweep(tmp_path))
    assert np.load(tmp_path / "activations.npz")["names"].tolist() == ["relu", "tanh"]


def test_activations_come_with_their_derivatives():
    found = activations(["tanh", "identity"])
    assert found["values"][0] == pytest.approx(np.tanh(found["x"]))
    assert found["slopes"][0] == pytest.approx(1 - np.tanh(found["x"]) ** 2)
    assert found["slopes"][1] == pytest.approx(1)


def test_preview_of_images_shows_them_as_they_are(make_config):
    data = load_data(make_config("dataset=digits", "dataset.augment=[flip]"))
    found = preview(data)
    assert found["images"].dtype == np.uint8
    whole = data.train.inputs[:24].double() * data.scale
    assert found["images"] / 255 == pytest.approx(whole.numpy(), abs=0.5 / 255)
    assert found["counts"].sum(axis=1).tolist() == found["sizes"].tolist()
    mirrored = found["images"][:8][..., ::-1]
    same = [
        (new == old).all() or (new == flipped).all()
        for new, old, flipped in zip(found["augmented"], found["images"], mirrored, strict=False)
    ]
    assert all(same)
    assert len(same) == 8


def test_preview_of_numbers_is_small():
    split = Split(torch.rand(5000, 30), torch.rand(5000, 2))
    found = preview(Data(split, None, split.take(torch.arange(7))))
    assert found["features"] == 30
    assert found["train_inputs"].shape == (1000, 6)
    assert found["test_targets"].shape == (7,)
    assert "val_inputs" not in found


def test_preview_of_standardised_targets_is_in_their_own_units():
    split = Split(torch.zeros(3, 1), torch.tensor([[-1.0], [0.0], [1.0]]))
    mean, std = torch.tensor([50.0]), torch.tensor([2.0])
    found = preview(Data(split, None, None, target_mean=mean, target_std=std))
    assert found["train_targets"].tolist() == [48, 50, 52]


def test_preview_has_the_names_of_columns(make_config, tmp_path):
    (tmp_path / "t.csv").write_text("city,area,price\n" + "Bern,80,1\nOslo,50,2\n" * 5)
    found = preview(load_data(make_config("dataset=csv", f"dataset.path={tmp_path / 't.csv'}")))
    assert found["feature_names"].tolist() == ["city=Bern", "city=Oslo", "area"]
    assert found["target_name"] == "price"


def test_preview_of_features_with_classes(make_config):
    split = Split(torch.rand(9, 4), torch.arange(9) % 3)
    found = preview(Data(split, None, None, classes=("a", "b", "c")))
    assert found["counts"].tolist() == [[3, 3, 3]]
    assert found["train_targets"].tolist() == split.targets.tolist()


@pytest.mark.commands
def test_sweep_of_paths_is_drawn_and_redrawn(tmp_path):
    def call(*argv):
        return subprocess.run(
            [sys.executable, "-m", *argv],
            cwd=tmp_path,
            env={**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1"},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        )

    starts = "model.start=[-4,0],[4,3],[0,0]"
    rest = ["loss=himmelblau", "epochs=5", "optim.lr=0.01", "hydra.sweep.dir=s"]
    call("runner", "-m", *POINT, starts, *rest)
    plots = tmp_path / "s" / "plots"
    first = {path.name: path.read_bytes() for path in plots.iterdir()}
    assert {"path.png", "curves.png", "by_model-start.png"} <= first.keys()
    assert np.load(tmp_path / "s" / "surface_0.npz")["jobs"].tolist() == [0, 1, 2]
    assert "s/plots/path.png" in call("runner.report", "s").stdout
    assert {path.name: path.read_bytes() for path in plots.iterdir()} == first
