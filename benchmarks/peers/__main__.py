"""Runs one peer in this process: ``python -m benchmarks.peers NAME WORKLOAD key=value …``.

    python -m benchmarks.peers bare mlp epochs=2 seed=0 data=FOLDER

It prints one line of JSON: see `benchmarks.peers.told.Told`. Importing the peer is timed too.
"""

import sys
from importlib import import_module

from benchmarks.peers.told import Asked, Clock

if __name__ == "__main__":
    name, workload, *words = sys.argv[1:]
    clock = Clock()
    peer = import_module(f"benchmarks.peers.{name}")
    clock.end("import")
    told = peer.run(Asked.parse(workload, words), clock)
    print(f"\n{told.line(clock)}")
