"""The end of a sweep names its best point, what lies there, and what to type."""

import json

import pytest

from runner.results.sweep import read_sweep
from runner.sweep.best_point import best_point
from runner.sweep.summary_output import end_sweep


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Write a sweep: for each run its overrides, its last and best ``val/loss``, and its status."""
    monkeypatch.chdir(tmp_path)

    def make(runs, metric="val/loss"):
        for job, (overrides, last, best, status) in enumerate(runs):
            folder = tmp_path / "s" / str(job)
            (folder / ".hydra").mkdir(parents=True)
            (folder / "checkpoints").mkdir()
            (folder / "checkpoints" / "best.pt").touch()
            asked = "".join(f"- {json.dumps(f'{k}={v}')}\n" for k, v in overrides.items())
            (folder / ".hydra" / "overrides.yaml").write_text(asked)
            config = "dataset:\n  name: digits\n  val_fraction: 0.1\n"
            (folder / ".hydra" / "config.yaml").write_text(config)
            row = {"epoch": 2, metric: last, "test/loss": -last}
            told = {"status": status, "seed": overrides.get("seed", 0), "last": row}
            told["best"] = {"epoch": 1, metric: best} if metric == "val/loss" else None
            (folder / "summary.json").write_text(json.dumps(told))
            lines = ",".join(row), ",".join(map(str, row.values()))
            (folder / "metrics.csv").write_text("\n".join(lines) + "\n")
        return read_sweep(tmp_path / "s")

    return make


def point(lr, *runs, **more):
    """Runs of one point: (seed, last, best)."""
    return [({"optim.lr": lr, **more, "seed": s}, last, best, "ok") for s, last, best in runs]


def said(sweep, capsys):
    end_sweep(sweep, [])
    text = capsys.readouterr().out
    return [line.strip() for line in text.partition("files: s\n")[2].splitlines()]


def test_the_point_with_the_best_mean_is_named(make, capsys):
    """Not the point with the one best run, nor what is best on the test set."""
    sweep = make([
        *point(0.1, (0, 0.1, 0.1), (1, 0.9, 0.9)), *point(0.2, (0, 0.4, 0.4), (1, 0.3, 0.2)),
        *point(0.3, (0, 9, 9), (1, 9, 9)),
    ])  # fmt: skip
    assert said(sweep, capsys) == [
        "best by val/loss at the last epoch: optim.lr=0.2",
        "runs: s/{2,3}",
        "weights: runner.load_model('s/3')",
        "again: python -m runner -m optim.lr=0.2 seed=0,1",
        "compare: python -m runner.compare s OTHER",
    ]


@pytest.mark.parametrize(
    ("seeds", "metric", "words"),
    [
        ([0, 1], "val/loss", "best by val/loss; mean ± std of n runs:"),
        ([0], "val/loss", "best by val/loss:"),
        ([0], "train/loss", "in order; without a validation split none is called best:"),
    ],
)
def test_the_table_says_of_which_epoch_it_is(make, capsys, seeds, metric, words):
    runs = [run for lr in (0.1, 0.2) for run in point(lr, *((s, lr, lr) for s in seeds))]
    end_sweep(make(runs, metric=metric), [])
    assert f"2 of 2 points at the last epoch, {words}" in " ".join(capsys.readouterr().out.split())


def test_one_run_of_a_point_is_run_again_alone(make, capsys):
    lines = said(make([*point(0.1, (0, 0.5, 0.5)), *point(0.2, (0, 0.4, 0.4), name="a b")]), capsys)
    assert lines[1] == "runs: s/1"
    assert lines[3] == "again: python -m runner optim.lr=0.2 'name=a b' seed=0"


def test_failed_runs_choose_nothing(make):
    runs = [*point(0.1, (0, 0.5, 0.5)), ({"optim.lr": 0.2, "seed": 0}, 0.1, 0.1, "diverged")]
    best = best_point(make(runs))
    assert best.values == ["optim.lr=0.1"] and len(best.runs) == 1


def test_without_a_validation_split_none_is_best(make, capsys):
    sweep = make([*point(0.1, (0, 0.5, 0)), *point(0.2, (0, 0.4, 0))], metric="train/loss")
    assert best_point(sweep) is None
    assert said(sweep, capsys) == [
        "No point is best without a validation split: add dataset.val_fraction=0.1.",
        "compare: python -m runner.compare s OTHER",
    ]


def test_where_no_run_is_ok_nothing_is_named(make, capsys):
    sweep = make([({"optim.lr": lr, "seed": 0}, 1, 1, "failed") for lr in (1, 2)])
    assert best_point(sweep) is None
    assert said(sweep, capsys) == []


def test_a_point_without_a_key_of_the_others_has_none(make):
    runs = [({"model": "mlp"}, 0.1, 0.1, "ok")]
    runs += [({"model": "dropout-mlp", "model.dropout": d}, 0.5, 0.5, "ok") for d in (0, 0.5)]
    assert best_point(make(runs)).values == ["model=mlp"]


def test_a_whole_number_stays_one_in_the_table(make, capsys):
    runs = [*point(0.1, (0, 0.5, 0.5), batch_size=64), *point(0.2, (0, 0.4, 0.4), batch_size=8)]
    end_sweep(make(runs), [])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1][:2] == ["optim.lr", "batch_size"]
    assert [line[:2] for line in lines[2:4]] == [["0.2", "8"], ["0.1", "64"]]
