"""What a Ray cluster is asked before a sweep, as far as no cluster is needed for it."""

import importlib.util

import pytest

from runner.crew.cluster.ray_cluster import check_ray
from runner.errors import RequestError
from runner.request.launching import default_keys, on_cluster


def test_without_ray_it_is_said_how_to_get_it(monkeypatch, tmp_path):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "runner.crew.cluster.ray_cluster.find_spec",
        lambda name: None if name == "ray" else find(name),
    )
    with pytest.raises(RequestError) as raised:
        check_ray(on_cluster("ray", default_keys("ray")).cluster, tmp_path)
    (told,) = raised.value.sentences
    assert told == "hydra/launcher=ray needs Ray: pip install 'runner[ray]'."
