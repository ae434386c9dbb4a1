"""The values that one key may take, as Hydra's grammar has them."""

from dataclasses import dataclass, replace
from math import inf

from hydra.core.override_parser.types import IntervalSweep, Override, RangeSweep

from runner.errors import RequestError

LOG = "log"


@dataclass(frozen=True)
class Dimension:
    """The values that one key may take.

    Attributes:
        key: Its dotted name, or that of a group.
        values: The choices, as they are typed; none where it is an interval.
        low, high: The ends of an interval, both included.
        step: The distance of its values; None for any value between the ends.
        log: Whether equal ratios are equally likely, not equal differences.
        whole: Whether its values are whole numbers.
    """

    key: str
    values: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float | None = None
    log: bool = False
    whole: bool = False

    def sample(self, number: int) -> str:
        """Return one of some values that cover it: the ends in turn, or the choices."""
        if self.values:
            return self.values[number % len(self.values)]
        value = self.high if number % 2 else self.low
        return str(int(value)) if float(value).is_integer() else repr(value)

    @property
    def number(self) -> float:
        """How many values there are; infinitely many in an interval."""
        if self.values:
            return len(self.values)
        return inf if self.step is None else round((self.high - self.low) / self.step) + 1

    def __len__(self) -> int:
        """How many samples cover it."""
        return len(self.values) or 2


def dimension(override: Override) -> Dimension:
    """Return the values that an override says a key may take.

    Raises:
        RequestError: They are none, or such as can't be searched.
    """
    key, value, line = override.get_key_element(), override.value(), override.input_line
    tags: set[str] = getattr(value, "tags", set())
    if tags - {LOG}:
        raise RequestError(f"{line}: a search knows no tag but {LOG}.")
    if isinstance(value, IntervalSweep):
        ends = (float(value.start or 0), float(value.end or 0))
        found = _interval(key, str(line), *ends, log=LOG in tags)
        return replace(found, whole=type(value.start) is int)  # int(interval(…)) says so
    if LOG in tags:
        raise RequestError(f"{line}: tag({LOG}, …) belongs to an interval.")
    if isinstance(value, RangeSweep):
        return _range(key, str(line), value)
    values = tuple(override.sweep_string_iterator())
    if not values:
        raise RequestError(f"{line} holds no value at all.")
    if len(set(values)) < len(values):
        raise RequestError(f"{line} names a value twice.")
    return Dimension(key, values)


def _interval(key: str, line: str, low: float, high: float, *, log: bool) -> Dimension:
    if low >= high:
        raise RequestError(f"{line} is empty: its first end must be below its second.")
    if log and low <= 0:
        raise RequestError(f"{line}: a logarithmic interval begins above 0.")
    return Dimension(key, low=low, high=high, log=log)


def _range(key: str, line: str, value: RangeSweep) -> Dimension:
    numbers = list(value.range())
    if not numbers:
        raise RequestError(f"{line} holds no value at all.")
    if len(numbers) == 1:  # no ends to choose between
        return Dimension(key, (str(numbers[0]),))
    return Dimension(key, low=min(numbers), high=max(numbers), step=abs(value.step))
