"""A group that is killed and restored from its save ends equal to the bit to one that was not.

Every ingredient of a training stands alone here, with the steps of its kill in the middle of an
epoch, a save at whose end rows were written since; one that has many of them is killed after
every step.
"""

import pytest
from foreign_models.kinds import all_kinds
from foreign_models.verdict import point_of, registered

from runner.build import load_data
from runner.component_keys import sweepable
from runner.config import check
from runner.errors import RequestError
from runner.registry import names
from runner.tryout import Trials

# 40 examples in batches of 8: five steps an epoch, 15 in all.
SHORT = ["batch_size=8", "epochs=3"]
STEPS, ALL_STEPS = 5, 15
DIGITS = ["dataset=digits", "dataset.train_size=40", "dataset.test_fraction=0.02"]
MLP = [*DIGITS, "dataset.val_fraction=0.02", "model=mlp", "model.hidden=[6]", *SHORT]
DROPOUT = [*DIGITS, "dataset.val_fraction=0.02", "model=dropout-mlp", "model.hidden=[6,5]", *SHORT]


def three(base):
    """Three runs of one group, which differ in seed and learning rate."""
    return [
        [*base, f"seed={seed}", f"optim.lr={lr}"] for seed, lr in ((0, 0.01), (7, 0.03), (3, 0.02))
    ]


@pytest.fixture
def assert_same_end(set_out_sweep):
    """Asserts that a sweep ends alike whether or not it is killed; returns the killed one."""
    whole = {}

    def assert_same_end(points, save, kill, width=3):
        key = str(points)
        if key not in whole:
            undisturbed = set_out_sweep(f"whole-{len(whole)}", points, width)
            undisturbed.train()
            whole[key] = undisturbed.ending()
        killed = set_out_sweep(f"killed-{len(whole)}-{save}-{kill}", points, width)
        killed.killed(save, kill)
        witness = killed.train()
        assert set(witness.began_at) == {save}
        assert killed.ending() == whole[key]
        return killed

    return assert_same_end


# ------------------------------------------------------------------------- when it is killed

RICH = [
    *(*DROPOUT, "optim=adam", "dataset.augment=[flip,rotate,crop]", "schedule=plateau"),
    *("schedule.patience=0", "trace_every=24", "gradient_norms=true", "checkpoint_every=1"),
]


@pytest.mark.parametrize("save", range(1, ALL_STEPS + 1))
def test_after_any_step(assert_same_end, save):
    assert_same_end(three(RICH), save, kill=save + 1)


@pytest.mark.parametrize("save", [1, 4, 5, 6, 9])
def test_with_rows_since_the_save(assert_same_end, save):
    """Rows and looks that were written after the save are cut, and come again."""
    assert_same_end(three(RICH), save, kill=save + STEPS + 1)


@pytest.mark.parametrize("save", [1, 5, 8])
def test_one_after_another(assert_same_end, save):
    assert_same_end(three(RICH), save, kill=save + STEPS + 1, width=1)


def test_again_and_again(set_out_sweep):
    whole, killed = (set_out_sweep(name, three(RICH), 3) for name in ("whole", "killed"))
    whole.train()
    for save in range(1, ALL_STEPS, 2):
        killed.killed(save, kill=save + 2)
    killed.train()
    assert killed.ending() == whole.ending()


def test_before_the_first_save(set_out_sweep):
    whole, killed = (set_out_sweep(name, three(RICH), 3) for name in ("whole", "killed"))
    whole.train()
    killed.killed(save=10**9, kill=STEPS + 2)
    assert killed.train().began_at == [0]
    assert killed.ending() == whole.ending()


# ------------------------------------------------------------------------- every ingredient

MIDDLE = {"save": 7, "kill": 12}  # rows of the second epoch are cut


@pytest.mark.parametrize("optim", names("optim"))
def test_every_optimizer(assert_same_end, example, own_values, optim):
    chosen = [*example("optim", optim), *SHORT]
    if "dataset=linear" in chosen:
        chosen.append("dataset.train_size=40")
    else:
        chosen += DIGITS
    points = [[*chosen, f"seed={seed}", f"regularizer.lambda={seed / 100}"] for seed in (0, 7, 3)]
    assert_same_end(points, **MIDDLE)


