"""Optuna's journal, ``study.log``: every point that was asked for and every value that was told."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from optuna.storages.journal import BaseJournalBackend

from runner.atomic_write import write_whole
from runner.kept_records import read_entries


class Journal(BaseJournalBackend):
    """The entries of a journal in memory, and its file, which Optuna's own tools read.

    One process writes it, the owner of the folder, so it needs neither Optuna's lock nor its fsync
    at each entry, which took longer than a search of small models. A search can go back to an
    earlier entry, and asks from there for the same points.

    Args:
        path: The file.
        length: How many of its entries count; what comes after is forgotten.
    """

    def __init__(self, path: Path, length: int) -> None:
        self.path = path
        self.entries = read_entries(path, length) if length else []

    def __len__(self) -> int:
        return len(self.entries)

    def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
        """Return the entries from a number on."""
        return self.entries[log_number_from:]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append entries; `write` brings them to the file."""
        self.entries += json.loads(json.dumps(logs))  # as they would be read

    def write(self) -> None:
        """Write the file, as a whole."""
        lines = (json.dumps(entry, separators=(",", ":")) + "\n" for entry in self.entries)
        write_whole(self.path, "".join(lines).encode(), durable=True)
