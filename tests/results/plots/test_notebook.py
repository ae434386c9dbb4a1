"""The figures of a frame, or of any part of it, as a notebook asks for them."""

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

from runner.errors import RequestError
from runner.results import load, plots
from runner.results.plots.notebook import view_of

DRAW: dict[str, Callable[..., Figure]] = {
    "curves": plots.curves,
    "by_value": lambda frame, metric=None: plots.by_value(frame, "a.b", metric),
    "heat_map": lambda frame, metric=None: plots.heat_map(frame, "a.b", "c", metric),
}
every_figure = pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)


@pytest.fixture
def frame(folders: Any) -> pd.DataFrame:
    points = [{"a.b": a, "c": c, "seed": s} for a in (0.1, 1) for c in ("x", "y") for s in (0, 1)]
    return load(folders.sweep("sweep", points))


def picture(figure: Figure) -> bytes:
    """What a notebook shows of a figure, once it was seen to be a picture with something in it."""
    shown: bytes = figure._repr_png_()  # type: ignore[attr-defined]
    assert imread(BytesIO(shown)).std() > 0
    return shown


@every_figure
def test_a_figure_shows_itself(frame: pd.DataFrame, draw: Any) -> None:
    figure = draw(frame)
    assert type(figure) is Figure
    assert picture(figure) == picture(draw(frame))
    assert picture(pickle.loads(pickle.dumps(figure)))


@every_figure
def test_the_frame_stays_as_it_was(frame: pd.DataFrame, draw: Any) -> None:
    before = copy.deepcopy(frame)
    draw(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert frame.attrs == before.attrs


@every_figure
def test_order_index_and_repetition_of_rows_change_nothing(frame: pd.DataFrame, draw: Any) -> None:
    mixed = pd.concat([frame.sort_values("test/loss"), frame.iloc[:5]]).set_index(frame.columns[0])
    mixed = mixed.reset_index().sample(frac=1, random_state=0)
    view, same = view_of(frame, None, []), view_of(mixed, None, [])
    columns = ["run_dir", "a.b", "c", "epoch", "test/loss"]
    for part in ("runs", "curves"):
        one, two = (getattr(s, part)[columns] for s in (view, same))
        both = (x.sort_values(columns[::3]).reset_index(drop=True) for x in (one, two))
        pd.testing.assert_frame_equal(*both)
    assert picture(draw(frame.sort_index(ascending=False)))


@every_figure
@pytest.mark.parametrize(
    "again", [lambda f: f, copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))]
)
def test_a_figure_is_saved_whole(
    frame: pd.DataFrame, draw: Any, again: Any, tmp_path: Path
) -> None:
    figure = again(draw(frame))
    figure.savefig(tmp_path / "a.png")
    figure.savefig(tmp_path / "canvas.png", bbox_inches=figure.bbox_inches, pad_inches=0)
    saved, canvas = (imread(tmp_path / name) for name in ("a.png", "canvas.png"))
    whole = figure.get_tightbbox()
    assert saved.shape[0] >= whole.height * figure.dpi
    assert saved.shape[1] >= whole.width * figure.dpi
    assert saved.shape[0] > canvas.shape[0] - 1 == int(figure.bbox.height) - 1
    edge = np.concatenate([saved[:5].ravel(), saved[-5:].ravel(), saved[:, -5:].ravel()])
    assert (edge == 1).all()


def test_a_long_title_is_broken(folders: Any) -> None:
    names = {"dataset": {"name": "a-table-of-house-prices"}, "model": {"name": "a-large-network"}}
    points = [{"optim.weight_decay": a, "c": c, "d": a * c} for a in (1, 2) for c in range(7)]
    frame = load(folders.sweep("sweep", points, config=names))
    figure = plots.by_value(frame, "optim.weight_decay", "train/accuracy")
    title = figure.findobj(Text, include_self=False)
    longest = max((t for t in title if "house" in t.get_text()), key=lambda t: len(t.get_text()))
    assert longest.get_window_extent().width < 1.2 * figure.bbox.width
    assert longest.get_text().count("\n") == 2


