"""Every schedule, against torch's own stepped once an epoch."""

from pathlib import Path

import pytest
import torch
import yaml
from torch.optim import lr_scheduler

from runner.component_keys import keys, per_member_keys
from runner.errors import RequestError
from runner.registry import find, names

CONF = Path(__file__).parents[1] / "conf" / "schedule"
EPOCHS, STEPS = 12, 5  # steps of an epoch
TORCH = {
    "constant": lambda sgd, m: lr_scheduler.LambdaLR(sgd, lambda epoch: 1.0),
    "step": lambda sgd, m: lr_scheduler.StepLR(sgd, m["every"], m["factor"]),
    "exponential": lambda sgd, m: lr_scheduler.ExponentialLR(sgd, m["gamma"]),
    "polynomial": lambda sgd, m: lr_scheduler.PolynomialLR(sgd, EPOCHS, m["power"]),
    "cosine": lambda sgd, m: lr_scheduler.CosineAnnealingLR(sgd, EPOCHS, m["final_factor"]),
}
GROUPS = [
    ("constant", [{}, {}]),
    ("step", [{"every": 1, "factor": 0.5}, {"every": 1, "factor": 1.0}]),
    ("step", [{"every": 5, "factor": 0.1}, {"every": 5, "factor": 0.9}]),
    ("exponential", [{"gamma": 0.9}, {"gamma": 1.0}, {"gamma": 0.1}]),
    ("polynomial", [{"power": 1.0}, {"power": 2.0}, {"power": 0.5}]),
    ("cosine", [{"final_factor": 0.0}, {"final_factor": 0.3}, {"final_factor": 1.0}]),
]
MOVING = [
    (
        "warmup-cosine",
        [
            {"warmup": 3.0, "initial_factor": 0.0, "final_factor": 0.1},
            {"warmup": 0.5, "initial_factor": 0.5, "final_factor": 0.0},
            {"warmup": 12.0, "initial_factor": 0.01, "final_factor": 0.0},
        ],
    ),
    (
        "one-cycle",
        [
            {"rise": 0.3, "initial_factor": 0.04, "final_factor": 0.0},
            {"rise": 0.5, "initial_factor": 0.5, "final_factor": 0.1},
        ],
    ),
    (
        "plateau",
        [
            {"factor": 0.1, "patience": 2, "threshold": 1e-4},
            {"factor": 0.5, "patience": 2, "threshold": 0.0},
        ],
    ),
    (
        "inverse-time",
        [
            {"rate": 0.1, "power": 0.5},
            {"rate": 1.0, "power": 1.0},
            {"rate": 0.0, "power": 2.0},
        ],
    ),
]


def build(name, members):
    swept = per_member_keys("schedule", name)
    return find("schedule", name)(
        **{
            key: torch.tensor([m[key] for m in members], dtype=torch.float64)
            if key in swept
            else value
            for key, value in members[0].items()
        }
    )


def elapsed():
    return torch.arange(EPOCHS * STEPS, dtype=torch.float64) / STEPS


def by_torch(name, member):
    """The rate of each epoch, for a base rate of 1."""
    sgd = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = TORCH[name](sgd, member)
    rates = []
    for _ in range(EPOCHS):
        rates.append(scheduler.get_last_lr()[0])
        sgd.step()
        scheduler.step()
    return torch.tensor(rates, dtype=torch.float64)


@pytest.mark.parametrize("name", names("schedule"))
def test_has_a_group_and_a_yaml_of_its_constructors_keys(name):
    assert name == "replay" or any(name == case for case, _ in GROUPS + MOVING)
    node = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    assert node.pop("name") == name
    assert node.keys() == keys(find("schedule", name)).keys()