@pytest.mark.parametrize("schedule", names("schedule"))
def test_every_schedule(assert_same_end, tmp_path, schedule):
    own = ["schedule.patience=0"] if schedule == "plateau" else []
    if schedule == "replay":
        (tmp_path / "schedule.csv").write_text("epoch,lr\n1,0.1\n2,0.05\n3,0.2\n")
        own = [f"schedule.path={tmp_path / 'schedule.csv'}"]
    assert_same_end(three([*MLP, f"schedule={schedule}", *own]), **MIDDLE)


@pytest.mark.parametrize("model", names("model"))
def test_every_model(assert_same_end, example, make_config, model):
    chosen = [*example("model", model), *SHORT]
    dataset = make_config(*chosen).dataset
    if "train_size" in dataset:
        chosen.append("dataset.train_size=40")
    if "steps_per_epoch" in dataset:
        chosen = [*(one for one in chosen if "batch_size" not in one), "dataset.steps_per_epoch=5"]
    first = make_config(*chosen)
    points = [
        [
            *(*chosen, f"seed={seed}"),
            *(f"model.{key}={value}" for key, value in shifted(first, model, seed)),
        ]
        for seed in (0, 7, 3)
    ]
    assert_same_end(points, **MIDDLE)


def shifted(config, model, seed):
    """The numbers of a model that may differ within a group, a little smaller for each seed."""
    for key in sweepable("model", model):
        value = config.model[key]
        if isinstance(value, float):
            yield key, value * (1 - seed / 100)


@pytest.mark.parametrize("loss", names("loss"))
def test_every_loss(assert_same_end, example, loss):
    chosen = [*example("loss", loss), *SHORT]
    if "dataset=none" in chosen:
        chosen = [*chosen[:-2], "epochs=3", "dataset.steps_per_epoch=5", "model.noise=0.3"]
    else:
        chosen += ["dataset.train_size=40"]
    assert_same_end([[*chosen, f"seed={seed}", "optim.lr=0.01"] for seed in (0, 7, 3)], **MIDDLE)


@pytest.mark.parametrize("regularizer", names("regularizer"))
def test_every_regularizer(assert_same_end, regularizer):
    assert_same_end(three([*MLP, f"regularizer={regularizer}"]), **MIDDLE)


@pytest.mark.parametrize(
    "more",
    [
        ["dataset.augment=[flip]"],
        ["dataset.augment=[rotate,flip-vertical,quarter-turn]"],
        ["dataset.augment=[crop]"],
        ["dataset.augment=[resize-crop]"],
        ["eval_train=true"],
        ["trace_every=13"],
        ["gradient_norms=true"],
        ["checkpoint_every=1"],
        ["patience=1"],
        ["device.precision=float64"],
        ["device.deterministic=true"],
        ["dataset.normalize=true"],
        ["dataset.val_fraction=0"],
        ["batch_size=40"],
        ["batch_size=7"],  # a last batch that is shorter
        ["optim.momentum=0.9", "optim.nesterov=true"],
        ["optim.clip_norm=0.1"],
    ],
    ids=" ".join,
)
def test_every_option(assert_same_end, more):
    save = {"batch_size=40": 2, "batch_size=7": 8}.get(more[0], MIDDLE["save"])
    kill = 3 if save == 2 else MIDDLE["kill"]
    assert_same_end(three([*DROPOUT, *more]), save, kill)


def test_members_that_see_the_examples_in_one_order(assert_same_end):
    points = [[*DROPOUT, f"optim.lr={lr}"] for lr in (0.01, 0.03, 0.02)]
    killed = assert_same_end(points, **MIDDLE)
    assert killed.groups[0].plan.shared


KINDS = all_kinds()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.chapter}-{kind.model.__name__}")
@pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")  # torch.compile
def test_every_kind_of_model(composer, sweep_of, kind):
    """Those that draw from torch's global generator, and those that remember, are among them."""
    with registered(kind):
        points = [point_of(kind, composer, seed) for seed in (3, 4)]
        if is_refused(points[0]):
            return
        whole, killed = (sweep_of(name, points, 2) for name in ("whole", "killed"))
        whole.train()
        killed.killed(save=2, kill=3)  # of three steps an epoch: some diverge in the first
        killed.train()
        assert killed.ending() == whole.ending()


