"""What a Ray cluster is asked before a sweep, as far as no cluster is needed for it."""

import pytest

from runner.crew.cluster import ray_cluster
from runner.errors import RequestError
from runner.request.launching import default_keys, on_cluster


def test_without_ray_it_is_said_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(ray_cluster, "find_spec", {"ray": None}.__getitem__)
    with pytest.raises(RequestError) as raised:
        ray_cluster.check_ray(on_cluster("ray", default_keys("ray")).cluster, tmp_path)
    (told,) = raised.value.sentences
    assert told == "hydra/launcher=ray needs Ray: pip install 'runner[ray]'."
