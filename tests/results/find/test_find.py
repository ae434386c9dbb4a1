"""Runs and sweeps found by what their small files say."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from runner.errors import RequestError
from runner.results.find.entries import find_entries
from runner.results.find.filters import matching, moment, parse
from runner.results.find.listing import as_csv, changed, lines, ranked, score, states
from runner.results.sweep import read_sweep, write_tables

NOW = datetime.now().astimezone()


def shared(values):
    config = {
        "model": "mlp",
        "model.hidden": [8],
        "optim": "sgd",
        "optim.lr": 0.1,
        "patience": None,
    }
    return config | values


def tell(run: Path, config, *, days=0, val=None, **more):
    """Let a run's summary say what those of today say."""
    summary = json.loads((run / "summary.json").read_text())
    metrics = {"loss": {"direction": "lower"}, "accuracy": {"direction": "higher"}}
    summary |= {"config": shared(config), "metrics": metrics, "name": None, "tags": []}
    summary["started"] = f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%S%z}"
    summary["defaults"] = dict.fromkeys(config)
    if val is not None:
        summary["last"] = {"epoch": 2, "val/loss": 9.0, "val/accuracy": 1 - val}
        summary["best"] = {"epoch": 1, "val/loss": val, "val/accuracy": 1 - val}
    (run / "summary.json").write_text(json.dumps(summary | more))


@pytest.fixture
def shelf(folders, make_curve):
    """Two runs and a sweep of two choices of model, one of which has a key of its own."""
    alone = folders.run("all/2026/alone", {}, make_curve(2))
    tell(alone, {"optim.lr": 0.2, "model.hidden": [8, 4]}, days=1, val=0.5, name="base")
    old = folders.run("all/old", {}, make_curve(2), status="diverged")
    tell(old, {"optim.lr": 0.3}, days=40, name="other", tags=["exam"])
    points = [{"model": "mlp"}, *({"model": "dropout-mlp", "model.dropout": d} for d in (0, 0.5))]
    for job, point in enumerate(p | {"seed": s} for p in points for s in (0, 1)):
        run = folders.run(f"all/sweep/{job}", point, make_curve(2))
        tell(run, point, val=[0.4, 0.6, 0.1, 0.7, 0.3, 0.3][job], name="many", tags=["exam", "x"])
    write_tables(read_sweep(folders.root / "all/sweep"))
    return folders.root / "all"


def names(shelf, *filters):
    found = matching(find_entries(shelf), parse(filters))
    return {entry.summary["name"]: len(entry.runs) for entry in found}


def test_the_newest_stands_first(shelf):
    assert [e.summary["name"] for e in find_entries(shelf)] == ["many", "base", "other"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], {"many": 6, "base": 1, "other": 1}),
        (["optim.lr=0.2"], {"base": 1}),
        (["optim.lr=2e-1"], {"base": 1}),
        (["optim.lr<0.3"], {"many": 6, "base": 1}),
        (["optim.lr>=0.2", "optim.lr!=0.2"], {"other": 1}),
        (["model=dropout-mlp"], {"many": 4}),
        (["model.dropout=0.5"], {"many": 2}),
        (["model.hidden=[8,4]"], {"base": 1}),
        (["model.hidden=[8, 4]"], {"base": 1}),
        (["seed=1"], {"many": 3}),
        (["val/loss<0.45"], {"many": 4}),
        (["val/accuracy>=0.5"], {"many": 4, "base": 1}),
        (["name=ba*"], {"base": 1}),
        (["name!=many"], {"base": 1, "other": 1}),
        (["tag=exam"], {"many": 6, "other": 1}),
        (["tag=exam", "status=ok"], {"many": 6}),
        (["status!=ok"], {"other": 1}),
        (["since=7d"], {"many": 6, "base": 1}),
        (["since=12h"], {"many": 6}),
        ([f"since={NOW - timedelta(days=2):%Y-%m-%d}"], {"many": 6, "base": 1}),
        (["patience=null", "name=base"], {"base": 1}),
        (["model=resnet"], {}),
    ],
)
def test_filters_find(shelf, filters, found):
    assert names(shelf, *filters) == found


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("optim.l=3", "There is no key or metric 'optim.l'; did you mean 'optim.lr'?"),
        ("val/los<1", "There is no key or metric 'val/los'; did you mean 'val/loss'?"),
        ("alone", "'alone' is no filter; write KEY=VALUE, or"),
        ("optim.lr<fast", "'optim.lr<fast' compares with 'fast', which is no number."),
        ("since=yesterday", "'yesterday' is no time; it is an age such as 30m, 12h, 7d or 2w"),
        ("tag<3", "'tag<3' can't be asked; write tag=VALUE."),
        ("status=okay", "There is no status 'okay'; did you mean 'ok'?"),
    ],
)
def test_what_can_not_be_asked_is_one_sentence(shelf, word, said):
    with pytest.raises(RequestError) as caught:
        matching(find_entries(shelf), parse([word]))
    assert str(caught.value).startswith(said) and "\n" not in str(caught.value)


