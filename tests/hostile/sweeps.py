"""Harm to what lies in the folder of a sweep besides its runs."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.places import OF_A_SWEEP, file_harms
from tests.hostile.records import ESCAPES, FORMULA, SCRIPT, TEXTS, Harm

TABLES = {
    "escapes": f"job,status,optim.lr,{ESCAPES},run_dir\n0,ok,{ESCAPES},1,0\n",
    "script": f'job,status,optim.lr,val/loss,run_dir\n0,ok,"{SCRIPT}",1,0\n',
    "formula": f'job,status,optim.lr,val/loss,run_dir\n0,ok,"{FORMULA}",1,0\n',
    "places": "job,status,run_dir\n0,ok,../../elsewhere\n1,ok,/etc\n",
    "no places": "job,status\n0,ok\n1\n2,ok,3,4,5\n",
    "no status": "run_dir,val/loss\n0,x\n",
    "quotes": 'job,status,run_dir\n0,"ok,0\n1,ok,1\n',
    "zeros": "job,status,run_dir\n\x00\x00,ok,0\n",
    "a wide cell": "job,status,run_dir\n0,ok," + "x" * 200_000 + "\n",
    "digits": "job,status,seed,run_dir\n" + f"{'9' * 5000},ok,{'9' * 5000},0\n",
    "infinite": "job,status,seed,val/loss,best/val/loss,run_dir\n0,ok,1e999,inf,-inf,0\n",
}


LINEAGES = {
    "words": "epoch,member\nx,y\n",
    "no numbers": "epoch,member,parent,val/loss,seed\nx,y,z,w,v\n",
    "vast": "epoch,member,parent,val/loss,seed\n0,99999999999,0,1,1\n",
    "not measured": "epoch,member,parent,val/loss,seed\n0,0,,nan,1\n1,0,0,inf,1\n2,0,5,,1\n",
    "escapes": f"epoch,member,parent,val/loss,{ESCAPES}\n0,0,,1,{SCRIPT}\n1,0,0,1,2\n2,0,0,1,2\n",
}


def sweep_harms() -> Iterator[tuple[str, Harm]]:
    """Everything that is done to a sweep."""
    yield from file_harms(OF_A_SWEEP)
    for kind, text in TABLES.items():
        yield f"sweep.csv {kind}", _writes("sweep.csv", text.encode())
    for name in ("jobs.yaml", "multirun.yaml", ".runner/sweep.json"):
        for kind, content in TEXTS.items():
            yield f"{name} {kind}", _writes(name, content)
    yield "jobs escapes", _writes("jobs.yaml", (json.dumps([[f"{ESCAPES}=1"]] * 2)).encode())
    yield "jobs many", _writes("jobs.yaml", b"- [seed=1]\n" * 30_000)
    for kind, table in LINEAGES.items():
        yield f"lineage {kind}", _population(table.encode())
    yield "a search", _search
    yield "thousands of runs", _thousands


def _writes(name: str, content: bytes) -> Harm:
    def harm(sweep: Path) -> None:
        (sweep / name).write_bytes(content)

    return harm


def _population(lineage: bytes) -> Harm:
    def harm(sweep: Path) -> None:
        (sweep / "lineage.csv").write_bytes(lineage)
        (sweep / "schedule.csv").write_bytes(lineage)

    return harm


def _search(sweep: Path) -> None:
    for name in ("trials.csv", "study.log"):
        (sweep / name).write_text(f"trial,value\n{ESCAPES},{SCRIPT}\n")
    (sweep / "confirm-²").mkdir()
    (sweep / "confirm-1").symlink_to("/etc")


def _thousands(sweep: Path) -> None:
    for number in range(2000):
        (sweep / str(100 + number)).mkdir()