def test_a_key_of_one_value_is_said_to_have_it(folders: Any) -> None:
    own = {"optim": {"name": "sgd", "lr": 0.1}}
    frame = load(folders.sweep("sweep", [{"a.b": 1}, {"a.b": 2}], config=own))
    with pytest.raises(RequestError) as fault:
        plots.heat_map(frame, "optim.lr", "a.b")
    assert str(fault.value) == (
        "'optim.lr' has one value in these runs, 0.1, and no column. Allowed: a.b, seed, sweep."
    )
    folders.run("sweep/2", {"a.b": 3}, config={"optim": {"name": "adam", "lr": 0.001}})
    with pytest.raises(RequestError, match=r"There is no key 'optim.lr'"):
        plots.heat_map(load(folders.root / "sweep"), "optim.lr", "a.b")


def test_data_drawn_again_with_the_seed_makes_no_points(folders: Any, said: Any) -> None:
    points = [{"a.b": b, "seed": s, "dataset.seed": s} for b in (1, 2) for s in (0, 1, 2)]
    frame = load(folders.sweep("sweep", points))
    assert view_of(frame, None, []).keys == ["a.b"]
    assert "3 data sets and seeds each" in said(plots.by_value(frame, "a.b"))
    assert view_of(frame, None, ["dataset.seed"]).keys == ["a.b", "dataset.seed"]


def test_a_part_draws_only_its_runs_and_epochs(frame: pd.DataFrame, said: Any) -> None:
    part = frame[(frame["a.b"] < 0.5) & (frame["epoch"] <= 2)]
    view = view_of(part, None, [])
    assert view.keys == ["c"]
    assert sorted(view.runs["run_dir"]) == sorted(part["run_dir"].unique())
    assert set(view.runs["epoch"]) == {2}
    assert len(view.curves) == len(part)
    text = said(plots.curves(part))
    assert "digits, mlp: learning curves by c" in text
    assert "2 seeds each" in text
    assert "0.1" not in said(plots.by_value(part, "c"))
    assert picture(plots.by_value(part.query("c == 'x'"), "a.b"))


def test_points_are_the_means_of_the_frame(frame: pd.DataFrame) -> None:
    last = frame[frame["epoch"] == 3]
    means = last[last["c"] == "x"].groupby("a.b")["test/loss"].mean().tolist()
    drawn = [line.get_ydata() for line in plots.by_value(frame, "a.b", "test/loss").axes[0].lines]
    assert any(list(line) == pytest.approx(means, rel=1e-12) for line in drawn)
    cells = plots.heat_map(frame, "c", "a.b", "test/loss").axes[0].images[0].get_array()
    assert cells is not None
    assert cells[0].tolist() == pytest.approx(means, rel=1e-12)


def test_one_run_has_all_its_splits(frame: pd.DataFrame, said: Any) -> None:
    one = frame[frame["job"] == 3]
    text = said(plots.curves(one))
    for expected in ("digits, mlp, seed 1", "loss (cross-entropy)", "train", "test", "accuracy"):
        assert expected in text
    assert "test loss" in said(plots.curves(one, "test/loss"))
    assert picture(plots.heat_map(one, "a.b", "c"))


@every_figure
def test_a_frame_without_its_attrs_is_drawn_the_same(frame: pd.DataFrame, draw: Any) -> None:
    bare = pd.DataFrame(frame.to_dict("list"))
    assert not bare.attrs
    for metric in (None, "test/loss"):
        one, two = draw(frame, metric), draw(bare, metric)
        for first, second in zip(one.axes, two.axes, strict=True):
            assert first.get_yscale() == second.get_yscale()
            assert first.get_ylim() == second.get_ylim()


