"""YAML files of run folders: what they say, where they are whole."""

from pathlib import Path
from typing import Any

from runner.guarded_files import MOST_OF_A_RECORD, read_text
from runner.plain_values import ValuesError, load_yaml


def read_yaml(path: Path, most: int = MOST_OF_A_RECORD) -> Any:
    """What a YAML file says, None where there is none, or it is torn or no plain values."""
    try:
        text = read_text(path, most)
        # Of a torn one the last value may read as another, 2 for 20.
        return load_yaml(text) if text.endswith("\n") else None
    except (OSError, ValuesError):
        return None
