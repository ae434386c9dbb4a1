"""What a search was asked for, in its folder: a resume asks for the same, and may for more."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runner.atomic_write import write_whole
from runner.errors import RequestError
from runner.request.launching import LAUNCHING
from runner.request.searching import NODE, REQUEST, SearchRequest

OPEN = ("trials", "budget")
"""The settings that a resume may change."""
ALLOWED = [
    *(f"{NODE}.{key}" for key in OPEN),
    *(f"hydra.launcher.{key}" for key in LAUNCHING if key != "width"),
]


@dataclass(frozen=True)
class Asked:
    """What a search was asked for.

    Attributes:
        overrides: What was typed, folder excepted.
        round: How many points a round has.
        decides: All that the points depend on, by name.
    """

    overrides: list[str]
    round: int
    decides: dict[str, Any]

    def check_same(self, request: SearchRequest) -> None:
        """Refuse to go on with another search.

        Raises:
            RequestError: It names what differs.
        """
        now = _deciding(request)
        if other := [name for name, told in self.decides.items() if now[name] != told]:
            raise RequestError(
                f"The search was of other {' and '.join(other)}: begin a new one, or ask for what "
                "it was asked for."
            )


def write_request(folder: Path, overrides: Sequence[str], request: SearchRequest) -> None:
    """Write what a search is asked for."""
    asked = Asked(list(overrides), request.settings.round_size, _deciding(request))
    text = json.dumps(asdict(asked), ensure_ascii=False)
    write_whole(folder / REQUEST, text.encode(), durable=True)


def read_request(folder: Path) -> Asked:
    """Return what a search was asked for.

    Raises:
        RequestError: It can't be read.
    """
    try:
        return Asked(**json.loads((folder / REQUEST).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise RequestError(f"'{folder / REQUEST}' can't be read: {error}.") from error


def _deciding(request: SearchRequest) -> dict[str, Any]:
    settings = request.settings.model_dump(exclude={*OPEN, "confirm"})
    told = {
        "values": [asdict(dimension) for dimension in request.dimensions],
        "overrides": request.fixed,
        "settings": settings,
    }
    return dict(json.loads(json.dumps(told)))
