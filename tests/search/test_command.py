"""A search as a command: what it leaves, what it refuses, and its endings."""

import pandas as pd
import pytest

from runner.search.record import read_rounds

pytest.importorskip("optuna", reason="the extra 'search' is not installed")


def test_one_in_eta_passes_each_rung(whole, table):
    folder, _ = whole
    rows = table(folder)
    assert [int(row["round"]) for row in rows] == [0] * 6 + [1] * 6
    for round_ in "01":
        reached = [int(row["rung"]) for row in rows if row["round"] == round_]
        assert sorted(reached) == [1, 1, 1, 2, 2, 4]
    assert {row["status"] for row in rows} == {"pruned", "ok"}
    assert all(int(row["member_epochs"]) == 2 * int(row["rung"]) for row in rows)


def test_a_point_s_value_is_the_mean_of_its_runs_best(whole, table):
    folder, _ = whole
    sweep = pd.read_csv(folder / "sweep.csv").set_index("job")
    for round_ in read_rounds(folder):
        for number, jobs in zip(round_.trials, round_.jobs, strict=True):
            mean = sweep.loc[jobs, "best/val/loss"].mean()
            # Nine digits of a table.
            assert float(table(folder)[number]["val/loss"]) == pytest.approx(mean, rel=1e-7)


def test_who_went_on_was_better_than_who_was_let_go(whole):
    folder, _ = whole
    for round_ in read_rounds(folder):
        for cut in round_.cuts:
            staying = [value for n, value in cut.values.items() if n not in cut.pruned]
            assert max(staying) <= min(cut.values[n] for n in cut.pruned)


def test_what_diverged_is_out_of_the_race_with_all_its_runs(command, tmp_path, small):
    folder = tmp_path / "search"
    code, said = command(
        *("-m", "hydra/sweeper=search", *small, "epochs=9", "repeats=2"),
        *("optim.lr=tag(log,interval(1e-2,1e20))", "hydra.sweeper.sampler=random"),
        *("hydra.sweeper.trials=18", "hydra.sweeper.round=18", "hydra.sweeper.confirm.points=0"),
        f"hydra.sweep.dir={folder}",
    )
    assert code == 0, said
    (round_,) = read_rounds(folder)
    assert [len(cut.values) for cut in round_.cuts] == [18, 6]
    assert "Round 1: 18 points; 6 past epoch 1; 2 past epoch 3" in said
    runs = pd.read_csv(folder / "sweep.csv").set_index("job")
    points = [runs.loc[round_.jobs[number]] for number in round_.trials]
    # At the edge one seed diverges and the other does not: this stops as well.
    assert any(set(point["status"]) == {"diverged", "pruned"} for point in points)
    for number in round_.cuts[0].pruned:
        assert (points[number]["epoch"] == 1).all()


def test_a_point_that_was_asked_for_twice_is_confirmed_once(command, tmp_path, small):
    folder = tmp_path / "search"
    code, said = command(
        *("-m", "hydra/sweeper=search", *small, "batch_size=int(interval(16,17))"),
        "hydra.sweeper.trials=8",
        *("hydra.sweeper.round=8", "hydra.sweeper.prune=none", "hydra.sweeper.confirm.seeds=2"),
        f"hydra.sweep.dir={folder}",
    )
    assert code == 0, said
    assert "Confirming the best 2 points on 2 fresh seeds each." in said
    confirmed = pd.read_csv(folder / "confirm-8" / "sweep.csv")
    assert sorted(confirmed["batch_size"]) == [16, 16, 17, 17]


