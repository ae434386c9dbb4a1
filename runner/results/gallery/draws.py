"""Whether a study's checks hold for seeds and data that nobody chose.

The draws of a study lie beside its results, in ``NAME-draws/1``, ``NAME-draws/2``, …, each a run or
a sweep like the study's own, with seeds and data of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runner.results.gallery.checks import Check
from runner.results.gallery.headers import Header
from runner.results.gallery.verdicts import Verdict, judge, read_results

SEEDS = {"seed", "dataset.seed"}


@dataclass(frozen=True)
class Draws:
    """What the draws of a study gave.

    Attributes:
        numbers: The numbers of the draws.
        verdicts: For each check of the study, what was found of it in each draw; none for a check
            that names its seed, since no draw has that.
    """

    numbers: tuple[int, ...] = ()
    verdicts: tuple[tuple[Verdict, ...], ...] = ()

    @property
    def words(self) -> list[str]:
        """On how many draws each check held; empty for a check that names its seed."""
        return [
            f"held on {sum(one.holds for one in found)} of {len(found)} fresh draws" * bool(found)
            for found in self.verdicts
        ]

    def missed(self, checks: Sequence[Check]) -> list[str]:
        """What did not hold, a sentence for each check and draw.

        Args:
            checks: The study's checks.
        """
        return [
            f"{check} | draw {number} obtained: {found.obtained}"
            for check, verdicts in zip(checks, self.verdicts, strict=False)
            for number, found in zip(self.numbers, verdicts, strict=False)
            if not found.holds
        ]


def place_of(study: Path, draw: int) -> Path:
    """Where a draw of a study lies.

    Args:
        study: Where the study's own results lie.
        draw: The draw's number.
    """
    return study.with_name(f"{study.name}-draws") / str(draw)


def drawn(study: Path) -> list[int]:
    """The numbers of the draws that a study has, finished or not.

    Args:
        study: Where the study's own results lie.
    """
    places = place_of(study, 0).parent.glob("*")
    return sorted(int(place.name) for place in places if place.name.isdecimal())


def judge_draws(header: Header, study: Path, numbers: Sequence[int]) -> Draws:
    """Hold a study's checks against its draws.

    Args:
        header: The study.
        study: Where its own results lie.
        numbers: Which draws, all of them finished.
    """
    results = [read_results(place_of(study, number)) for number in numbers]
    verdicts = (
        () if _names_a_seed(check) else tuple(judge(check, one) for one in results)
        for check in header.checks
    )
    return Draws(tuple(numbers), tuple(verdicts) if results else ())


def _names_a_seed(check: Check) -> bool:
    named = dict(check.quantity.at) | dict(check.other.at if check.other else ())
    return bool(SEEDS & named.keys())
