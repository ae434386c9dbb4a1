"""How a sweep that goes on is trained: as before, but for what is asked for now."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from runner.crew.cluster.settings import SETTINGS, RaySettings
from runner.errors import RequestError
from runner.request.launching import Launching, default_keys, on_cluster
from runner.request.relaunching import (
    ALL_KEYS,
    engine_of,
    keys_of,
    relaunching,
    without_launcher,
)

OWN = Launching(1, workers=3, timeout_min=2.0)


@pytest.fixture
def again():
    """Asks for another launcher, or other keys: ``again("ray", ["cpus=2"], before)``."""

    def again(engine, typed=(), before=None):
        words = [f"hydra.launcher.{word}" for word in typed]
        return relaunching(engine, OverridesParser.create().parse_overrides(words), before, OWN)

    return again


@pytest.fixture
def on_ray():
    """What a folder has of a sweep on Ray: ``on_ray(cpus=2)``."""
    return lambda **keys: on_cluster("ray", default_keys("ray") | keys).cluster.record()


def test_nothing_asked_for_is_as_before(again, on_ray):
    assert again("fused") == OWN
    before = on_ray(cpus=2, address="here:1")
    assert again("ray", (), before).cluster.record() == before


def test_what_is_typed_wins_over_what_was_before(again, on_ray):
    assert again("fused", ["workers=1"]) == Launching(1, 1, 2.0)
    after = again("ray", ["cpus=1", "timeout_min=5"], on_ray(cpus=2, retries=7)).cluster
    assert isinstance(after, RaySettings)
    assert (after.cpus, after.timeout_min, after.retries) == (1, 5, 7)


@pytest.mark.parametrize("engine", SETTINGS)
def test_another_launcher_begins_with_its_own_defaults(again, on_ray, engine):
    before = None if engine == "ray" else on_ray(retries=7)
    after = again(engine, ["retries=1"], before).cluster
    assert after.record() == {"engine": engine, **default_keys(engine), "retries": 1}


def test_this_machine_takes_over_with_as_many_workers_as_it_likes(again, on_ray):
    assert again("fused", (), on_ray(timeout_min=5)) == Launching(1, "auto", None)


def test_a_value_that_is_not_allowed_is_refused(again, on_ray):
    with pytest.raises(RequestError, match=r"hydra\.launcher\.cpus=0 is not allowed; it takes"):
        again("ray", ["cpus=0"], on_ray())
    with pytest.raises(RequestError, match=r"hydra\.launcher\.workers=-1 is not allowed; it takes"):
        again("fused", ["workers=-1"])


def test_the_launcher_is_the_one_that_is_typed_last_or_the_one_of_before():
    assert engine_of(["epochs=3"], "slurm") == "slurm"
    assert engine_of(["hydra/launcher=slurm", "hydra/launcher=ray"], "fused") == "ray"
    with pytest.raises(RequestError, match=r"There is no hydra/launcher 'raay'; did you mean"):
        engine_of(["hydra/launcher=raay"], "fused")


def test_how_wide_groups_are_was_decided_when_they_were_planned():
    assert not [key for key in ALL_KEYS if key.endswith(".width")]
    assert "hydra.launcher.address" in keys_of("ray")
    assert "hydra.launcher.address" not in keys_of("slurm")


def test_what_says_how_to_train_can_be_left_out():
    asked = ["epochs=3", "hydra/launcher=ray", "hydra.launcher.cpus=2", "hydra/sweeper=search"]
    assert without_launcher(asked) == ["epochs=3", "hydra/sweeper=search"]
