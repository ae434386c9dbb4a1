"""A package of components that make trouble, as it is installed beside the program."""

# A package of components that make trouble when the environment says so: what is asked for, and
# what is on record of its origin, stays the same with the trouble and without it.
TROUBLE = '''
import ctypes
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from math import prod
from typing import Annotated, Literal

import numpy
import torch
from torch import Tensor, nn

from runner.hyper import PerMember
from runner.models.base import Model
from runner.registry import register
from runner.schedules import Schedule


def fill_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    numpy.ones(2**40)


def fail() -> None:
    raise ValueError("Seven is out of the question.\\nSo is eight.")


FAULTS = {
    "none": lambda: None,
    "raise": fail,
    "exit": lambda: sys.exit(0),
    "os-exit": lambda: os._exit(0),
    "abort": os.abort,
    "segfault": lambda: ctypes.string_at(0),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "memory": fill_memory,
    "torch-memory": lambda: torch.empty(1 << 50),
    "sleep": lambda: time.sleep(600),
}


@register("schedule", "trouble")
@dataclass(kw_only=True, eq=False)
class Trouble(Schedule):
    """The rate falls with ``at``; an epoch that begins later than ``at`` makes the trouble."""

    at: Annotated[Tensor, PerMember(gt=0)]
    kind: str

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        print("words of print")
        os.write(1, b"words of C\\n")
        slow = os.path.exists(os.environ.get("SLOW_WHILE_THERE_IS", "/"))
        if slow and elapsed[0] > 0:  # what is tried out before training takes no time
            time.sleep(float(os.environ.get("SECONDS_EACH_EPOCH", 0)))
        if os.environ.get("TROUBLE") and (elapsed[0] >= self.at).any():
            FAULTS[self.kind]()
        return (1 / self.at).expand(len(elapsed), -1)


@register("model", "trouble")
class TroubledModel(Model):
    tasks = frozenset({"classes"})

    def __init__(self, inputs, outputs, *, when: Literal["built", "computed"]):
        super().__init__()
        self.linear, self.when = nn.Linear(prod(inputs), outputs), when
        if when == "built":
            sys.exit(0)

    def forward(self, inputs):
        sys.exit()
'''
CONFIGS = {
    "conf/schedule/trouble.yaml": "name: trouble\nat: 1.0\nkind: none\n",
    "conf/model/trouble.yaml": "name: trouble\nwhen: built\n",
}
PACKAGE = {
    "theirs/__init__.py": "",
    "theirs/trouble.py": TROUBLE,
    **{f"theirs/{name}": text for name, text in CONFIGS.items()},
    "theirs-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n",
    "theirs-1.0.dist-info/entry_points.txt": "[runner.components]\ntheirs = theirs.trouble\n",
}
# The same in a folder of one's own, which is found where one stands.
OWN = {
    "components/trouble.py": TROUBLE,
    **{f"components/{name}": text for name, text in CONFIGS.items()},
}
