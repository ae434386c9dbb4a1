"""Requests drawn from Hydra's grammar of overrides, with the program's own keys and flags."""

import json
from random import Random
from typing import Any

from .mutations import mutated
from .vocabulary import choices, keys, keys_of

# What goes together, so that a good part of the requests can be carried out.
STARTS = [
    [],
    ["model=softmax", "dataset.train_size=40"],
    ["dataset=linear", "model=linreg"],
    ["dataset=high-dim-linear", "model=linreg"],
    ["dataset=none", "model=point", "loss=himmelblau"],
    ["dataset=csv", "dataset.path=../table.csv", "model=linreg"],
    ["dataset=ohm", "model=linreg"],
    ["dataset=planck", "model=planck"],
]
# What trains within a second: beside these nothing is drawn that could make it longer.
TINY = ["epochs=1", "plots=false", "predictions=false"]
HYDRA = {
    "hydra.run.dir": [
        "out",
        "'a b'",
        "outputs/${seed}",
        "${now:%Y}",
        "${..seed}",
        "${oc.env:HOME}",
    ],
    "hydra.sweep.dir": ["out", "${name}", "a/${dataset.name}", "[a]"],
    "hydra.sweep.subdir": ["x", "${hydra.job.num}"],
    "hydra.sweeper.skip_missing": ["true", "maybe"],
    "hydra.sweeper.trials": ["3", "0", "1e9", "x"],
    "hydra.sweeper.params": ["{seed:1}", "{'optim.lr':[0.1,0.2]}", "null", "[]", "{a.b:c}"],
    "hydra.launcher.width": ["auto", "1", "0", "-1", "x"],
    "hydra.launcher.workers": ["0", "auto", "-3", "1.5"],
    "hydra.launcher.timeout_min": ["1", "0", "x", "null"],
    "hydra/launcher": ["basic", "fused", "ray", "slurm", "joblib", "null"],
    "hydra/sweeper": ["points", "search", "population", "basic", "x"],
    "hydra.job.name": ["x"],
    "hydra.verbose": ["true", "[runner]"],
    "hydra.mode": ["RUN", "MULTIRUN", "x"],
    "hydra.output_subdir": ["null", "x"],
    "hydra.searchpath": ["[file://x]", "[pkg://os]", "3"],
    "hydra": ["{}", "null"],
}
FLAGS = [
    *(["-m"], ["--multirun"], ["--dry-run"], ["--retry"], ["--force"], ["--again", "x"]),
    *(["--resume", "x"], ["--resume", "."], ["--resume"], ["--resume", "../table.csv"]),
    *(["--cfg", "job"], ["-c", "hydra"], ["--cfg", "all", "--resolve"], ["--cfg", "x"], ["--cfg"]),
    *(["--cfg", "job", "-p", "model"], ["--cfg", "job", "--package", "x.y"], ["--resolve"]),
    *(["--info", "config"], ["--info", "defaults"], ["--info", "x"], ["--info"]),
    *(["--help"], ["--help", "model"], ["--help", "optim.lr"], ["--help", "model=mpl"], ["-h"]),
    *(["--hydra-help"], ["--version"], ["--config-name", "x"], ["--config-dir", "."], ["-cn=x"]),
    *(["--config-path", "x"], ["--package", "a.b"], ["--run"], ["--experimental-rerun", "x"]),
    *(["--components", "x"], ["--components", "."], ["--"], ["-"], ["---"], ["--x=1"], ["-z"]),
]
NUMBERS = ["0", "1", "-1", "2", "7", "0.5", "-0.0", "1e-3", "1e400", "inf", "nan", "1_000", "0x1f"]
ODD = [
    *("true", "False", "null", "''", '""', "'a,b'", '"x y"', "a:b", "???", "${seed}", "${x}", "é"),
    *("${oc.env:PATH}", "${oc.env:X,1}", "${oc.decode:3}", "${oc.create:{a:1}}", "${now:%H}"),
    *("${hydra:job.num}", "${model.hidden}", "${..seed}", "${.}", "\\${seed}", "${oc.select:a,3}"),
    *("a\\,b", "a\\=b", "\\", "$", "%", "@", "a@b", "/", "~", "<", "*", "?", "#", "=", "a=b", " "),
]

CASTS = ["int", "float", "str", "bool", "json_str", "sort", "shuffle", "extend_list"]


