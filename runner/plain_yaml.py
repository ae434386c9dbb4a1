"""YAML of run folders, which may be others': without aliases, which can stand for gigabytes."""

import re
from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LIKE_ALIAS = re.compile(r"(?:^|[\s\[{,])\*\S")


def load(text: str) -> Any:
    """Return what a YAML text says.

    Raises:
        yaml.YAMLError: It is none, or it has aliases: a few lines of them may stand for more than
            fits in memory, and no file of this program's has any.
    """
    if LIKE_ALIAS.search(text):
        for token in yaml.scan(text, LOADER):
            if isinstance(token, yaml.AliasToken):
                raise yaml.YAMLError("it has aliases (*), which are not read")
    return yaml.load(text, LOADER)
