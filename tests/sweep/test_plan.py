import json
import re
from dataclasses import asdict

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from runner import registry
from runner.build import build_group
from runner.engine.cost import step_cost
from runner.engine.rehearsal import count
from runner.engine.train import Quiet, Training
from runner.models.base import Model
from runner.sweep import cost
from runner.sweep import plan as plan_module
from runner.sweep.plan import Plan, choice, groups, plan, thread_count

# What members may differ in, and what they must share: a few of each, from several groups.
FREE = {
    "seed": (0, 1),
    "name": (None, "mine"),
    "repeats_of": ("seed", "data"),
    "optim.lr": (0.1, 0.2),
    "optim.weight_decay": (0.0, 0.1),
    "regularizer.lambda": (0.0, 3.0),
    "model.dropout": (0.1, [0.2, 0.3]),
}
SHARED = {
    "epochs": (2, 3),
    "batch_size": (8, 16),
    "eval_train": (True, False),
    "optim.nesterov": (False, True),
    "model.hidden": ([4, 4], [5, 4]),
    "model.activation": ("relu", "tanh"),
    "dataset.train_size": (50, 60),
    "dataset.seed": (0, 1),
    "regularizer.bias": (False, True),
    "device.precision": ("float32", "float64"),
}
CHOICES = {key: st.sampled_from(values) for key, values in (FREE | SHARED).items()}


def changed(config, values):
    node = config.model_dump()
    for key, value in values.items():
        *group, name = key.split(".")
        (node[group[0]] if group else node)[name] = value
    return type(config).model_validate(node)


@pytest.fixture(scope="module")
def base(make_config):
    return make_config("model=dropout-mlp", "model.hidden=[4,4]")


@settings(max_examples=50, deadline=None)
@given(
    points=st.lists(
        st.fixed_dictionaries(
            {}, optional=CHOICES | {"optim.clip_norm": st.sampled_from([None, 1, 2])}
        ),
        min_size=1,
        max_size=6,
    )
)
def test_runs_go_together_that_share_all_but_sweepable_values(base, points):
    configs = [changed(base, point) for point in points]

    def shared(config):
        node = config.model_dump()
        values = [
            (node[key.partition(".")[0]][key.partition(".")[2]] if "." in key else node[key])
            for key in SHARED
        ]
        return repr([*values, config.optim["clip_norm"] is None])

    expected = {}
    for job, config in enumerate(configs):
        expected.setdefault(shared(config), []).append(job)
    assert groups(configs) == list(expected.values())


def test_none_and_a_number_train_apart_and_two_numbers_together(make_config):
    configs = [make_config(**{"optim.clip_norm": c}) for c in ("null", 1, 2, "null")]
    assert groups(configs) == [[0, 3], [1, 2]]


def test_different_components_train_apart(make_config):
    overrides = ("optim=sgd", "optim=adam", "schedule=cosine", "regularizer=l1", "model=lenet-bn")
    assert len(groups([make_config(override) for override in overrides])) == 5


@pytest.mark.parametrize(
    ("width", "jobs"),
    [(1, [(0,), (1,), (2,), (3,), (4,)]), (2, [(0, 1), (2, 3), (4,)]), (9, [(0, 1, 2, 3, 4)])],
)
def test_a_width_that_was_asked_for_cuts_groups(make_config, width, jobs):
    plans = plan([make_config(seed=seed) for seed in range(5)], width)
    assert [group.jobs for group in plans] == jobs
    assert {group.why for group in plans} == {f"width {width} as requested"}


def test_groups_keep_the_order_of_their_first_runs(make_config):
    configs = [make_config(epochs=e, seed=s) for s in (0, 1) for e in (2, 3)]
    assert [group.jobs for group in plan(configs, 9)] == [(0, 2), (1, 3)]


def test_a_single_run_needs_no_figures(make_config):
    (single,) = plan([make_config()], "auto")
    assert single == Plan((0,), threads=1, why="a single run", seconds=single.seconds)


def test_large_steps_are_not_stacked_on_a_cpu(make_config):
    large = ("model=lenet-bn", "batch_size=256", "device=cpu")
    plans = plan([make_config(*large, seed=seed) for seed in range(2)], "auto")
    assert [group.jobs for group in plans] == [(0,), (1,)]
    assert "compute-bound" in plans[0].why


