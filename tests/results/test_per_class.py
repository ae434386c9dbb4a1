"""Precision, recall and F1 of each class: scikit-learn's, on record and on the page."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_recall_fscore_support

from runner.report import main
from runner.results.per_class import (
    MEASURES,
    over_runs,
    per_class,
    write_per_class,
    write_sweep_per_class,
)
from runner.results.read.runs import read_run, read_runs
from runner.results.report import write_report
from runner.results.report.classes import classes_table
from runner.results.sweep import read_sweep

NAMES = np.array(["ant", "bee", "cat", "dog"])


def drawn(seed, classes=4, examples=60):
    """Predictions of which half are right; no example is of the last class or called so."""
    source = np.random.default_rng(seed)
    targets = source.integers(0, classes - 1, examples)
    predicted = np.where(source.random(examples) < 0.5, targets, (targets + 1) % (classes - 1))
    return {
        "split": np.array("test"),
        "targets": targets,
        "predicted": predicted,
        "classes": NAMES[:classes],
    }


def keep(folder, predictions):
    np.savez(folder / "predictions.npz", **predictions)
    return folder


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("called", [None, 0])
def test_each_class_is_measured_as_by_scikit_learn(seed, called):
    predictions = drawn(seed)
    if called is not None:  # one class is all that is ever predicted
        predictions["predicted"] = np.full(60, called)
    found = per_class(predictions)
    *shares, counts = precision_recall_fscore_support(
        predictions["targets"], predictions["predicted"], labels=range(4), zero_division=np.nan
    )
    for name, expected in zip(MEASURES, shares, strict=True):
        np.testing.assert_allclose(found[name], expected, rtol=1e-12)
    assert found["n"].tolist() == counts.tolist()
    assert found["class"].tolist() == NAMES.tolist() and set(found["split"]) == {"test"}


def test_a_run_that_kept_predictions_of_classes_gets_the_table(folders, make_curve, tmp_path):
    run = read_run(keep(folders.run("a", rows=make_curve(2)), drawn(0)))
    (path,) = write_per_class(run)
    written = pd.read_csv(path)
    assert list(written) == ["split", "class", *MEASURES, "n"]
    # Six digits are written.
    np.testing.assert_allclose(written["f1"], per_class(drawn(0))["f1"], rtol=1e-5)
    assert written["precision"].isna().tolist() == [False] * 3 + [True]
    assert write_per_class(read_run(folders.run("b", rows=make_curve(2)))) == []
    numbers = {"split": np.array("test"), "targets": np.zeros(3), "predicted": np.zeros(3)}
    assert write_per_class(read_run(keep(folders.run("c", rows=make_curve(2)), numbers))) == []


def test_runs_are_averaged_class_by_class(folders, grid):
    folder = folders.sweep("s", grid(optim__lr=[0.1, 0.2], seed=[0, 1]))
    assert over_runs(read_runs(folder)) is None
    for job in (0, 1, 2):
        keep(folder / str(job), drawn(job))
    found = over_runs(read_runs(folder))
    each = np.array([per_class(drawn(job))["recall"] for job in (0, 1, 2)])
    np.testing.assert_allclose(found["recall_mean"], each.mean(0))
    np.testing.assert_allclose(found["recall_std"], each.std(0, ddof=1))
    assert set(found["runs"]) == {3}
    keep(folder / "3", drawn(3, classes=3))  # of other data: nothing to average
    assert over_runs(read_runs(folder)) is None


def test_a_sweep_has_the_classes_of_all_its_runs_in_one_table(folders, grid):
    folder = folders.sweep("s", grid(optim__lr=[0.1, 0.2], seed=[0, 1]))
    assert write_sweep_per_class(read_sweep(folder)) == []
    for job in (0, 1, 3):  # run 2 kept no predictions
        keep(folder / str(job), drawn(job))
    (path,) = write_sweep_per_class(read_sweep(folder))
    assert path == folder / "per_class.csv"
    written = pd.read_csv(path)
    assert list(written) == ["job", "optim.lr", "seed", "split", "class", *MEASURES, "n"]
    assert written["job"].unique().tolist() == [0, 1, 3]
    last = written[written["job"] == 3]
    assert set(last["optim.lr"]) == {0.2} and set(last["seed"]) == {1}
    # Six digits are written.
    np.testing.assert_allclose(last["f1"], per_class(drawn(3))["f1"], rtol=1e-5)


def test_the_pages_show_the_classes(folders, grid, make_curve, capsys):
    sweep = folders.sweep("s", grid(optim__lr=[0.1, 0.2]))
    assert 'id="classes"' not in write_report(read_sweep(sweep)).read_text("utf-8")
    for job in "01":
        keep(sweep / job, drawn(int(job)))
    assert main([str(sweep)]) == 0
    assert capsys.readouterr().out.count("per_class.csv") == 3  # the sweep's and its runs'
    page = (sweep / "report.html").read_text("utf-8")
    assert '<section id="classes">' in page and "over the runs of a point" in page
    table = classes_table(read_sweep(sweep))
    assert table.columns[:2] == ["optim.lr", "class"]
    assert [row[0].text for row in table.rows[:: len(NAMES)]] == ["0.1", "0.2"]
    first = per_class(drawn(0))
    assert table.rows[0][3].text == f"{first['recall'][0]:.3f}"
    alone = keep(folders.run("r", rows=make_curve(2)), drawn(0))
    table = classes_table(read_sweep(alone))
    assert [row[0].text for row in table.rows] == [*NAMES, "macro average"]
    found = per_class(drawn(0))
    assert table.rows[0][2].text == f"{found['recall'][0]:.3f}"
    assert table.rows[3][1].text == ""  # never predicted: there is no precision
    assert table.rows[-1][3].text == f"{found['f1'].mean():.3f}"
    assert "The test set" in table.note
