"""What is tried out before anything is made; tests/foreign_models has what users' models do."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
import torch

from runner import registry
from runner.build import load_data
from runner.config import check
from runner.errors import RequestError
from runner.metrics.accuracy import Accuracy
from runner.models.lenet_bn import LeNetBN
from runner.models.mlp import MLP
from runner.optim.sgd import SGD
from runner.registry import find, names, register
from runner.tryout import Trials

AT_HAND = ("digits", "linear", "high-dim-linear", "ohm", "planck", "none")
# What is only wide, and takes long for it.
NARROW = {"densenet": ["model.blocks=[1]", "model.stem=4"], "resnet": ["model.widths=[4,4]"]}


def choices(composer):
    """Every model with every dataset at hand that it goes with."""
    for model in names("model"):
        for dataset in AT_HAND:
            task = find("dataset", dataset).task_of({"name": dataset})
            more = ["loss=himmelblau"] if task == "objective" else []
            overrides = [f"model={model}", f"dataset={dataset}", *NARROW.get(model, []), *more]
            with suppress(RequestError):  # they don't go together
                yield check(composer.point(overrides).resolved)


def test_every_model_can_be_tried_out_on_every_dataset_it_goes_with(composer):
    before = torch.get_rng_state()
    tried = []
    for config in choices(composer):
        try:
            Trials()(config, load_data(config))
        except RequestError as error:  # planck maps one number to one number alone
            assert config.model["name"] == "planck", error
        tried.append((config.model["name"], config.dataset["name"]))
    assert len(tried) > 25, tried
    assert torch.equal(torch.get_rng_state(), before)


def test_a_model_is_tried_out_once_for_all_sweepable_numbers(make_config):
    trials = Trials()
    for rate in (0.1, 0.2, 0.3):
        for penalty in (0, 1):
            config = make_config(
                "model=dropout-mlp", f"model.dropout={rate}", f"regularizer.lambda={penalty}"
            )
            trials(config, load_data(config))
    assert len(trials.known) == 1
    wider = make_config("model=dropout-mlp", "model.hidden=[3,3]")
    trials(wider, load_data(wider))
    assert len(trials.known) == 2


def test_a_refusal_is_said_of_every_run_it_concerns(make_config):
    trials = Trials()
    for penalty in (0, 1):
        config = make_config(
            *("dataset=none", "model=point", "loss=himmelblau", "model.start=[1,2,3]"),
            f"regularizer.lambda={penalty}",
        )
        with pytest.raises(RequestError, match="model=point gives 3 numbers per example, and loss"):
            trials(config, load_data(config))
    assert len(trials.known) == 1
    (key,) = trials.known
    assert json.loads(key)


class Asking(MLP):
    """Multiplies its logits by another number where they are small."""

    def forward(self, inputs):
        logits = super().forward(inputs)
        return logits * (2 if logits.abs().max() < 1 else 1)


class Masking(MLP):
    """Takes some logits out by a mask: how many there are is a value."""

    def forward(self, inputs):
        logits = super().forward(inputs)
        return logits + logits[logits > 0].sum()


class Scaling(MLP):
    """Divides by the largest logit, which it takes past the sight of what writes down."""

    def forward(self, inputs):
        logits = super().forward(inputs)
        return logits / (1 + max(map(abs, logits.detach().flatten().tolist())))


class Remembering(LeNetBN):
    """Scales its logits by a running mean, which it asks for its value."""

    def forward(self, inputs):
        return super().forward(inputs) * (1 + next(self.buffers()).sum().item())


class Counting(SGD):
    """Its rate falls with the steps, which it counts by itself."""

    steps = 0

    def update(self, params, grads, state, at, objective):
        self.steps += 1
        rates = {"lr": at["lr"] / self.steps}
        super().update(params, grads, state, at | rates, objective)


@pytest.mark.parametrize(
    ("group", "name", "component", "said"),
    [
        ("model", "mlp", Asking, "can't capture a step: RuntimeError"),
        ("model", "mlp", Masking, "can't capture a step: RuntimeError"),
        ("model", "mlp", Scaling, "would train this run otherwise"),
        ("model", "lenet-bn", Remembering, "can't capture a step: RuntimeError"),
        ("optim", "sgd", Counting, "would train this run otherwise"),
    ],
)
def test_what_captured_steps_would_do_otherwise_is_refused_where_they_are_captured(
    make_config, monkeypatch, group, name, component, said
):
    names(group)  # imported before the change, or its own would be registered over it
    monkeypatch.setitem(registry._components[group], name, component)
    plain = make_config(f"{group}={name}")
    Trials()(plain, load_data(plain))
    config = make_config(f"{group}={name}", "device.compile=inductor")
    trials = Trials()
    for _ in range(2):
        with pytest.raises(RequestError) as refused:
            trials(config, load_data(config))
        assert str(refused.value).startswith(f"device.compile=inductor {said}")
    assert len(trials.captured) == 1


class OfAll(Accuracy):
    def sums(self, logits, targets):
        return {"correct": super().sums(logits, targets)["correct"].sum()}


class PerExample(Accuracy):
    def finish(self, sums, examples):
        return sums["correct"].unsqueeze(1) / examples


class Failing(Accuracy):
    def sums(self, logits, targets):
        return {"correct": logits[:, :, 99].sum(1)}


class Upwards(Accuracy):
    direction = "up"


class WithKeys(Accuracy):
    def __init__(self, *, k: int) -> None:
        self.k = k


WRONG = [
    ("mine", OfAll, "The metric 'mine' sums 'correct' to the shape () for 2 members;"),
    (
        "mine",
        PerExample,
        "The metric 'mine' gives the shape (2, 1) for 2 members; it must be (2,).",
    ),
    ("mine", Failing, "The metric 'mine' fails on a batch: IndexError: index 99 is out of"),
    ("mine", Upwards, "The metric 'mine' must have a direction, higher or lower."),
    (
        "mine",
        WithKeys,
        "metric=mine can't be built: TypeError: WithKeys.__init__() missing 1 required",
    ),
    ("mine", dict, "metric=mine must derive from runner.metrics.base.Metric."),
    ("loss", Accuracy, "No metric can be called 'loss': that column is the loss itself."),
]


@pytest.mark.parametrize(("name", "metric", "sentence"), WRONG)
def test_a_metric_that_is_wrong_is_refused_by_name(
    make_config, monkeypatch, name, metric, sentence
):
    names("metric")  # imported before the copy, or they would be registered in it
    monkeypatch.setitem(registry._components, "metric", dict(registry._components["metric"]))
    register("metric", name)(metric)
    with pytest.raises(RequestError) as refused:
        config = make_config()
        Trials()(config, load_data(config))
    assert str(refused.value).startswith(sentence)


def test_data_that_names_no_classes_for_whole_numbers_is_refused(make_config):
    config = make_config()
    data = replace(load_data(config), classes=None)
    with pytest.raises(RequestError, match="dataset=digits has a train split that can't be used"):
        Trials()(config, data)