def test_a_run_is_judged_by_its_best_epoch_and_a_sweep_by_its_best_point(shelf):
    many, base, other = find_entries(shelf)
    assert score(base)[:3] == ("val/loss", 0.5, 1)
    assert score(many)[:3] == ("val/loss", pytest.approx(0.3), 2)  # not the one run at 0.1
    assert score(many).place.endswith("sweep/4")
    # No val split: nothing is best, and a diverged run is not judged by it.
    assert score(other, "val/loss") is None
    assert [e.summary["name"] for e in ranked([other, base, many], "val/loss")] == ["many", "base"]
    assert score(many, "val/accuracy").value == pytest.approx(0.7)
    with pytest.raises(RequestError, match="--best test/loss is not allowed"):
        ranked([base], "test/loss")


def test_what_differs_from_the_defaults_and_what_was_swept(shelf):
    many, base, _ = find_entries(shelf)
    assert changed(base) == {"optim.lr": "0.2", "model.hidden": "[8,4]"}
    assert changed(many)["model"] == "mlp,dropout-mlp"
    assert changed(many)["model.dropout"] == "0.0,0.5"
    assert (states(many), states(base)) == ("6 ok", "ok")


def test_a_run_of_a_sweep_by_itself_says_its_seed(shelf):
    many, base, _ = find_entries(shelf)
    told = [changed(run) for run in many.each_run()]
    assert [run["seed"] for run in told] == ["0", "1"] * 3
    assert [changed(run) for run in base.each_run()] == [changed(base)]


def test_what_was_not_trained_to_its_end_is_not_judged(folders):
    """Least of all on the test set: the points of a search that were let go, or diverged."""
    (folders.root / "all").mkdir()
    endings = {"endings": lambda trial: (1, "pruned" if trial % 2 else "diverged")}
    search = folders.search("all/search", trials=6, confirmed=0, **endings)
    write_tables(read_sweep(search))
    (entry,) = find_entries(folders.root / "all")
    assert score(entry) is None
    assert "no run completed" in next(lines(entry))
    for run in entry.each_run():
        assert score(run) is None and score(run, "val/loss") is None
        assert "not completed" in next(lines(run))


def test_a_metric_that_was_not_measured_is_named(shelf):
    assert "no val/f1" in next(lines(find_entries(shelf)[0], "val/f1"))


def test_draws_of_the_data_make_no_points(folders, make_curve):
    """Seeds of the data that go together with seeds repeat a point, as in ``summary.csv``."""
    for job, (rate, seed) in enumerate([(0.1, 0), (0.1, 1), (0.2, 0), (0.2, 1)]):
        point = {"optim.lr": rate, "dataset.seed": seed, "seed": seed}
        tell(folders.run(f"all/sweep/{job}", point, make_curve(2)), point, val=rate + seed)
    write_tables(read_sweep(folders.root / "all/sweep"))
    (entry,) = find_entries(folders.root / "all")
    assert score(entry)[1:3] == (pytest.approx(0.6), 2)
    assert "  best point: optim.lr=0.1; 2 runs" in [*lines(entry)]


def test_a_value_says_of_which_epoch_it_is_and_of_which_point(shelf):
    many, base, other = ([*lines(entry)] for entry in find_entries(shelf))
    assert "val/loss 0.3 (best epoch)" in many[0] and "val/loss 0.5 (best epoch)" in base[0]
    assert "not completed" in other[0] and "loss" not in other[0]  # it diverged
    assert "  best point: model=dropout-mlp, model.dropout=0.5; 2 runs" in many
    assert not any("best point" in line for line in base)
    swept_by_seed = [*lines(find_entries(shelf)[0].each_run()[0])]
    assert not any("best point" in line for line in swept_by_seed)


def test_lines_have_eighty_columns_and_the_table_a_row_each(shelf):
    entries = find_entries(shelf)
    for entry in entries:
        said = [line for line in lines(entry) if "/" not in line.strip().partition(" ")[0]]
        assert all(len(line) <= 80 for line in said)
    assert "many [exam, x]" in next(lines(entries[0]))
    assert as_csv(entries).count("\n") == 1 + len(entries)


def test_a_sweep_that_goes_on_is_read_run_by_run(shelf):
    """Its table is from before; what its runs say now holds."""
    table = shelf / "sweep" / "sweep.csv"
    table.write_text(table.read_text().replace("ok", "interrupted", 1))
    (many, *_) = find_entries(shelf)
    assert states(many) == "6 ok"
    table.unlink()
    (again, *_) = find_entries(shelf)
    assert [run.value("model.dropout") for run in again.runs] == [None, None, 0, 0, 0.5, 0.5]


def test_older_runs_are_found_by_their_own_config(folders, make_curve):
    config = {"model": {"name": "mlp", "hidden": [3]}, "optim": {"name": "sgd", "lr": 0.5}}
    folders.run("all/a", {"optim.lr": 0.5}, make_curve(2), config=config)
    (entry,) = matching(find_entries(folders.root / "all"), parse(["model=mlp", "optim.lr=0.5"]))
    assert entry.runs[0].value("model.hidden") == [3]


def test_damaged_files_hide_nothing_else(shelf):
    (shelf / "old" / "summary.json").write_text("{")
    (shelf / "sweep" / "0" / "summary.json").write_text("")
    found = find_entries(shelf)
    assert len(found) == 3
    assert {s for e in found for s in e.statuses} == {"ok", "interrupted"}


@pytest.mark.parametrize(("text", "days"), [("1d", 1), ("24h", 1), ("2w", 14), ("1440m", 1)])
def test_an_age_is_a_moment(text, days):
    assert abs(moment(text) - (datetime.now().astimezone() - timedelta(days=days))).seconds < 60
