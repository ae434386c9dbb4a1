"""Every schedule, against torch's own stepped once an epoch."""

from pathlib import Path

import pytest
import torch
import yaml
from torch.optim import lr_scheduler

from runner.config import keys, per_member
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


def build(name, members):
    swept = per_member("schedule", name)
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
    assert any(name == case for case, _ in GROUPS)
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


@pytest.mark.parametrize(("name", "members"), GROUPS)
def test_selecting_members_equals_the_smaller_group(name, members):
    rows = [len(members) - 1, 0]
    selected = build(name, members).select(torch.tensor(rows)).factors(elapsed(), EPOCHS)
    built = build(name, [members[row] for row in rows]).factors(elapsed(), EPOCHS)
    assert torch.equal(selected, built)