class Theirs(Model):
    """A model as a user may write it; what it does at the end is for the subclass to say."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(64, outputs)

    def forward(self, inputs):
        return self.end(self.linear(inputs.flatten(1)))


class GlobalDropout(Theirs):
    def end(self, logits):
        return nn.functional.dropout(logits, 0.5, self.training)


class Branches(Theirs):
    def end(self, logits):
        return logits if logits.sum() > 0 else -logits


class Broken(Theirs):
    def end(self, logits):
        raise ValueError("this one never\nworks")


@pytest.mark.parametrize(
    ("model", "error"),
    [(GlobalDropout, "RuntimeError"), (Branches, "RuntimeError"), (Broken, "ValueError")],
)
@pytest.mark.parametrize("width", ["auto", 2])
def test_a_model_that_can_not_be_stacked_goes_one_by_one(
    make_config, monkeypatch, model, error, width
):
    make_config()  # its group is imported
    monkeypatch.setitem(registry._components["model"], "theirs", model)
    runs = [make_config(seed=seed) for seed in range(3)]
    runs = [config.model_copy(update={"model": {"name": "theirs"}}) for config in runs]
    plans = plan(runs, width)
    assert [group.jobs for group in plans] == [(0,), (1,), (2,)]
    assert plans[0].why.startswith(f"one by one: a fused step fails ({error}: ")
    assert "\n" not in plans[0].why


TINY = ("dataset=linear", "model=linreg", "dataset.train_size=40", "device=cpu")


@pytest.mark.parametrize("batch_size", [1, 8, 40])
def test_tiny_steps_go_together_and_the_plan_says_why(make_config, batch_size):
    runs = [make_config(*TINY, batch_size=batch_size, seed=seed) for seed in range(6)]
    (group,) = plan(runs, "auto")
    assert group.jobs == tuple(range(6))
    assert re.fullmatch(
        r"width 6: predicted to be [\d.]+ times as fast as one by one; predicted ms per step and "
        r"run: [\d.]+ alone, [\d.]+ at width 2, [\d.]+ at 3, [\d.]+ at 6",
        group.why,
    )


def test_a_plan_is_numbers_and_text(make_config):
    plans = plan([make_config(*TINY, seed=seed) for seed in range(3)], "auto")
    written = json.dumps([asdict(group) for group in plans])
    assert [Plan(**node | {"jobs": tuple(node["jobs"])}) for node in json.loads(written)] == plans


def test_memory_bounds_the_width(make_config, monkeypatch):
    runs = [make_config(*TINY, seed=seed) for seed in range(6)]
    assert len(plan(runs, "auto")) == 1
    pair = build_group(runs[:2], [])
    operations = count(Training(pair, Quiet())).operations
    held = sum(tensor.nbytes for tensor in pair.members.params.values())
    each = (held + sum(operation.fresh for operation in operations)) / 2
    monkeypatch.setitem(cost.constants(), "memory", 5.5 * each)
    assert [group.jobs for group in plan(runs, "auto")] == [(0, 1, 2), (3, 4, 5)]


def test_each_way_to_plan_builds_as_few_members_as_it_can(make_config, monkeypatch):
    """A plan costs a few steps of one or two members, however many runs there are."""
    built = []
    build = plan_module.build_group

    def spy(configs, recorders):
        built.append(len(configs))
        return build(configs, recorders)

    monkeypatch.setattr(plan_module, "build_group", spy)
    plan([make_config(*TINY, seed=seed) for seed in range(50)], "auto")
    assert sorted(built) == [1, 2]


def test_planning_leaves_the_global_generator_as_it_was(make_config):
    before = torch.get_rng_state()
    small = ("model=dropout-mlp", "model.hidden=[4,4]", "dataset.train_size=40")
    plan([make_config(*small, seed=seed) for seed in range(2)], "auto")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_run_gets_as_many_threads_alone_as_in_a_sweep(make_config):
    configs = [make_config("model.hidden=[512]", seed=seed) for seed in range(3)]
    alone, together = build_group(configs[:1], []), build_group(configs, [])
    assert step_cost(alone) == step_cost(together) == 32 * (64 * 512 + 512 * 10)
    assert {group.threads for group in plan(configs, 3)} == {1}
    assert thread_count(configs[0], step_cost(alone), 1) == 1


@pytest.mark.parametrize(("runs", "each"), [(1, 16), (3, 5), (16, 1), (20, 1)])
def test_large_steps_share_the_cores_among_the_runs(runs, each, make_config, monkeypatch):
    monkeypatch.setattr(plan_module, "cores", lambda: 16)
    monkeypatch.setattr(plan_module.torch, "get_num_threads", lambda: 16)
    config = make_config("model=lenet-bn", "batch_size=256", "device=cpu")
    assert thread_count(config, 30e6, runs) == each
    assert thread_count(config, 1e6, runs) == 1  # a small step has one whatever the cores
    asked = make_config("device.threads=3")
    assert thread_count(asked, 30e6, runs) == 3


def test_the_plan_says_that_the_runs_share_the_cores(make_config, monkeypatch):
    monkeypatch.setattr(plan_module, "cores", lambda: 2)
    large = ("model=lenet-bn", "batch_size=256", "device=cpu", "epochs=1")
    plans = plan([make_config(*large, seed=seed) for seed in range(3)], "auto")
    assert {group.threads for group in plans} == {1}
    if torch.get_num_threads() > 1:
        assert plans[0].why.endswith("; 1 thread each, as 3 runs share 2 cores")
    (alone,) = plan([make_config(*large)], "auto")
    assert (alone.threads, alone.why) == (min(2, torch.get_num_threads()), "a single run")


def test_threads_that_were_asked_for_are_given(make_config):
    config = make_config("device.threads=3")
    assert [group.threads for group in plan([config], "auto")] == [3]


def test_a_batch_holds_no_more_than_there_are_examples(make_config):
    configs = [make_config("dataset.train_size=10", batch_size=size) for size in (10, 1000)]
    few, many = (step_cost(build_group([config], [])) for config in configs)
    assert few == many


@pytest.mark.parametrize(
    ("width", "costs", "words"),
    [
        (1, {1: 1.0, 2: 2.6}, "fused training would take 2.6 times as long, so these run one by "),
        (1, {1: 1.0, 2: 0.95}, "fused training would save less than a tenth of the time, so these"),
        (4, {1: 1.0, 2: 0.6, 4: 0.25}, "width 4: predicted to be 4 times as fast as one by one"),
    ],
)
def test_the_choice_of_a_width_is_said_in_words(width, costs, words):
    assert choice(width, costs).startswith(words)


def test_for_gpus_of_other_machines_groups_are_as_wide_as_memory_allows(make_config):
    wide = ["model=mlp", "batch_size=256", "model.hidden=[2048,2048]"]
    configs = [make_config(*wide, f"seed={seed}") for seed in range(4)]
    here, there = plan(configs, "auto"), plan(configs, "auto", on_gpus=True)
    assert [len(group.jobs) for group in here] == [1] * 4
    assert [len(group.jobs) for group in there] == [4]
    assert "memory" in there[0].why
