"""Harm to the files of a run that are text: its summary, its configuration, its tables."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Harm = Callable[[Path], None]
DEEP = "[" * 100_000 + "]" * 100_000
DIGITS = "9" * 5000
ESCAPES = "\x1b]0;owned\x07\x1b[31m\u202e\x9b2J"
SCRIPT = "</script><script>alert('owned')</script><img src=x onerror=alert(1)>"
FORMULA = "=cmd|'/c calc'!A1"
STRANGE: dict[str, Any] = {
    "infinite": float("inf"),
    "nan": float("nan"),
    "negative": -1,
    "vast": 10**400,
    "list": [1, [2]],
    "mapping": {"a": {"b": 1}},
    "text": "soon",
    "true": True,
    "empty": "",
    "escapes": ESCAPES,
    "script": SCRIPT,
    "formula": FORMULA,
    "half a letter": "\ud800",
    "long": "x" * 200_000,
}
FIELDS = (
    *("status", "last", "best", "seed", "tags", "name", "started", "metrics", "seconds", "task"),
    *("reason", "best_metric", "defaults", "config", "versions", "width", "features", "loss"),
    *("components", "signature", "monitor", "device", "git", "machine", "threads"),
)
TEXTS = {
    "empty": b"",
    "marked": b"\xef\xbb\xbf{}\n",
    "no letters": b"\xff\xfe\x00\x01" * 100 + b"\n",
    "zeros": bytes(5000),
    "deep": DEEP.encode() + b"\n",
    "deep mapping": b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"\n",
    "deep block": b"".join(b" " * i + b"a:\n" for i in range(2000)),
    "digits": b'{"seed": ' + DIGITS.encode() + b"}\n",
    "a number": b"7\n",
    "a list": b"[1, 2]\n",
    "names": b"1: 2\nnull: 3\n[1]: 4\n",
    "a tag": b"!!python/object/apply:os.system ['touch owned']\n",
    "resolver": b"epochs: ${oc.env:A_SECRET}\nseed: ${oc.decode:'${oc.env:A_SECRET}'}\n",
    "circle": b"epochs: ${batch_size}\nbatch_size: ${epochs}\n",
    "huge": b"a: " + b"x" * (5 << 20) + b"\n",
    "components": b"dataset: {name: ../../x}\nmodel: {name: [1]}\nloss: 3\n",
}


def text_harms() -> Iterator[tuple[str, Harm]]:
    """Each text in place of each of a run's records."""
    for name in ("summary.json", ".hydra/config.yaml", ".hydra/overrides.yaml"):
        for kind, content in TEXTS.items():
            yield f"{name} {kind}", _writes(name, content)
    yield "overrides escapes", _writes(".hydra/overrides.yaml", _overrides(ESCAPES))
    yield "overrides script", _writes(".hydra/overrides.yaml", _overrides(SCRIPT))
    yield "overrides formula", _writes(".hydra/overrides.yaml", _overrides(FORMULA))


def field_harms() -> Iterator[tuple[str, Harm]]:
    """Each strange value in each field of a run's summary, and within its rows."""
    for field in FIELDS:
        for kind, value in STRANGE.items():
            yield f"summary {field} {kind}", _sets(field, value)
    for kind, value in STRANGE.items():
        yield f"summary epoch {kind}", _sets("last", {"epoch": value, "val/loss": value})
        yield f"summary label {kind}", _sets("metrics", {"loss": {"label": value, "unit": value}})
        yield f"summary default {kind}", _sets("defaults", {"model.hidden": value, ESCAPES: 1})
        yield f"summary all {kind}", _sets_all(value)


def table_harms() -> Iterator[tuple[str, Harm]]:
    """Tables of epochs that are none."""
    wide = ",".join(["epoch", *(f"val/m{i}" for i in range(30_000))])
    cells = ",".join(["1"] * 30_001)
    for kind, text in {
        "empty": "",
        "other columns": "a,b\n1,2\n",
        "ragged": "epoch,train/loss\n1\n2,3,4\n5,6\n",
        "words": "epoch,train/loss,val/loss\n1,soon,later\n2,never,x\n",
        "infinite": "epoch,train/loss,val/loss\n1,1e999,-1e999\n1e999,1,1\n",
        "extremes": "epoch,train/loss,val/loss\n1,1e308,-1e308\n2,5e-324,1e308\n",
        "quotes": 'epoch,"train/loss\n1,"2\n3,""4\n',
        "zeros": "epoch,train/loss\n" + "\x00" * 4000 + "\n1,2\n",
        "twice": "epoch,epoch,train/loss,train/loss\n1,1,2,3\n2,2,3,4\n",
        "wide": f"{wide}\n{cells}\n{cells}\n",
        "no end": "epoch,train/loss\n1," + "1" * 5_000_000,
        "escapes": f"epoch,train/{ESCAPES},{SCRIPT}/loss\n1,2,3\n",
        "formula": f"epoch,train/loss,{FORMULA}\n1,2,3\n",
        "digits": f"epoch,train/loss\n{DIGITS},{DIGITS}\n",
        "backwards": "epoch,train/loss\n5,1\n-3,2\n5,3\n0.5,1\n",
        "superscript": "epoch,train/loss\n²,1\n",
        "marked": "\ufeffepoch,train/loss\n1,2\n",
    }.items():
        for name in ("metrics.csv", "trace.csv"):
            yield f"{name} {kind}", _writes(name, text.encode())


def _writes(name: str, content: bytes) -> Harm:
    def harm(run: Path) -> None:
        (run / name).unlink(missing_ok=True)
        (run / name).write_bytes(content)

    return harm


def _overrides(text: str) -> bytes:
    told = [f"optim.lr={text}", f"{text}=1", f"name={text}", "optim.lr=0.1"]
    return (json.dumps(told) + "\n").encode()


def _sets(field: str, value: Any) -> Harm:
    def harm(run: Path) -> None:
        path = run / "summary.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))

    return harm


def _sets_all(value: Any) -> Harm:
    def harm(run: Path) -> None:
        path = run / "summary.json"
        path.write_text(json.dumps(dict.fromkeys(json.loads(path.read_text()), value)))

    return harm
