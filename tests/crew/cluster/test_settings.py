"""The keys of the launchers of clusters: their defaults, what they take, and that they are kept."""

import json

import pytest

from runner.crew.cluster.settings import SETTINGS, from_record
from runner.errors import RequestError
from runner.request.launching import default_keys, on_cluster


@pytest.mark.parametrize("engine", SETTINGS)
def test_what_is_in_a_sweep_s_folder_is_what_was_asked_for(engine):
    asked = on_cluster(engine, default_keys(engine)).cluster
    assert from_record(json.loads(json.dumps(asked.record()))) == asked


def test_where_no_cluster_trains_nothing_is_on_record():
    assert from_record(None) is None


@pytest.mark.parametrize(("engine", "key"), [("ray", "gpus"), ("slurm", "gpus_per_node")])
def test_whether_groups_train_on_gpus_is_what_they_ask_for(engine, key):
    keys = default_keys(engine)
    assert not on_cluster(engine, keys).on_gpus
    assert on_cluster(engine, keys | {key: 1}).on_gpus


@pytest.mark.parametrize(
    ("engine", "key", "value"),
    [
        ("ray", "width", 0),
        ("ray", "address", ""),
        ("ray", "cpus", 0),
        ("ray", "cpus", 1.5),
        ("ray", "gpus", -1),
        ("ray", "retries", -1),
        ("ray", "retries", 1.5),
        ("ray", "timeout_min", 0),
        ("ray", "timeout_min", float("inf")),
        ("ray", "shared", "maybe"),
        ("ray", "runtime_env", 1),
        ("slurm", "partition", ""),
        ("slurm", "timeout_min", 0.5),
        ("slurm", "setup", "module load"),
        ("slurm", "array_parallelism", 0),
        ("slurm", "additional_parameters", [1]),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_key(engine, key, value):
    with pytest.raises(RequestError) as raised:
        on_cluster(engine, default_keys(engine) | {key: value})
    (sentence,) = raised.value.sentences
    assert sentence.startswith(f"hydra.launcher.{key}=") and " it takes " in sentence


def test_every_wrong_value_is_told():
    with pytest.raises(RequestError) as raised:
        on_cluster("ray", default_keys("ray") | {"cpus": 0, "gpus": -1})
    assert len(raised.value.sentences) == 2
