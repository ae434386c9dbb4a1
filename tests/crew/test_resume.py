"""A group that is killed and restored from its save ends equal to the bit to one that was not.

Every ingredient of a training stands alone here, with the steps of its kill in the middle of an
epoch, a save at whose end rows were written since; one that has many of them is killed after
every step.
"""

import pytest

from runner.config import sweepable
from runner.registry import names

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
def test_every_schedule(assert_same_end, schedule):
    own = ["schedule.patience=0"] if schedule == "plateau" else []
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
@pytest.mark.parametrize("width", [1, 3])
def test_every_option(assert_same_end, more, width):
    save = {"batch_size=40": 2, "batch_size=7": 8}.get(more[0], MIDDLE["save"])
    kill = 3 if save == 2 else MIDDLE["kill"]
    assert_same_end(three([*DROPOUT, *more]), save, kill, width)


def test_members_that_see_the_examples_in_one_order(assert_same_end):
    points = [[*DROPOUT, f"optim.lr={lr}"] for lr in (0.01, 0.03, 0.02)]
    killed = assert_same_end(points, **MIDDLE)
    assert killed.groups[0].plan.shared