def test_a_point_of_which_a_seed_did_not_complete_is_not_the_best(whole, copied, command):
    undisturbed, _ = whole
    """Its mean is of those that did, and flatters it."""
    best = pd.read_csv(undisturbed / "confirm-12" / "sweep.csv").sort_values("best/val/loss")
    job = best["job"].iloc[0]
    summary = copied / "confirm-12" / str(job) / "summary.json"
    summary.write_text(summary.read_text().replace('"status": "ok"', '"status": "diverged"'))
    code, said = command("--resume", copied)
    assert code == 1
    other = best[best["job"] // 2 != job // 2]["optim.lr"].iloc[0]
    assert f"best by val/loss at the best epoch: optim=momentum optim.lr={other}" in said


def test_best_so_far_is_of_points_that_were_trained_to_the_end(whole, table):
    folder, _ = whole
    best = None
    for row in table(folder):
        if row["status"] == "ok":
            value = float(row["val/loss"])
            best = value if best is None else min(best, value)
        assert (float(row["best_so_far"]) if row["best_so_far"] else None) == best


def test_a_pruned_run_keeps_its_rows_and_no_weights(whole):
    folder, _ = whole
    sweep = pd.read_csv(folder / "sweep.csv")
    pruned = sweep[sweep["status"] == "pruned"]
    assert len(pruned) == 20 and (pruned["epoch"] < 4).all()
    for job in pruned["job"]:
        assert not (folder / str(job) / "checkpoints").exists()
    summary = pd.read_csv(folder / "summary.csv")
    assert (summary["failed"] == 0).all() and summary["pruned"].sum() == 20
    assert (summary.loc[summary["pruned"] > 0, "val/loss_n"] == 0).all()


def test_the_best_points_are_trained_again_on_fresh_seeds(whole, table):
    folder, said = whole
    confirmed = pd.read_csv(folder / "confirm-12" / "sweep.csv")
    assert sorted(confirmed["seed"]) == [2, 2, 3, 3]
    assert (confirmed["status"] == "ok").all()
    best = sorted(table(folder), key=lambda row: float(row["val/loss"] or "inf"))
    rates = {row["optim.lr"] for row in best if row["status"] == "ok"}
    assert {str(lr) for lr in confirmed["optim.lr"]} <= rates
    assert "12 points in 2 rounds: 10 pruned, 2 ok." in said
    assert "Confirming the best 2 points on 2 fresh seeds each." in said


def test_optuna_reads_the_journal(whole, table, study_of):
    folder, _ = whole
    study = study_of(folder)
    states = [trial.state.name for trial in study.get_trials()]
    assert states.count("PRUNED") == 10 and states.count("COMPLETE") == 2
    assert f"{study.best_value:.9g}" == table(folder)[-1]["best_so_far"]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["optim=adam,sgd", "optim.lr=interval(1e-4,1)"], ["sgd", "0.1"]),
        (["optim=adam,adamw", "optim.lr=interval(1e-4,1)"], ["adam", "0.001"]),
        (["optim=adam,adamw", "optim.eps=1e-9,1e-8"], ["adam", "1e-08"]),
    ],
)
def test_the_first_point_has_the_defaults_of_what_is_listed(
    command, tmp_path, words, first, table, small
):
    folder = tmp_path / "search"
    asked = [*words, "hydra.sweeper.trials=1", "hydra.sweeper.confirm.points=0"]
    code, said = command(
        "-m", "hydra/sweeper=search", *small, *asked, f"hydra.sweep.dir={folder}"
    )  # fmt: skip
    assert code == 0, said
    (row,) = table(folder)
    assert [row["optim"], row[words[1].partition("=")[0]]] == first


def test_a_budget_ends_a_search_after_a_round(command, tmp_path, table, asked):
    folder = tmp_path / "search"
    brief = ["hydra.sweeper.confirm.points=0", "hydra.sweeper.budget=0.0001"]
    code, said = command(*asked, *brief, f"hydra.sweep.dir={folder}")
    assert code == 0 and "The budget of 0.0001 minutes is spent." in said
    assert len(table(folder)) == 6
    code, said = command("--resume", folder, "hydra.sweeper.budget=null")
    assert code == 0 and len(table(folder)) == 12


@pytest.mark.parametrize(
    ("settings", "number"), [(["trials=12"], 2), (["trials=11", "prune=none"], 6)]
)
def test_a_search_of_points_that_all_diverge_stops(
    command, tmp_path, settings, number, table, small
):
    folder = tmp_path / "search"
    code, said = command(
        *("-m", "hydra/sweeper=search", *small, "optim.lr=interval(1e30,1e31)"),
        *(f"hydra.sweeper.{key}" for key in settings),
        f"hydra.sweep.dir={folder}",
    )
    assert f"Every point of {number} rounds diverged: the search stops here." in said
    assert code == 0 and len(table(folder)) == 6
    assert {row["status"] for row in table(folder)} == {"diverged"}
    assert "No point was trained to the end." in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["dataset.val_fraction=0"], "add dataset.val_fraction=0.1"),
        (["epochs=1"], "epochs=1 leaves no epoch at which to let points go"),
        (["hydra.sweeper.sampler=gp"], "add hydra.sweeper.prune=none"),
        (["hydra.sweeper.metric=test/loss"], "it must be a metric of the validation split"),
        (["hydra.sweeper.metric=val/f2"], "val/f2"),
        (["hydra.sweeper.start=[{optim.lr:9}]"], "optim.lr=9 is not among the values to search"),
        (["hydra.sweeper.start=[{optim.mom:0}]"], "There is no key to search 'optim.mom'"),
        (["loss=cross-entropy,mse-one-hot"], "loss can't be chosen by val/loss, which it changes"),
        (
            ["loss=cross-entropy", "loss.label_smoothing=interval(0,0.3)"],
            "loss.label_smoothing can't be chosen by val/loss",
        ),
        (
            ["optim=adam,momentum", "optim.lr=0.1,1", "optim.momentum=range(0.5,0.76,0.125)"],
            "These values make 8 points, fewer than hydra.sweeper.trials=64: leave out "
            "hydra/sweeper=search",
        ),
        (
            ["optim.lr=0.1,1", "hydra.sweeper.trials=3"],
            "These values make 2 points, fewer than hydra.sweeper.trials=3",
        ),
        (["model.dropout=interval(0,1)", "model=dropout-mlp"], "model.dropout=1 is not allowed"),
    ],
)
def test_what_can_t_be_searched_is_refused_and_nothing_is_made(
    command, tmp_path, words, told, small
):
    asked = ["optim.lr=interval(0.1,1)", *small, *words, "hydra.sweep.dir=none"]
    code, said = command("-m", "hydra/sweeper=search", *asked)
    assert code == 2 and told in said
    assert not list(tmp_path.iterdir())