def is_refused(point):
    try:
        config = check(point.resolved)
        Trials()(config, load_data(config))
    except RequestError:
        return True
    return False


# ------------------------------------------------------------------------- parts of a group


def parted(sweep, *parts):
    """Put parts of a sweep's only group into its place, as after a death that was looked into."""
    (files,) = sweep.groups
    files.split([files.plan.part(jobs) for jobs in parts])


@pytest.mark.parametrize(
    "parts", [([0, 1], [2, 3]), ([0], [1, 2, 3]), ([3], [2], [1], [0])], ids=str
)
@pytest.mark.parametrize("order", ["apart", "shared"])
def test_parts_of_a_group_go_on_from_its_save(set_out_sweep, parts, order):
    seeds = [0, 7, 3, 5] if order == "apart" else [1, 1, 1, 1]
    points = [[*RICH, f"seed={s}", f"optim.lr={lr}"] for s, lr in zip(seeds, LR, strict=True)]
    whole, killed = (set_out_sweep(name, points, 4) for name in ("whole", "killed"))
    whole.train()
    killed.killed(save=7, kill=12)
    parted(killed, *parts)
    assert killed.train().began_at == [7] * len(parts)
    assert by_job(killed) == by_job(whole)


def test_parts_of_a_part(set_out_sweep):
    points = [[*RICH, f"seed={seed}"] for seed in range(4)]
    whole, killed = (set_out_sweep(name, points, 4) for name in ("whole", "killed"))
    whole.train()
    killed.killed(save=3, kill=4)
    parted(killed, [0, 1], [2, 3])
    killed.killed(save=8, kill=9)
    first = killed.groups[0]
    first.split([first.plan.part([1]), first.plan.part([0])])
    assert killed.train().began_at == [8, 8, 8]
    assert by_job(killed) == by_job(whole)


LR = (0.01, 0.03, 0.02, 0.05)


def by_job(sweep):
    jobs = [run.job for files in sweep.groups for run in files.plan.runs]
    return dict(zip(jobs, sweep.ending(), strict=True))


# ------------------------------------------------------------------------- members that left

DIVERGES = ["optim.lr=1", "regularizer.lambda=1e9"]  # in the first epoch


@pytest.mark.parametrize("diverging", [[0], [2], [0, 2], [0, 1], [1, 2], [0, 1, 2]], ids=str)
@pytest.mark.parametrize("save", [3, 7, 12])
def test_members_that_diverged(assert_same_end, diverging, save):
    points = [
        [*DROPOUT, *(DIVERGES if job in diverging else []), f"seed={job}", "trace_every=24"]
        for job in range(3)
    ]
    if len(diverging) == 3 and save > STEPS:
        pytest.skip("nobody is left to save")
    killed = assert_same_end(points, save, kill=save + 3)
    statuses = [files.status(run) for files in killed.groups for run in files.plan.runs]
    assert statuses == ["diverged" if job in diverging else "ok" for job in range(3)]


@pytest.mark.parametrize("save", [4, 9, 12, 17, 24, 29])
def test_members_that_stopped_early(assert_same_end, save):
    """They leave at their own times; a kill lies between them, or their end lies after it."""
    base = [*MLP[:-1], "epochs=40", "patience=2", "model.hidden=[12]"]
    points = [[*base, f"seed={seed}", f"optim.lr={lr}"] for seed, lr in enumerate((2, 1.5, 4, 0.5))]
    killed = assert_same_end(points, save, kill=save + 1, width=4)
    ends = {
        files.summary(run)["last"]["epoch"] for files in killed.groups for run in files.plan.runs
    }
    assert len(ends) > 1


def test_the_ingredients_tell_runs_apart(set_out_sweep):
    """Were members all alike, a restore that mixes them up would pass."""
    sweep = set_out_sweep("one", three(RICH), 3)
    sweep.train()
    endings = [ending["checkpoints/last.pt"] for ending in sweep.ending()]
    assert len(set(endings)) == 3