def request(seed: int, number: int) -> list[str]:
    """Return a command line: the same for the same seed and number, wherever it is drawn."""
    draw = Random(f"{seed}/{number}")
    start = draw.choice(STARTS)
    trains = draw.random() < 0.02
    tuned = [_override(draw, start, sweeps=not trains) for _ in range(draw.choice([0, 1, 1, 2, 3]))]
    words = [*start, *tuned]
    if draw.random() < 0.1:
        words.append(f"experiment={draw.choice(choices()['experiment'])}")
    if draw.random() < 0.5 or any("," in word for word in tuned):
        words.append("-m")
    words += draw.choice(FLAGS) if draw.random() < 0.25 else []
    if draw.random() < 0.5:
        words = mutated(draw, words)
    if draw.random() < 0.2:
        draw.shuffle(words)
    return [*words, *TINY] if trains else [*words, "--dry-run"]


def _override(draw: Random, start: list[str], *, sweeps: bool) -> str:
    kind = draw.random()
    if kind < 0.2:
        group = draw.choice(sorted(choices()))
        return f"{_sign(draw)}{group}={_of_group(draw, group)}"
    if kind < 0.3:
        key = draw.choice(sorted(HYDRA))
        return f"{_sign(draw)}{key}={draw.choice(HYDRA[key])}"
    key, default = draw.choice(sorted(_near(draw, start).items()))
    value = _value(draw, default) if draw.random() < 0.6 or not sweeps else _sweep(draw, default)
    return f"{_sign(draw)}{key}={value}"


def _sign(draw: Random) -> str:
    return draw.choice(["+", "++", "~"]) if draw.random() < 0.05 else ""


def _near(draw: Random, start: list[str]) -> dict[str, Any]:
    """The keys that a request most likely has, or all there are."""
    if draw.random() < 0.3:
        return keys()
    chosen = {"dataset": "digits", "model": "mlp", "optim": "sgd", "regularizer": "l2"}
    chosen |= dict(word.split("=") for word in start if word.split("=")[0] in chosen)
    own = {key: value for key, value in keys().items() if "." not in key}
    for group, choice in chosen.items():
        own |= keys_of(group, choice)
    return own


def _of_group(draw: Random, group: str) -> str:
    names = choices()[group]
    kind = draw.random()
    if kind < 0.7:
        return draw.choice(names)
    if kind < 0.8:
        return f"glob({draw.choice(['*', '*a*', 'x', '[', '?????'])})"
    some = draw.sample(names, min(len(names), 2))
    return draw.choice([",".join(some), f"[{','.join(some)}]", f"choice({','.join(some)})"])


def _value(draw: Random, default: Any, depth: int = 0) -> str:
    """A value like the one that a key has, one of another kind, or one of nobody's."""
    kind = draw.random()
    if kind < 0.45:
        return _like(draw, default)
    if kind < 0.6:
        return draw.choice(NUMBERS)
    if kind < 0.75:
        return draw.choice(ODD)
    if kind < 0.8 or depth > 2:
        return _like(draw, draw.choice(sorted(keys().items()))[1])
    inner = [_value(draw, default, depth + 1) for _ in range(draw.choice([0, 1, 2, 3]))]
    if kind < 0.9:
        return f"[{','.join(inner)}]"
    if kind < 0.95:
        return "{" + ",".join(f"k{place}:{value}" for place, value in enumerate(inner)) + "}"
    return f"{draw.choice(CASTS)}({','.join(inner)})"


def _like(draw: Random, default: Any) -> str:
    if isinstance(default, bool):
        return draw.choice(["true", "false"])
    if isinstance(default, int):
        return str(default + draw.choice([-1, 0, 1, 2]))
    if isinstance(default, float):
        return str(round(default * draw.choice([0.1, 0.5, 1, 2, -1]), 9))
    return json.dumps(default).replace('"', "'") if isinstance(default, list) else str(default)


def _sweep(draw: Random, default: Any) -> str:
    """Several values, in any of the ways that Hydra has for them."""
    some = [_value(draw, default, 2) for _ in range(draw.choice([1, 2, 2, 3]))]
    low, high = draw.choice(NUMBERS), draw.choice(NUMBERS)
    return draw.choice(
        [
            ",".join(some),
            f"choice({','.join(some)})",
            f"range({low},{high})",
            f"range({draw.choice('1234')})",
            f"range({low},{high},{draw.choice(['1', '0', '0.1', '-1', '1e-9'])})",
            f"interval({low},{high})",
            f"tag(log,interval({low},{high}))",
            f"tag(a,b,choice({','.join(some)}))",
            f"shuffle({','.join(some)})",
            f"sort({','.join(some)},reverse=true)",
            f"{some[0]},range(1,{draw.choice('234')})",
            f"glob({draw.choice('*a[')})",
        ]
    )
