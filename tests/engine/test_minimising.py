"""Functions minimised through the same loop: no data, a point, an objective."""

import pytest

# "Dive into Deep Learning", section "Gradient Descent"
FIGURES = [
    ("quadratic", "loss.curvatures=[1]", "[10]", 0.2, 10, [0.060466]),
    ("quadratic", "loss.curvatures=[1]", "[10]", 0.05, 10, [3.486784]),
    ("quadratic", "loss.curvatures=[1]", "[10]", 1.1, 10, [61.917364]),
    ("quadratic", "loss.curvatures=[1,2]", "[-5,-2]", 0.1, 20, [-0.057646, -0.000073]),
]
NEWTON = [
    ("cosh", "optim=newton", "[10]", 1.0, 10, [0.0]),
    ("wave", "optim=newton", "[10]", 1.0, 10, [26.834133]),  # the wrong way, up the slope
    ("wave", "optim=newton", "[10]", 0.5, 10, [7.269860]),
]


@pytest.fixture
def minimising(make_config):
    """Makes the config of a function to minimise."""

    def minimising(*overrides, **values):
        return make_config(
            *("dataset=none", "model=point", "device.precision=float64"), *overrides, **values
        )

    return minimising


@pytest.mark.parametrize(("loss", "more", "start", "lr", "steps", "end"), FIGURES + NEWTON)
def test_ends_where_the_book_prints(loss, more, start, lr, steps, end, minimising, train):
    asked = (f"loss={loss}", more, f"model.start={start}", f"epochs={steps}")
    last = train([minimising(*asked, **{"optim.lr": lr})]).curve(0)[-1]
    ended = [last[f"model/x{number}"] for number in range(1, len(end) + 1)]
    assert ended == pytest.approx(end, abs=6e-7)  # half of the last printed digit


def test_the_start_has_a_row_and_each_epoch_the_value_after_its_last_step(minimising, train):
    asked = ("loss=quadratic", "loss.curvatures=[1]", "model.start=[10]", "epochs=2")
    trained = train([minimising(*asked, **{"dataset.steps_per_epoch": 3, "optim.lr": 0.05})])
    rows = trained.curve(0)
    assert [(row["epoch"], row["step"]) for row in rows] == [(0, 0), (1, 3), (2, 6)]
    for row, x in zip(rows, [10, 10 * 0.9**3, 10 * 0.9**6], strict=True):
        assert row["model/x1"] == pytest.approx(x)
        assert row["train/loss"] == pytest.approx(x * x)
    assert "model/weight_norm" not in rows[0]  # a point has no weights
    assert len(trained.metrics(0)) == 3


def test_a_batch_size_means_nothing_there(minimising, train):
    ends = [
        train([minimising("loss=himmelblau", "epochs=3", batch_size=size)]).curve(0)[-1]
        for size in (1, 32)
    ]
    assert ends[0] == ends[1]


def test_noise_differs_between_seeds_and_not_between_groups(minimising, train):
    asked = ("loss=quadratic", "model.noise=1", "epochs=20")
    configs = [minimising(*asked, seed=seed) for seed in range(3)]
    group = train(configs)
    ends = [group.curve(slot)[-1]["model/x1"] for slot in range(3)]
    assert len(set(ends)) == 3
    assert train(configs[2:]).curve(0)[-1]["model/x1"] == pytest.approx(ends[2], rel=1e-10)