def test_losses_of_classes_are_on_a_line_and_of_numbers_on_a_log_scale(
    frame: pd.DataFrame, folders: Any
) -> None:
    assert plots.curves(frame, "test/loss").axes[1].get_yscale() == "linear"
    points = [{"a.b": 1}, {"a.b": 2}]
    numbers = load(folders.sweep("numbers", points, task="numbers"))
    assert view_of(numbers, None, []).metric == "test/loss"
    assert plots.curves(numbers).axes[1].get_yscale() == "log"
    assert plots.by_value(numbers, "a.b", "model/weight_norm").axes[0].get_yscale() == "linear"


def test_runs_that_did_not_end_are_counted(folders: Any, frame: pd.DataFrame, said: Any) -> None:
    folders.run("sweep/8", {"a.b": 1, "c": "x", "seed": 2}, status="failed")
    frame = load(folders.root / "sweep")
    for draw in DRAW.values():
        assert "1 failed of 9 runs" in said(draw(frame))
    assert "failed" not in said(plots.by_value(frame[frame["status"] == "ok"], "a.b"))
    with pytest.raises(RequestError, match="None of these runs has a metric"):
        plots.curves(frame[frame["status"] == "failed"])


def test_runs_that_all_diverged_are_drawn_up_to_there(
    folders: Any, make_curve: Any, said: Any
) -> None:
    for job in range(2):
        rows = make_curve(2)[: job + 1]
        rows[-1] |= dict.fromkeys(("test/loss", "test/accuracy"), float("nan"))
        folders.run(f"sweep/{job}", {"a.b": job}, rows, status="diverged")
    frame = load(folders.root / "sweep")
    assert "2 diverged of 2 runs" in said(plots.curves(frame))
    assert picture(plots.by_value(frame, "a.b"))
    first = frame[frame["job"] == 0]
    assert "no finite test accuracy" in said(plots.curves(first, "test/accuracy")).replace("/", " ")
    assert picture(plots.curves(first))


def test_failures_alone_have_nothing_to_show(folders: Any) -> None:
    folders.run("sweep/0", {"a.b": 1}, status="failed")
    with pytest.raises(RequestError, match="None of these runs has a metric"):
        plots.curves(load(folders.root / "sweep"))


def test_the_same_run_in_two_sweeps_is_told_apart_by_them(folders: Any, said: Any) -> None:
    for name in ("day/first", "day/second"):
        (folders.root / "day").mkdir(exist_ok=True)
        folders.sweep(name, [{"a.b": a, "seed": s} for a in (1, 2) for s in (0, 1)])
    for frame in (
        load(folders.root),
        pd.concat([load(folders.root / "day" / name) for name in ("first", "second")]),
    ):
        view = view_of(frame, None, [])
        assert view.keys == ["a.b", "sweep"]
        assert set(view.runs["sweep"]) == {"first", "second"}
        assert "first" in said(plots.by_value(frame, "a.b"))
    apart = frame.assign(seed=frame["seed"] + 2 * frame["run_dir"].str.contains("second"))
    assert view_of(apart, None, []).keys == ["a.b"]


def test_runs_without_the_metric_are_left_out_and_counted(
    folders: Any, make_curve: Any, said: Any
) -> None:
    folders.sweep("classes", [{"a.b": 1}, {"a.b": 2}])
    rows = [{k: v for k, v in row.items() if "accuracy" not in k} for row in make_curve(3)]
    own = {"dataset": {"name": "linear"}, "model": {"name": "linreg"}}
    for job, status in enumerate(("ok", "diverged")):
        point = {"c": job, "seed": job}
        folders.run(f"numbers/{job}", point, rows, task="numbers", config=own, status=status)
    frame = load(folders.root)
    text = said(plots.curves(frame))
    assert "digits, mlp (2 runs without test/accuracy left out): learning curves by a.b" in text
    assert "diverged" not in text
    assert "left out" not in said(plots.curves(frame, "test/loss"))
    assert "linear, linreg" in said(plots.curves(frame[frame["dataset"] == "linear"]))


