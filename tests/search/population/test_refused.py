"""What a population is refused for: one sentence, before anything is made."""

import pytest

LR = "optim.lr=tag(log,interval(1e-3,1))"
REFUSED = [
    ([], "A population needs a key whose values may change, such as 'optim.lr=tag(log,"),
    (["batch_size=16,32"], "batch_size can't change while runs train together"),
    (["optim=sgd,adam"], "optim can't change while runs train together"),
    (["model.hidden=[8],[16]"], "a population of these components searches optim.clip_norm,"),
    (["seed=1,2"], "seed can't be searched over"),
    ([LR, "repeats=3"], "repeats=3 has no meaning in a population"),
    ([LR, "patience=3"], "patience=3 has no meaning in a population"),
    ([LR, "epochs=1"], "epochs=1 leaves no epoch for an exchange"),
    ([LR, "epochs=5", "hydra.sweeper.interval=5"], "hydra.sweeper.interval=5: more epochs"),
    ([LR, "hydra.sweeper.members=1"], "hydra.sweeper.members=1 is not allowed"),
    ([LR, "hydra.sweeper.members=3"], "quantile=0.25 of 3 members is none"),
    ([LR, "hydra.sweeper.quantile=0.6"], "hydra.sweeper.quantile=0.6 is not allowed"),
    ([LR, "hydra.sweeper.quantile=0"], "hydra.sweeper.quantile=0 is not allowed"),
    ([LR, "hydra.sweeper.factor=1"], "hydra.sweeper.factor=1 is not allowed"),
    ([LR, "hydra.sweeper.resample=1.5"], "hydra.sweeper.resample=1.5 is not allowed"),
    ([LR, "hydra.sweeper.interval=0"], "hydra.sweeper.interval=0 is not allowed"),
    (
        ["loss=cross-entropy", "loss.label_smoothing=interval(0,0.3)"],
        "loss.label_smoothing can't be chosen by val/loss, which it changes",
    ),
    ([LR, "hydra.sweeper.metric=test/loss"], "hydra.sweeper.metric=test/loss is not allowed"),
    ([LR, "hydra.sweeper.trials=9"], "hydra.sweeper.trials is a key of hydra/sweeper=search"),
    ([LR, "hydra.launcher.width=4"], "hydra.launcher.width=4 is too narrow"),
    ([LR, "hydra/launcher=basic"], "hydra/launcher=basic can't train a population"),
    ([LR, "dataset=linear", "model=linreg"], "dataset=linear has none: add dataset.val_fraction"),
    (["optim.lr=interval(1,0.1)"], "is empty: its first end must be below its second"),
    (["optim.lr=interval(-1,1)"], "optim.lr=-1"),
    (["optim.clip_norm=null,1.0"], "optim.clip_norm can't be null for some"),
    (
        ["optim=adagrad", "optim.initial_accumulator=interval(0,1)"],
        "optim.initial_accumulator says how a run begins",
    ),
]


@pytest.mark.parametrize(("words", "sentence"), REFUSED, ids=lambda part: " ".join(part)[:40])
def test_one_sentence_and_nothing_is_made(command, tmp_path, words, sentence):
    folder = tmp_path / "population"
    asked = ["-m", "hydra/sweeper=population", "dataset.train_size=100", *words]
    if "dataset=linear" in words:
        asked.remove("dataset.train_size=100")
    code, said = command(*asked, f"hydra.sweep.dir={folder}")
    assert code == 2
    assert sentence in said
    assert not folder.exists()


def test_without_m_it_says_so(command):
    code, said = command("hydra/sweeper=population", LR)
    assert (code, said) == (2, "hydra/sweeper=population tries many points: add -m.")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["epochs=20"], "There is no key that --resume of a population takes 'epochs'"),
        (["hydra.sweeper.members=9"], "There is no key that --resume of a population takes"),
        (["--retry"], "--retry has no meaning"),
    ],
)
def test_what_a_resume_refuses(calm, command, words, sentence):
    before = (calm / "lineage.csv").read_bytes()
    code, said = command("--resume", calm, *words)
    assert code == 2
    assert sentence in said
    assert (calm / "lineage.csv").read_bytes() == before
