import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from runner.results.figures import mpl
from runner.results.figures.heat_maps import heat_map
from runner.results.figures.run_curves import run_curves
from runner.results.figures.sweep_curves import sweep_curves
from runner.results.figures.values import by_value
from runner.results.plots.draw import draw_run, draw_sweep, run_title
from runner.results.plots.predictions import (
    FITTED,
    confusion_matrix,
    fitted_values,
    wrong_images,
)
from runner.results.read.runs import read_run
from runner.results.sweep import read_sweep, write_tables


def predictions(wrong: int = 3) -> dict[str, Any]:
    targets = np.arange(30) % 3
    predicted = targets.copy()
    predicted[:wrong] = (predicted[:wrong] + 1) % 3
    return {
        "targets": targets,
        "predicted": predicted,
        "confidence": np.full(30, 0.9),
        "classes": np.array(["cat", "dog", "a$x$"]),
        "wrong_images": np.random.default_rng(0).random((wrong, 1, 8, 8)),
        "wrong_targets": targets[:wrong],
        "wrong_predicted": predicted[:wrong],
        "wrong_confidence": np.linspace(0.97, 0.5, wrong),
        "split": np.array("test"),
    }


def drawn(paths: list[Path]) -> set[str]:
    """The names of figures, once each was seen to be a picture with something in it."""
    assert all(imread(path).std() > 0 for path in paths)
    return {path.name for path in paths}


def test_run_of_classes(folders: Any, make_curve: Any) -> None:
    folder = folders.run("run", {}, make_curve(3), best={"epoch": 2})
    assert drawn(draw_run(read_run(folder))) == {"curves.png"}
    np.savez(folder / "predictions.npz", **predictions())
    assert drawn(draw_run(read_run(folder))) == {"curves.png", "confusion.png", "wrong.png"}


def test_run_of_numbers(folders: Any, make_curve: Any) -> None:
    rows = [{k: v for k, v in row.items() if "accuracy" not in k} for row in make_curve(3)]
    folder = folders.run("run", {}, rows, task="numbers")
    numbers = np.linspace(-1, 1, 9)
    np.savez(folder / "predictions.npz", targets=numbers, predicted=numbers + 0.1, split="val")
    assert drawn(draw_run(read_run(folder))) == {"curves.png", "fitted.png"}


def test_fitted_against_true_is_square_and_names_the_target(folders: Any, make_curve: Any) -> None:
    """One scale on both axes, so that the line of equal values is the diagonal."""
    folder = folders.run("run", {}, make_curve(3), task="numbers")
    numbers = np.linspace(20, 70, 9)
    np.savez(folder / "predictions.npz", targets=numbers, predicted=numbers / 2, split="test")
    np.savez(folder / "preview.npz", target_name=np.array("price (EUR)"))
    (spec,) = FITTED.draw_run(read_run(folder), "run")
    (panel,) = spec.panels
    assert panel.x.span == panel.y.span and panel.width == panel.height
    diagonal = panel.marks[1]
    assert (diagonal.x == diagonal.y).all() and tuple(diagonal.x) == panel.x.span
    assert panel.x.span[0] < 10 and panel.x.span[1] > 70
    assert (panel.x.label, panel.y.label) == ("true price (EUR)", "fitted price (EUR)")
    (unnamed,) = fitted_values({"targets": numbers, "predicted": numbers}, "run").panels
    assert (unnamed.x.label, unnamed.y.label) == ("true value", "fitted value")


def test_titles_have_the_name_and_all_that_was_set(folders: Any, view_of: Any) -> None:
    path = "/" + "/".join(["a_folder_with_a_long_name"] * 4) + "/houses.csv"
    asked = {"dataset.path": path, "name": "first", "tags": "[exam]", "optim.lr": 0.3}
    for folder in folders.sweep("s", [{**asked, "seed": seed} for seed in (0, 1)]).glob("[01]"):
        told = json.loads((folder / "summary.json").read_text())
        named = json.dumps(told | {"name": "first", "tags": ["exam"]})
        (folder / "summary.json").write_text(named)
    run = read_run(folders.root / "s" / "0")
    assert run_title(run) == (
        f"first [exam]: digits, mlp, seed 0\ndataset.path={path}, optim.lr=0.3"
    )
    assert view_of(folders.root / "s").opening == "first [exam]: digits, mlp: "


