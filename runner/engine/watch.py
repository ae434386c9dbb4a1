"""Whoever looks on while a group trains."""

from typing import Protocol

from runner.engine.recorder import Row


class Watch(Protocol):
    """Whoever looks on while a group trains."""

    def step(self) -> None:
        """Every member took a step."""

    def epoch(self, rows: list[Row]) -> None:
        """An epoch ended with these rows, one per member."""

    def interrupted(self) -> None:
        """The training was asked to end, and does so after the step."""
