"""What holds for every metric, the project's own and those to come."""

from typing import get_args

import pytest
import torch
import yaml

from runner.columns import Direction, Task, is_metric, measure_of, split_of
from runner.component_keys import keys
from runner.metrics.auto import AUTO
from runner.metrics.base import Metric
from runner.metrics.chosen import chosen_metrics
from runner.paths import conf_folder
from runner.registry import find, names

METRICS = [name for name in names("metric") if name != AUTO]
PAIRS = [(name, task) for name in METRICS for task in sorted(find("metric", name).tasks)]


def built(name):
    """With the values of its YAML file."""
    text = (conf_folder() / "metric" / f"{name}.yaml").read_text(encoding="utf-8")
    ((_, metric),) = chosen_metrics({name: few(yaml.safe_load(text))}, task_of(name)).items()
    return metric


def few(node):
    """The examples have four classes."""
    return node | {"k": 3} if "k" in node else node


def task_of(name):
    return min(find("metric", name).tasks)


@pytest.mark.parametrize("name", METRICS)
def test_it_says_what_it_is(name):
    component = built(name)
    assert isinstance(component, Metric)
    assert component.direction in get_args(Direction)
    assert component.tasks and component.tasks < set(get_args(Task))
    assert component.default_for <= component.tasks
    assert component.label and component.unit != ""


@pytest.mark.parametrize("name", METRICS)
def test_its_name_makes_a_column_from_which_it_is_read_again(name):
    column = f"test/{built(name).column(name)}"
    assert is_metric(column) and set(column).isdisjoint(',"\n ')
    assert (split_of(column), measure_of(column)) == ("test", built(name).column(name))


@pytest.mark.parametrize("name", METRICS)
def test_a_default_has_no_keys_for_no_config_has_their_values(name):
    assert not find("metric", name).default_for or not keys(find("metric", name))


@pytest.mark.parametrize(("name", "task"), PAIRS)
def test_members_together_are_measured_as_each_alone(draw, measured, name, task):
    drawn, metric = draw(0, task), built(name)
    together = measured({name: metric}, drawn)[name]
    assert together.shape == (len(drawn.logits),)
    for slot in range(len(drawn.logits)):
        alone = type(drawn)(
            logits=drawn.logits[slot : slot + 1], targets=drawn.targets[slot : slot + 1]
        )
        assert torch.equal(measured({name: metric}, alone)[name], together[slot : slot + 1])


@pytest.mark.parametrize(("name", "task"), PAIRS)
def test_a_short_last_batch_counts_by_its_examples(draw, measured, name, task):
    drawn, metric = draw(1, task), built(name)
    at_once = measured({name: metric}, drawn, batch=drawn.logits.shape[1])[name]
    # Sums of twenty numbers in float64, in another order.
    torch.testing.assert_close(measured({name: metric}, drawn)[name], at_once, rtol=1e-13, atol=0)


@pytest.mark.parametrize(("name", "task"), PAIRS)
def test_it_keeps_the_dtype_of_the_logits(draw, name, task):
    drawn, metric = draw(2, task), built(name)
    single = drawn.targets if task == "classes" else drawn.targets.float()
    sums = metric.sums(drawn.logits.float(), single)
    assert all(len(value) == len(drawn.logits) for value in sums.values())
    assert metric.finish(sums, drawn.logits.shape[1]).dtype == torch.float32


@pytest.mark.parametrize(
    ("task", "expected"),
    [("classes", ["accuracy"]), ("numbers", ["rmse", "r2"]), ("objective", [])],
)
def test_what_is_measured_by_default(task, expected):
    assert list(chosen_metrics({AUTO: {}}, task)) == expected
