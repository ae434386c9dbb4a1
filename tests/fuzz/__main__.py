"""``python -m tests.fuzz N --seed S``: N requests, and what was wrong with the way any ended."""

import argparse
import os
import shlex
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .carry_out import Ending, Forks, clock
from .grammar import request
from .verdict import at_work, faults

SHOWN = 3  # of findings that read the same
EVERY = 1_000  # requests between two lines of progress


def main(argv: Sequence[str]) -> int:
    """Carry the requests out.

    Returns:
        0 where all ended as they should, else 1.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("requests", type=int, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same requests")
    parser.add_argument("--only", type=int, help="carry this one out, and show what it says")
    asked = parser.parse_args(argv)
    numbers = range(asked.requests) if asked.only is None else [asked.only]
    with tempfile.TemporaryDirectory() as folder:
        report = Report(asked.seed, shows_all=asked.only is not None)
        forks, begun = Forks(Path(folder)), clock()
        for number in numbers:
            forks.start(number, request(asked.seed, number))
            if len(forks.running) >= len(os.sched_getaffinity(0)):
                report.add(forks.wait())
        while forks.running:
            report.add(forks.wait())
        report.sum_up(clock() - begun)
    return int(bool(report.found))


class Report:
    """What came of the requests, told as they end.

    Args:
        seed: What they were drawn with.
        shows_all: Whether to print all that each says.

    Attributes:
        found: How often each fault was found.
    """

    def __init__(self, seed: int, *, shows_all: bool) -> None:
        self.seed, self.shows_all = seed, shows_all
        self.codes: Counter[str] = Counter()
        self.found: Counter[str] = Counter()

    def add(self, ending: Ending) -> None:
        """Judge a request that has ended."""
        words = request(self.seed, ending.number)
        self.codes["still at work" if at_work(ending) else str(ending.code)] += 1
        if self.shows_all:
            print(f"{command(words)}\n{ending.said}")
        for fault in faults(words, ending):
            self.found[fault] += 1
            if self.found[fault] <= SHOWN:
                print(f"{fault}\n  {command(words)[:2000]}")
                print(f"  python -m tests.fuzz 1 --seed {self.seed} --only {ending.number}")
        if not self.codes.total() % EVERY:
            print(self._counts())
        sys.stdout.flush()

    def sum_up(self, seconds: float) -> None:
        """Say what came of all of them."""
        rate = self.codes.total() / seconds
        print(f"{self._counts()}; {rate:.1f} a second; {self.found.total()} findings")
        for fault, times in self.found.most_common():
            print(f"{times:,} times: {fault}")

    def _counts(self) -> str:
        codes = ", ".join(f"exit {code}: {times:,}" for code, times in sorted(self.codes.items()))
        return f"{self.codes.total():,} requests ({codes})"


def command(words: Sequence[str]) -> str:
    """Return a line for bash; what can't be seen is written as an escape."""
    return shlex.join(["python", "-m", "runner"]) + "".join(f" {_quoted(w)}" for w in words)


def _quoted(word: str) -> str:
    if word.isprintable() and word.isascii():
        return shlex.quote(word)
    escaped = "".join(
        c if c.isprintable() and c.isascii() and c not in "'\\" else _escape(c) for c in word
    )
    return f"$'{escaped}'"


def _escape(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