@pytest.mark.parametrize(("name", "members"), GROUPS)
def test_each_member_equals_torch_throughout_each_epoch(name, members):
    factors = build(name, members).factors(elapsed(), EPOCHS).expand(-1, len(members))
    for place, member in enumerate(members):
        expected = by_torch(name, member).repeat_interleave(STEPS)
        # torch multiplies up from epoch to epoch; a dozen products round.
        torch.testing.assert_close(factors[:, place], expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(("name", "members"), GROUPS)
def test_starts_at_the_base_rate_and_never_exceeds_it(name, members):
    factors = build(name, members).factors(elapsed(), EPOCHS)
    assert factors.dtype == torch.float64
    assert factors.shape in {(EPOCHS * STEPS, 1), (EPOCHS * STEPS, len(members))}
    assert (factors[0] == 1).all()
    assert ((factors >= 0) & (factors <= 1)).all()


@pytest.mark.parametrize(("name", "members"), GROUPS + MOVING)
def test_selecting_members_equals_the_smaller_group(name, members):
    rows = [len(members) - 1, 0]
    selected = build(name, members).select(torch.tensor(rows)).factors(elapsed(), EPOCHS)
    built = build(name, [members[row] for row in rows]).factors(elapsed(), EPOCHS)
    assert torch.equal(selected, built)


@pytest.mark.parametrize(("name", "members"), MOVING[:2])
def test_rises_to_the_base_rate_and_falls_to_the_final_one(name, members):
    factors = build(name, members).factors(elapsed(), EPOCHS)
    for place, member in enumerate(members):
        rates = factors[:, place]
        peak = int(rates.argmax())
        up = member["warmup"] if name == "warmup-cosine" else member["rise"] * EPOCHS
        assert abs(peak - up * STEPS) <= 1
        assert rates[0] == pytest.approx(member["initial_factor"], abs=1e-12)
        assert (rates[: peak + 1].diff() >= 0).all()
        assert (rates[peak:].diff() <= 0).all()
        if up < EPOCHS:
            # One step before the end of half a cosine: it is flat there.
            assert rates[-1] == pytest.approx(member["final_factor"], abs=0.01)


def test_inverse_time_equals_torchs_lambda_at_each_step():
    members = dict(MOVING)["inverse-time"]
    factors = build("inverse-time", members).factors(elapsed(), EPOCHS)
    for place, member in enumerate(members):
        sgd = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        by_step = lr_scheduler.LambdaLR(
            sgd, lambda step, m=member: 1 / (1 + m["rate"] * step / STEPS) ** m["power"]
        )
        for step in range(EPOCHS * STEPS):
            # Python's powers and torch's may differ in the last bit.
            assert factors[step, place].item() == pytest.approx(by_step.get_last_lr()[0], rel=1e-14)
            sgd.step()
            by_step.step()


def test_inverse_time_is_the_decay_of_the_book():
    """After 99 steps of one epoch each, (1 + 0.1 · 99)^(-1/2); power 1 halves after 1/rate."""
    member = {"rate": 0.1, "power": 0.5}
    times = torch.tensor([0.0, 99.0], dtype=torch.float64)
    root = build("inverse-time", [member]).factors(times, 100)[:, 0]
    assert root.tolist() == pytest.approx([1, 10.9**-0.5], rel=1e-14)
    half = build("inverse-time", [member | {"power": 1.0}]).factors(times[:1] + 10, 100)
    assert half.item() == pytest.approx(0.5, rel=1e-14)


def test_inverse_time_without_a_rate_is_constant():
    schedule = build("inverse-time", [{"rate": 0.0, "power": 2.0}])
    assert (schedule.factors(elapsed(), EPOCHS) == 1).all()


def test_one_cycle_equals_torch_at_the_same_times():
    """torch's counts its steps from 0 to T - 1, so that its last factor is that of our time 1."""
    member = {"rise": 0.3, "initial_factor": 0.04, "final_factor": 0.04 / 1e4}
    steps = 101
    sgd = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = lr_scheduler.OneCycleLR(
        sgd, max_lr=1.0, total_steps=steps, pct_start=31 / 101, cycle_momentum=False
    )
    rates = []
    for _ in range(steps):
        rates.append(scheduler.get_last_lr()[0])
        sgd.step()
        if len(rates) < steps:
            scheduler.step()
    time = torch.arange(steps, dtype=torch.float64) / (steps - 1)
    factors = build("one-cycle", [member]).factors(time, 1)[:, 0]
    torch.testing.assert_close(factors, torch.tensor(rates).double(), rtol=1e-6, atol=1e-7)


def plateau_by_torch(member, losses):
    sgd = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(sgd, **member, eps=0)
    rates = []
    for loss in losses:
        scheduler.step(loss)
        rates.append(sgd.param_groups[0]["lr"])
    return rates


def test_plateau_equals_torch_for_every_member():
    source = torch.Generator().manual_seed(0)
    members = dict(MOVING)["plateau"]
    losses = torch.rand(60, 2, generator=source, dtype=torch.float64) + 0.5
    schedule, rates = build("plateau", members), []
    for row in losses:
        schedule.observe(row)
        rates.append(schedule.factors(torch.zeros(1).double(), EPOCHS)[0])
    for place, member in enumerate(members):
        expected = plateau_by_torch(member, losses[:, place].tolist())
        assert torch.stack(rates)[:, place].tolist() == pytest.approx(expected, rel=1e-12)
    assert schedule.state().keys() == {"best", "waited", "scale"}


def test_plateau_takes_losses_below_zero_and_those_that_are_no_numbers():
    schedule = build("plateau", [{"factor": 0.5, "patience": 0, "threshold": 0.1}])
    scales = []
    for loss in (-1.0, -2.0, -2.1, float("nan"), -3.0):
        schedule.observe(torch.tensor([loss], dtype=torch.float64))
        scales.append(schedule.scale.item())
    assert scales == [1, 1, 0.5, 0.25, 0.25]  # -2.1 is no tenth below -2


@pytest.fixture
def replay(tmp_path):
    """Builds ``replay`` of a file with this text."""

    def replay(text):
        (tmp_path / "schedule.csv").write_text(text)
        return find("schedule", "replay")(path=str(tmp_path / "schedule.csv"))

    return replay


POPULATION = """epoch,member,lr,optim.lr,regularizer.lambda
1,3,0.2,0.2,0.001
2,3,0.1,0.1,0.001
3,0,0.3,0.3,0.001
"""


def test_replay_follows_a_file_relative_to_its_first_rate(replay):
    factors = replay(POPULATION).factors(elapsed(), EPOCHS)
    assert factors.shape == (EPOCHS * STEPS, 1) and factors.dtype == torch.float64
    by_epoch = factors.view(EPOCHS, STEPS)
    assert (by_epoch == by_epoch[:, :1]).all()
    # The rate stays after the last of them.
    assert (by_epoch[:, 0] * 0.2).tolist() == pytest.approx([0.2, 0.1, *[0.3] * 10], rel=1e-15)


def test_replay_says_what_it_does_not_replay(replay):
    assert replay(POPULATION).remark() is None
    told = replay(POPULATION.replace("3,0,0.3,0.3,0.001", "3,0,0.3,0.3,0.002")).remark()
    assert told.endswith(
        "has regularizer.lambda change as well: only the learning rate is replayed."
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("epoch,rate\n1,0.1\n", "schedule.path: there is no column 'lr'"),
        ("epoch,lr\n1,0.1\n2,fast\n", "line 3, column 'lr': 'fast' is no learning rate"),
        ("epoch,lr\n1,0\n", "line 2, column 'lr': '0' is no learning rate, a number > 0"),
        ("epoch,lr\n", "has no rows"),
    ],
)
def test_replay_refuses_what_is_no_schedule(replay, text, sentence):
    with pytest.raises(RequestError, match=sentence):
        replay(text)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (None, "schedule=replay needs the path of a file, e.g. schedule.path="),
        ("nowhere.csv", "schedule.path=nowhere.csv"),
    ],
)
def test_replay_needs_a_file(path, sentence):
    with pytest.raises(RequestError, match=sentence):
        find("schedule", "replay")(path=path)
