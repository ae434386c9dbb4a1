"""What a search will do, told before it does it."""

import pytest

LR = "optim.lr=tag(log,interval(1e-3,1))"
SMALL = ["dataset.train_size=60", "model.hidden=[8]", "epochs=9", "device=cpu"]
FEW = "fewer than hydra.sweeper.eta=3: the best is trained to the end, however good it is."


@pytest.fixture
def tell(command):
    """Gives what ``--dry-run`` says of a search."""

    def tell(*words):
        code, said = command("-m", "hydra/sweeper=search", *SMALL, LR, *words, "--dry-run")
        assert code == 0, said
        return said

    return tell


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["trials=6"], "6 points in 2 rounds of up to 3."),
        (["trials=6", "prune=none"], "6 points in 6 rounds of up to 1."),
        (["trials=60"], "60 points in 6 rounds of up to 10."),
        (["trials=6", "eta=2"], "6 points in 3 rounds of up to 2."),
        (["trials=1"], "1 point in 1 round of up to 1."),
    ],
)
def test_a_round_is_large_enough_to_choose_from(tell, words, told):
    assert told in tell(*(f"hydra.sweeper.{word}" for word in words))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["trials=2"], f"A round has 2 points, {FEW}"),
        (["trials=9", "round=1"], f"A round has 1 point, {FEW}"),
        (["trials=13"], f"The last round has 1 point, {FEW}"),
    ],
)
def test_a_round_too_small_to_choose_from_is_told_of(tell, words, told):
    assert told in tell(*(f"hydra.sweeper.{word}" for word in words))


def test_nothing_is_told_where_there_is_enough_to_choose_from(tell):
    assert "fewer than" not in tell("hydra.sweeper.trials=12")
    assert "fewer than" not in tell("hydra.sweeper.trials=2", "hydra.sweeper.prune=none")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["epochs=3"], "After epoch 1 the best of each 3 go on, to epoch 3."),
        (["epochs=9"], "After epochs 1 and 3 the best of each 3 go on, to epoch 9."),
        (["epochs=27"], "After epochs 1, 3 and 9 the best of each 3 go on, to epoch 27."),
        (
            ["hydra.sweeper.prune=median"],
            "After epochs 1 and 3 those go on that are no worse than the median of all points "
            "there, to epoch 9.",
        ),
    ],
)
def test_the_rungs_are_told(tell, words, told):
    assert told in tell(*words)


def test_without_rungs_none_are_told(tell):
    assert "After epoch" not in tell("hydra.sweeper.prune=none")