def test_curves_say_what_they_show(make_curve: Any, said: Any) -> None:
    summary = {"task": "classes", "loss": "cross-entropy", "best": {"epoch": 2}}
    figure = mpl.draw(run_curves(pd.DataFrame(make_curve(3)), summary, "digits, mlp"))
    text = said(figure)
    for expected in ("digits, mlp", "loss (cross-entropy)", "accuracy", "epoch", "train", "test"):
        assert expected in text
    loss, accuracy = figure.axes
    assert [1, 1 / 2, 1 / 3] in [
        line.get_ydata().tolist() for line in loss.lines if len(line.get_ydata()) > 2
    ]
    assert loss.get_yscale() == accuracy.get_yscale() == "linear"
    numbers = run_curves(pd.DataFrame(make_curve(3)), {"task": "numbers"}, "linear")
    assert numbers.panels[0].y.kind == "log"


def test_curves_have_a_panel_for_each_measure_on_record_or_not(make_curve: Any) -> None:
    rows = [row | {"test/top-2": 0.9, "test/rank": 2.0} for row in make_curve(3)]
    record = {"top-2": {"direction": "higher", "label": "top-2 accuracy", "unit": "fraction"}}
    figure = run_curves(pd.DataFrame(rows), {"task": "classes", "metrics": record}, "digits")
    assert [axes.get_ylabel() for axes in mpl.draw(figure).axes] == [
        *("loss", "accuracy", "top-2 (top-2 accuracy)", "rank")
    ]


def test_nothing_to_show_is_said_in_words(make_curve: Any, said: Any) -> None:
    rows = [row | {"train/loss": math.nan, "test/loss": math.nan} for row in make_curve(1)]
    assert "no finite loss" in said(run_curves(pd.DataFrame(rows), {}, "run"))
    assert "no wrong predictions" in said(wrong_images(predictions(0), "run"))
    nothing = {"targets": np.ones(2), "predicted": np.full(2, math.nan)}
    assert "no finite predictions" in said(fitted_values(nothing, "run"))


def test_confusions_are_counted(said: Any) -> None:
    figure = mpl.draw(confusion_matrix(predictions(3), "run"))
    assert "90.0% of 30 right" in said(figure)
    shares = figure.axes[0].images[0].get_array()
    assert shares is not None
    # Shares of a row add up to one but for rounding.
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-12)
    assert shares[0, 1] == 0.1


def test_mistakes_are_captioned_with_dollars_as_they_are(said: Any) -> None:
    text = said(wrong_images(predictions(3), "run"))
    assert "cat → dog, 97%" in text
    assert r"a\$x\$" in text


SWEEPS: dict[str, list[dict[str, Any]]] = {
    "one run": [{}],
    "seeds alone": [{"seed": seed} for seed in range(3)],
    "numbers with zero": [{"a.b": v, "seed": s} for v in (0, 0.001, 1) for s in range(2)],
    "words": [{"model": m, "optim": o} for m in ("x", "y") for o in ("p", "q", "r")],
    "many": [{"a": v} for v in range(30)],
    "three": [{"a": i, "b": j, "c": "[1,2]" if k else "null"} for i, j, k in np.ndindex(2, 2, 2)],
    "at random": [{"a": float(v), "b": float(v) ** 2} for v in np.linspace(0.1, 1, 30)],
    "partly set": [{"model": "x"}, {"model": "y", "p": 0.5}],
}  # fmt: skip


@pytest.mark.parametrize("task", ["classes", "numbers"])
@pytest.mark.parametrize("name", SWEEPS)
def test_every_kind_of_sweep_is_drawn(folders: Any, name: str, task: str, view_of: Any) -> None:
    folder = folders.sweep("sweep", SWEEPS[name], task=task)
    sweep = read_sweep(folder)
    write_tables(sweep)
    names = drawn(draw_sweep(sweep))
    keys = [key.replace(".", "-") for key in view_of(folder).keys]
    assert {"curves.png", *(f"by_{key}.png" for key in keys)} <= names
    assert len(names) == 1 + len(keys) + len(keys) * (len(keys) - 1) // 2


def test_heat_map_is_named_by_its_keys(folders: Any) -> None:
    assert "heatmap_model_optim.png" in drawn(
        draw_sweep(read_sweep(folders.sweep("s", SWEEPS["words"])))
    )


