"""More epochs for a sweep that has ended: it becomes the sweep that had asked for as many."""

import pytest
import yaml

from runner.crew.group_files import all_groups

pytestmark = pytest.mark.commands

SMALL = [
    *("-m", "dataset=digits", "dataset.train_size=40", "dataset.test_fraction=0.02"),
    *("dataset.val_fraction=0.02", "batch_size=8", "device=cpu", "hydra.launcher.workers=0"),
]
MLP = [*SMALL, "model=mlp", "model.hidden=[6]", "optim.lr=0.01,0.05", "repeats=2"]
TABLES = ("sweep.csv", "summary.csv", "curves.csv", "jobs.yaml")


def files(sweep, names=TABLES, kinds=("*/metrics.csv", "*/checkpoints/*.pt", "*/.hydra/*.yaml")):
    paths = [sweep / name for name in names] + [path for kind in kinds for path in sweep.glob(kind)]
    return {str(path.relative_to(sweep)): path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    "more",
    [
        [],
        ["optim=adam", "patience=5"],
        ["schedule=step", "schedule.every=1"],
        ["schedule=exponential"],
        ["schedule=inverse-time"],
        ["schedule=plateau", "schedule.patience=0"],
        ["model=dropout-mlp", "model.hidden=[6,5]", "dataset.augment=[rotate]"],
        ["dataset.val_fraction=0", "eval_train=true", "gradient_norms=true"],
        ["seed=3", "repeats=1", "optim.lr=0.05"],
    ],
    ids=lambda more: " ".join(more) or "plain",
)
def test_is_equal_to_the_byte_to_the_longer_sweep(command, tmp_path, more):
    short, long = tmp_path / "short", tmp_path / "long"
    # Given twice, the last word is the one that counts, here and there.
    asked = [one for one in MLP if one.partition("=")[0] not in {m.partition("=")[0] for m in more}]
    command(*asked, *more, "epochs=2", f"hydra.sweep.dir={short}")
    command(*asked, *more, "epochs=5", f"hydra.sweep.dir={long}")
    code, said = command("--resume", short, "epochs=5")
    assert code == 0, said
    assert files(short) == files(long)


def test_epochs_that_were_not_asked_for_become_so(command, tmp_path):
    short = tmp_path / "short"
    command(*MLP, f"hydra.sweep.dir={short}")
    assert command("--resume", short, "epochs=21")[0] == 0
    assert all(job[-1] == "epochs=21" for job in yaml.safe_load((short / "jobs.yaml").read_text()))
    assert (short / "0" / "metrics.csv").read_text().splitlines()[-1].startswith("21,")


def test_again_and_by_a_detour(command, tmp_path):
    short, long = tmp_path / "short", tmp_path / "long"
    command(*MLP, "epochs=1", f"hydra.sweep.dir={short}")
    command(*MLP, "epochs=6", f"hydra.sweep.dir={long}")
    for epochs in (2, 5, 5, 6):
        assert command("--resume", short, f"epochs={epochs}")[0] == 0
    assert files(short) == files(long)


def test_runs_that_ended_early_stay_as_they_are(command, tmp_path):
    short, long = tmp_path / "short", tmp_path / "long"
    values = ["optim.lr=0.05,8", "regularizer.lambda=0,1e9", "model.hidden=[12]", "patience=2"]
    asked = [*SMALL, "model=mlp", *values]
    command(*asked, "epochs=12", f"hydra.sweep.dir={short}")
    command(*asked, "epochs=40", f"hydra.sweep.dir={long}")
    before, ends = files(short), statuses(short)
    early = {job for job, (status, epoch) in ends.items() if status == "diverged" or epoch < 12}
    assert len(early) == 3
    command("--resume", short, "epochs=40")
    for name, content in files(short, names=()).items():
        if name.partition("/")[0] in early:
            assert content == before[name], name
        else:
            assert content == files(long)[name], name
    assert statuses(short) == statuses(long)


@pytest.mark.parametrize("epochs", range(3, 9))
def test_a_patience_that_runs_out_in_the_last_epoch(command, tmp_path, epochs):
    """Among more epochs the run would have ended there: it has."""
    short, long = tmp_path / "short", tmp_path / "long"
    asked = [*SMALL, "model=mlp", "model.hidden=[12]", "optim.lr=4,1", "repeats=2", "patience=2"]
    command(*asked, f"epochs={epochs}", f"hydra.sweep.dir={short}")
    command(*asked, "epochs=30", f"hydra.sweep.dir={long}")
    command("--resume", short, "epochs=30")
    kinds = ("*/metrics.csv", "*/checkpoints/*.pt")
    assert files(short, (), kinds) == files(long, (), kinds)
    assert statuses(short) == statuses(long)


def statuses(sweep):
    return {
        run.folder: (group.status(run), group.summary(run)["last"]["epoch"])
        for group in all_groups(sweep)
        for run in group.plan.runs
    }


@pytest.mark.parametrize("schedule", ["cosine", "polynomial", "one-cycle", "warmup-cosine"])
def test_is_refused_where_the_schedule_looks_at_the_end(command, tmp_path, schedule):
    sweep = tmp_path / "sweep"
    command(*MLP, f"schedule={schedule}", "epochs=7", f"hydra.sweep.dir={sweep}")
    before = files(sweep)
    code, said = command("--resume", sweep, "epochs=9")
    assert code == 2
    assert said == (
        f"schedule={schedule} depends on the number of epochs: the first 7 of 9 would have had "
        "other learning rates."
    )
    assert files(sweep) == before
    assert command("--resume", sweep)[0] == 0


def test_fewer_epochs_are_refused_before_anything_is_trained(command, tmp_path):
    sweep = tmp_path / "sweep"
    command(*MLP, "epochs=3", f"hydra.sweep.dir={sweep}")
    for group in all_groups(sweep):
        group.reopen()
    code, said = command("--resume", sweep, "epochs=2")
    assert (code, said) == (2, "epochs=2 is too few: there were 3 already.")
    assert not any(group.is_done for group in all_groups(sweep))


def test_other_keys_are_refused(command, tmp_path):
    sweep = tmp_path / "sweep"
    command(*MLP, "epochs=1", f"hydra.sweep.dir={sweep}")
    code, said = command("--resume", sweep, "optim.lr=0.5")
    assert code == 2
    assert said.startswith("There is no key that --resume takes 'optim.lr'") or "optim.lr" in said
    for wrong in ("epochs=0", "epochs=1.5", "epochs=many", "epochs=1,2"):
        assert command("--resume", sweep, wrong)[0] == 2