def test_any_column_with_one_value_a_run_is_a_key(frame: pd.DataFrame, said: Any) -> None:
    own = frame.assign(half=frame["a.b"] / 2)
    assert "by half" in said(plots.by_value(own, "half"))
    for key in ("seed", "sweep"):
        assert f"by {key}" in said(plots.by_value(frame, key))


def test_frames_put_together_keep_all_their_keys(folders: Any) -> None:
    folders.sweep("x", [{"a.b": a} for a in (1, 2)])
    folders.sweep("y", [{"optim": a} for a in ("sgd", "adam")])
    frame = pd.concat([load(folders.root / name) for name in "xy"])
    assert set(view_of(frame, None, []).keys) == {"a.b", "optim"}


FAULTS: dict[str, tuple[Callable[[pd.DataFrame], Any], str]] = {
    "metric": (lambda f: plots.curves(f, "test/acuracy"), "did you mean 'test/accuracy'?"),
    "metric in all": (lambda f: plots.curves(f, "val/loss"), "no metric 'val/loss'"),
    "epoch": (lambda f: plots.curves(f, "epoch"), "no metric 'epoch'"),
    "words": (lambda f: plots.curves(f, "c"), "no metric 'c'"),
    "key": (lambda f: plots.by_value(f, "a.c"), "did you mean 'a.b'?"),
    "no key": (lambda f: plots.by_value(f, "test/loss"), "Allowed: a.b, c, seed, sweep."),
    "lr": (lambda f: plots.by_value(f, "epoch"), "no key 'epoch'"),
    "twice": (lambda f: plots.heat_map(f, "c", "c"), "two different keys"),
    "empty": (lambda f: plots.curves(f[f["a.b"] > 5]), "The frame is empty"),
    "foreign": (lambda f: plots.curves(pd.DataFrame({"x": [1]})), "no column 'job' or 'run_dir'"),
    "columns": (lambda f: plots.curves(f.drop(columns="status")), "no column 'status'"),
    "metrics": (lambda f: plots.curves(f.loc[:, :"lr"]), "has a metric to show"),
    "path": (lambda f: plots.curves("outputs"), "not a str"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_one_sentence(frame: pd.DataFrame, name: str) -> None:
    ask, expected = FAULTS[name]
    with pytest.raises(RequestError) as fault:
        ask(frame)
    assert len(fault.value.sentences) == 1
    assert expected in str(fault.value)


def test_import_is_light_and_nothing_needs_torch(folders: Any) -> None:
    folder = folders.sweep("sweep", [{"a.b": 1}, {"a.b": 2}])
    code = (
        "import sys; from runner.results import load, plots; import runner.results as r\n"
        "assert not {'pandas', 'matplotlib', 'numpy'} & set(sys.modules)\n"
        f"frame = load({str(folder)!r}); assert 'matplotlib' not in sys.modules\n"
        "r.plots.curves(frame), plots.by_value(frame, 'a.b')\n"
        "plots.heat_map(frame, 'a.b', 'seed')\n"
        "assert not {'torch', 'matplotlib.pyplot'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[3])


def test_figures_are_drawn_on_axes_of_ones_own_with_a_title_or_none(frame: pd.DataFrame) -> None:
    own, (left, right) = pyplot.subplots(1, 2)
    try:
        assert plots.curves(frame, ax=left, title="mine") is own
        assert left.get_title(loc="left") == "mine"
        assert left.get_ylabel().startswith("test accuracy")
        assert left.get_legend() is not None
        assert plots.by_value(frame, "a.b", ax=right, title=None) is own
        assert right.get_title(loc="left") == ""
        assert right.lines
    finally:
        pyplot.close(own)
    assert plots.by_value(frame, "a.b", title=False).get_suptitle() == ""
    assert plots.by_value(frame, "a.b", title="A $ sign").get_suptitle() == r"A \$ sign"
