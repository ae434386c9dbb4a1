"""Whether a population can be trained, found before any folder is made."""

from collections.abc import Sequence

import torch

from runner.build import build_group
from runner.component_keys import sweepable
from runner.config import Config
from runner.crew.exchanges import with_values
from runner.engine.members import Members
from runner.errors import RequestError
from runner.registry import SINGLE_CHOICE_GROUPS
from runner.request.dimensions import Dimension
from runner.request.launching import Launching
from runner.request.points import parse
from runner.request.populating import PopulationRequest
from runner.request.sweeper_keys import NODE
from runner.search.check import check_comparable, check_split
from runner.search.space import with_types
from runner.sweep.plan import groups, plan


def check_population(
    request: PopulationRequest, configs: Sequence[Config], launching: Launching
) -> None:
    """Refuse a population that can't be trained.

    Args:
        request: What was asked for.
        configs: Those of its samples, checked.
        launching: How it was asked for to be trained.

    Raises:
        RequestError: One sentence.
    """
    for of in request.dimensions:
        _check_may_differ(of, configs[0])
    with_types(request, configs)
    check_comparable(request, [configs[0].monitor])
    check_split(configs)
    _check_settings(request, configs[0], launching)
    _check_one_group(request, configs)
    for of in request.dimensions:
        _check_goes_on(of, configs[0])


def buffers_of(request: PopulationRequest, config: Config) -> list[str]:
    """Return the buffers of the model that hold values of keys which may change."""
    of_model = [of for of in request.dimensions if of.key.startswith("model.")]
    return [name for of in of_model for name in _unlike(_pair(of, config).buffers)]


def _check_may_differ(of: Dimension, config: Config) -> None:
    allowed = {
        f"{group}.{key}"
        for group in SINGLE_CHOICE_GROUPS
        for key in sweepable(group, getattr(config, group)["name"])
    }
    if of.key not in allowed:
        raise RequestError(
            f"{of.key} can't change while runs train together: a population of these components "
            f"searches {', '.join(sorted(allowed))}."
        )


def _check_settings(request: PopulationRequest, config: Config, launching: Launching) -> None:
    settings = request.settings
    if config.patience is not None:
        raise RequestError(
            f"patience={config.patience} has no meaning in a population, which decides itself who "
            "goes on: leave it out."
        )
    if config.repeats > 1:
        raise RequestError(
            f"repeats={config.repeats} has no meaning in a population, whose members have a seed "
            f"each: {NODE}.members says how many there are."
        )
    if not settings.stops(config.epochs):
        raise RequestError(
            f"epochs={config.epochs} leaves no epoch for an exchange, with {NODE}.interval="
            f"{settings.interval}: more epochs, or a shorter interval."
        )
    if launching.width != "auto" and int(launching.width) < settings.members:
        raise RequestError(
            f"hydra.launcher.width={launching.width} is too narrow: a population trains as one "
            f"group, and has {settings.members} members."
        )


def _check_one_group(request: PopulationRequest, configs: Sequence[Config]) -> None:
    if len(groups(configs)) > 1:
        keys = " and ".join(of.key for of in request.dimensions if "null" in of.values)
        raise RequestError(
            f"A population trains as one group, in which {keys or 'a key'} can't be null for some "
            "and a number for others."
        )
    first, *others = plan(configs, len(configs))
    if others:
        raise RequestError(f"A population trains as one group, and here runs go {first.why}.")


def _check_goes_on(of: Dimension, config: Config) -> None:
    """Refuse a key that acts at the beginning alone: to change it later would change nothing."""
    pair = _pair(of, config)
    learnt = [pair.params, *pair.state.values()]
    if any(_unlike(tensors) for tensors in learnt):
        raise RequestError(
            f"{of.key} says how a run begins, and a population changes values on the way: search "
            "it with hydra/sweeper=search."
        )


def _pair(of: Dimension, config: Config) -> Members:
    """Return two members before their first step that differ in one key alone."""
    ends = parse([f"{of.key}={of.sample(number)}" for number in range(2)])
    return build_group([with_values(config, {of.key: end.value()}) for end in ends], []).members


def _unlike(tensors: dict[str, torch.Tensor]) -> list[str]:
    return [name for name, (one, other) in tensors.items() if not torch.equal(one, other)]
