"""``--dry-run`` of a population: its members, its exchanges, what may change, what it will cost."""

from collections.abc import Sequence

from rich.markup import escape

from runner.config import Config
from runner.request.populating import PopulationRequest
from runner.search.dry_run import in_words
from runner.search.space import with_types
from runner.sweep.console import console
from runner.sweep.dry_run import cost, duration
from runner.sweep.plan import plan


def show_population(request: PopulationRequest, configs: Sequence[Config]) -> int:
    """Print what a population will do, and an estimate of its cost; start nothing.

    Args:
        request: What was asked for.
        configs: Those of its samples, checked.

    Returns:
        The exit code, 0.
    """
    settings, first, out = request.settings, configs[0], console()
    for dimension in with_types(request, configs).dimensions:
        out.print(escape(f"{dimension.key}: {in_words(dimension)}"))
    members, stops = settings.members, settings.stops(first.epochs)
    out.print(f"{members} members train in one group to epoch {first.epochs}.")
    out.print(
        f"After every {stops.step} epochs, {len(stops)} times, the worst "
        f"{settings.copied(members)} go on from the best {settings.copied(members)}."
    )
    seeds = [first.model_copy(update={"seed": first.seed + number}) for number in range(members)]
    seconds = cost(plan(seeds, members)[0], seeds).of(first.epochs)
    out.print(
        f"{members * first.epochs} epochs of members, about {duration(seconds)}; "
        "nothing was started."
    )
    return 0