def test_sweep_with_nothing_finished_draws_nothing(folders: Any) -> None:
    folders.run("sweep/0", {"a": 1}, status="failed")
    assert draw_sweep(read_sweep(folders.root / "sweep")) == []


def test_runs_that_did_not_end_are_counted_and_marked(
    folders: Any, make_curve: Any, said: Any, view_of: Any
) -> None:
    folder = folders.sweep("sweep", [{"a": 1, "b": 1}, {"a": 2, "b": 2}])
    rows = make_curve(2)
    rows[-1] |= {"train/loss": math.nan, "test/loss": math.nan}
    folders.run("sweep/2", {"a": 2, "b": 1}, rows, status="diverged")
    view = view_of(folder)
    for figure in (sweep_curves(view), by_value(view, "a"), heat_map(view, "a", "b")):
        assert "1 diverged of 3 runs" in said(figure)
    assert "1 of 2" in said(by_value(view, "a"))
    assert "cross: none completed; grey: not run" in said(heat_map(view, "a", "b"))


def test_band_and_seeds_are_named(folders: Any, said: Any, view_of: Any) -> None:
    text = said(sweep_curves(view_of(folders.sweep("s", SWEEPS["numbers with zero"]))))
    assert "2 seeds each, line: mean, band: lowest to highest run" in text


def test_points_on_the_plot_are_the_means(folders: Any, view_of: Any) -> None:
    view = view_of(folders.sweep("sweep", SWEEPS["numbers with zero"]))
    figure = mpl.draw(by_value(view, "a.b"))
    means = view.runs.groupby("a.b")["test/accuracy"].mean().tolist()
    lines = [line.get_ydata() for line in figure.axes[0].lines]
    assert any(list(line) == means for line in lines)


def test_few_combinations_of_the_other_keys_have_a_line_each(
    folders: Any, said: Any, view_of: Any
) -> None:
    points = [{"a": a, "b": b, "c": c} for a in (1, 2) for b in (0, 1) for c in ("x", "y")]
    figure = by_value(view_of(folders.sweep("sweep", points)), "a")
    assert figure.legend.title == "b, c"
    assert figure.legend.labels == ["0, x", "0, y", "1, x", "1, y"]
    assert "b, c\n0, x\n0, y\n1, x\n1, y" in said(figure)
    assert "also varying" not in said(figure)


def test_folds_are_judged_by_what_was_set_aside(folders: Any, said: Any, view_of: Any) -> None:
    points = [{"a": a, "dataset.fold": fold} for a in (1, 2) for fold in (0, 1)]
    rows = [{"epoch": 1, "train/loss": 1.0, "val/loss": 2.0, "test/loss": 3.0}]
    for job, point in enumerate(points):
        folder = folders.run(f"sweep/{job}", point, rows, task="numbers")
    view = view_of(folder.parent)
    assert view.metric == "val/loss"
    assert "mean ± std over fold; 2 runs each" in said(by_value(view, "a"))


@pytest.mark.parametrize(("start", "scale"), [(-1.0, "linear"), (1e-3, "log"), (0.0, "linear")])
def test_values_of_a_function_are_no_errors(
    folders: Any, said: Any, view_of: Any, start: float, scale: str
) -> None:
    config = {"dataset": {"name": "none"}, "model": {"name": "point"}, "loss": {"name": "wave"}}
    for job, last in enumerate((start, 5.0)):
        rows = [{"epoch": e, "train/loss": v, "model/x1": v} for e, v in enumerate((90.0, last))]
        point = {"optim.lr": job + 1}
        folder = folders.run(f"sweep/{job}", point, rows, task="objective", config=config)
    view = view_of(folders.root / "sweep")
    by_lr = by_value(view, "optim.lr")
    assert by_lr.panels[0].y.kind == scale
    assert "wave: last f(x) by optim.lr" in said(by_lr)
    curves = run_curves(pd.DataFrame(rows), {"task": "objective", "loss": "wave"}, "run")
    for figure in (by_lr, curves, sweep_curves(view)):
        assert "f(x), wave" in said(figure)
        assert "train" not in said(figure)
    assert "curves.png" in drawn(draw_run(read_run(folder)))
