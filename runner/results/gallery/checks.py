"""What a study claims about its results.

A check is one line. A quantity is a column of ``sweep.csv``, alone (all the runs) or ``at`` some
values of what was swept; several are parted by ``"; "``::

    test/loss                                    the last epoch, mean over all the runs
    test/loss at regularizer.lambda=3            over the runs with this value
    test/loss at model.dropout=[0.2,0.5]; optim.lr=0.1
    train/loss at epoch=1                        that epoch rather than the last

and a check says of it one of these::

    test/loss at regularizer.lambda=3: 0.001 to 0.1      both ends belong to the range
    test/loss: below 0.1
    test/loss: above 0.1
    test/loss at regularizer.lambda=0 above test/loss at regularizer.lambda=3
    train/accuracy below test/accuracy
    train/loss at optim=sgd within 1e-9 of train/loss at optim=torch-sgd
    status at optim.lr=3: diverged                       every one of these runs

`runner.results.gallery.verdicts` says whether the runs support them.
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from runner.columns import Status
from runner.errors import unknown
from runner.results.read.runs import Value, parse_value

STATUSES = tuple(str(status) for status in Status)


@dataclass(frozen=True)
class Quantity:
    """A column, and the runs over which it is looked at.

    Attributes:
        column: A column of ``sweep.csv``.
        at: What these runs have in common: swept keys (or ``seed``, ``epoch``) and their values.
    """

    column: str
    at: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        pairs = "; ".join(f"{key}={value}" for key, value in self.at)
        return f"`{self.column}` at `{pairs}`" if pairs else f"`{self.column}`"


@dataclass(frozen=True)
class Between:
    """The mean lies in a range, both ends included."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Beyond:
    """The mean lies ``above`` or ``below`` a number, or the mean of another quantity."""

    side: str
    bound: float | Quantity

    def __str__(self) -> str:
        bound = f"{self.bound:g}" if isinstance(self.bound, float) else self.bound
        return f"{self.side} {bound}"


@dataclass(frozen=True)
class Near:
    """The mean lies no further than some distance from the mean of another quantity."""

    distance: float
    bound: Quantity

    def __str__(self) -> str:
        return f"within {self.distance:g} of {self.bound}"


@dataclass(frozen=True)
class Ends:
    """Every run ends with this status."""

    status: str

    def __str__(self) -> str:
        return self.status


@dataclass(frozen=True)
class Check:
    """A claim about a quantity."""

    quantity: Quantity
    expected: Between | Beyond | Near | Ends

    @property
    def other(self) -> Quantity | None:
        """The quantity that this one is compared with; None where it is held against numbers."""
        bound = getattr(self.expected, "bound", None)
        return bound if isinstance(bound, Quantity) else None

    def __str__(self) -> str:
        return f"{self.quantity}{'' if self.other else ':'} {self.expected}".replace("`", "")


def parse_check(text: str) -> Check:
    """Read one check.

    Args:
        text: What stands after ``Check:``.

    Returns:
        The check.

    Raises:
        ValueError: It is none; the message is a sentence that says why.
    """
    left, colon, right = text.rpartition(": ")
    if colon:
        return _claim(_quantity(left), right.strip())
    found = re.fullmatch(r"(.+?) (?:(above|below)|within (\S+) of) (.+)", text)
    if not found:
        raise ValueError(
            f"'{text}' is no check; write 'COLUMN at KEY=VALUE: LOW to HIGH', "
            "or 'COLUMN at KEY=VALUE above COLUMN at KEY=VALUE'."
        )
    one, side, distance, other = found.groups()
    bound = _quantity(other)
    return Check(_quantity(one), Beyond(side, bound) if side else Near(_distance(distance), bound))


def matches(quantity: Quantity, found: Mapping[Hashable, object]) -> bool:
    """Whether a run with these values is one of those that a quantity is looked at over."""
    return all(key in found and _same(value, found[key]) for key, value in quantity.at)


def _claim(quantity: Quantity, text: str) -> Check:
    """``0.1 to 0.2``, ``above 0.1``, ``below 0.1``, or the word of a status."""
    if quantity.column == "status":
        if text not in STATUSES:
            raise ValueError(unknown("status", text, STATUSES))
        return Check(quantity, Ends(text))
    first, middle, last = text.partition(" to ")
    if middle:
        low, high = _number(first), _number(last)
        if low > high:
            raise ValueError(f"The range '{text}' is empty: write the smaller number first.")
        return Check(quantity, Between(low, high))
    side, _, bound = text.partition(" ")
    if side not in ("above", "below"):
        raise ValueError(f"'{text}' is no range; write 'LOW to HIGH', 'above LOW' or 'below HIGH'.")
    return Check(quantity, Beyond(side, _number(bound)))


def _number(text: str) -> float:
    found = parse_value(text.strip())
    if isinstance(found, str):
        raise ValueError(f"'{text}' is no finite number.")
    return float(found)


def _distance(text: str) -> float:
    distance = _number(text)
    if distance < 0:
        raise ValueError(f"'{text}' is no distance: nothing lies within less than 0.")
    return distance


def _quantity(text: str) -> Quantity:
    column, at, pairs = text.strip().partition(" at ")
    found = [pair.partition("=") for pair in pairs.split("; ")] if at else []
    if not column or " " in column or not all(key and value for key, _, value in found):
        raise ValueError(
            f"'{text.strip()}' is no quantity; write 'COLUMN at KEY=VALUE; KEY=VALUE'."
        )
    return Quantity(column, tuple((key.strip(), value.strip()) for key, _, value in found))


def _same(asked: str, found: object) -> bool:
    """Numbers are compared as numbers; lists and words whatever their spaces and capitals."""
    return _plain(asked) == _plain(str(found))


def _plain(text: str) -> Value:
    found = parse_value(text.replace(" ", "").casefold())
    return "null" if found == "none" else found
