"""What a search was asked for, in its folder: a resume asks for the same, and may for more."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from runner.atomic_write import write_whole
from runner.errors import RequestError
from runner.kept_records import read_record
from runner.request.launching import GROUP
from runner.request.relaunching import ALL_KEYS, without_launcher
from runner.request.searching import REQUEST, Settings
from runner.request.space import Space
from runner.request.sweeper_keys import NODE

OPEN = ("trials", "budget")
"""The settings that a resume may change."""
ALLOWED = [*(f"{NODE}.{key}" for key in OPEN), *ALL_KEYS]


@dataclass(frozen=True)
class Asked:
    """What a search was asked for.

    Attributes:
        overrides: What was typed, folder excepted.
        round: How many points a round has; 0 where there are no rounds.
        decides: All that the points depend on, by name.
    """

    overrides: list[str]
    round: int
    decides: dict[str, Any]

    def with_more(self, overrides: Sequence[str]) -> list[str]:
        """Return all that is asked for with what is typed now; another launcher has other keys."""
        relaunched = any(o.startswith(f"{GROUP}=") for o in overrides)
        before = without_launcher(self.overrides) if relaunched else self.overrides
        return [*before, *overrides]

    def check_same(self, request: Space[Any]) -> None:
        """Refuse to go on with another search.

        Raises:
            RequestError: It names what differs.
        """
        now = deciding(request)
        if other := [name for name, told in self.decides.items() if now[name] != told]:
            raise RequestError(
                f"The search was of other {' and '.join(other)}: begin a new one, or ask for what "
                "it was asked for."
            )


def write_request(
    folder: Path, overrides: Sequence[str], request: Space[Any], name: str = REQUEST
) -> None:
    """Write what a search, or by another name of the file a population, is asked for."""
    settings = request.settings
    size = settings.round_size if isinstance(settings, Settings) else 0
    _write(folder / name, Asked(list(overrides), size, deciding(request)))


def remember(folder: Path, before: Asked, overrides: Sequence[str], name: str = REQUEST) -> None:
    """Write what a resume asks for besides, so that the next one need not repeat it.

    Args:
        folder: That of the search.
        before: What was asked for until now.
        overrides: What was typed with this resume; it wins over what was typed before.
        name: That of the file.
    """
    if overrides:
        _write(folder / name, replace(before, overrides=before.with_more(overrides)))


def _write(path: Path, asked: Asked) -> None:
    write_whole(path, json.dumps(asdict(asked), ensure_ascii=False).encode(), durable=True)


def read_request(folder: Path, name: str = REQUEST) -> Asked:
    """Return what a search was asked for, or by another name of the file a population.

    Raises:
        RequestError: It can't be read.
    """
    return read_record(folder / name, lambda found: Asked(**found))


def deciding(request: Space[Any]) -> dict[str, Any]:
    """Return all that the points of a search depend on, by name."""
    settings = request.settings.model_dump(exclude={*OPEN, "confirm"})
    told = {
        "values": [asdict(dimension) for dimension in request.dimensions],
        "overrides": request.fixed,
        "settings": settings,
    }
    return dict(json.loads(json.dumps(told)))
