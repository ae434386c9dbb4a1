"""Studies that would run code, read what is secret, write elsewhere, or never end."""

from collections.abc import Iterator
from itertools import pairwise, product

CODE = "{_target_: os.system, command: touch owned}"
ELSEWHERE = ("/tmp/elsewhere", "../elsewhere", "outputs/../../elsewhere", "~/elsewhere", "${notes}")
READERS = (
    "${oc.env:A_SECRET}",
    "${oc.decode:'\\\\${oc.env:A_SECRET}'}",
    "${oc.decode:'\\\\${oc.e${oc.decode:nv}:A_SECRET}'}",
    "${oc.select:'${oc.env:A_SECRET}'}",
    "${hydra:runtime.cwd}",
    "${hydra:job.env_set}",
)
OF_HYDRA = (
    *("callbacks.x", "job_logging.handlers.x", "hydra_logging.handlers.x", "launcher", "sweeper"),
    *("job.env_set.PATH", "job.env_copy", "job.chdir", "job.config.override_dirname"),
    *("searchpath", "output_subdir", "sweep.subdir", "runtime.output_dir", "help.template"),
)
PATHS = ("hydra.run.dir", "hydra.sweep.dir", "dataset.root", "init_from")
SWEPT = ("hydra.callbacks.x", "+hydra.callbacks.x", "hydra/launcher", "~model", "optim@hydra.job")
DEFAULTS = (
    *("/../../../../../../tmp/elsewhere@_global_", "//tmp/elsewhere", "../../elsewhere"),
    *("/hydra/config", "/hydra/job_logging: stdout", "override /hydra/launcher: basic"),
    *(
        "/optim@hydra.callbacks.x: sgd",
        "override /model: ../../elsewhere",
        "override /model: [mlp]",
    ),
    *("override /hydra/job_logging: colorlog", "theirs", "/experiment/theirs", "{a: {b: c}}"),
)
TEXTS = {
    "deep": "notes: " + "[" * 3000 + "]" * 3000,
    "bomb": "a: &a [1,1,1,1,1,1,1,1,1]\n"
    + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghi")),
    "digits": f"seed: {'9' * 5000}",
    "infinite": "optim: {lr: 1e999}",
    "a list": "- 1\n- 2",
    "no letters": "name: \udcff",
    "escapes": 'name: "\\e]0;owned\\a\\e[31m"\ntags: ["\\u202e"]',
    "long": "name: " + "x" * 300_000,
    "a tag": "name: !!python/object/apply:os.system ['touch owned']",
    "circle": "epochs: ${batch_size}\nbatch_size: ${epochs}",
    "components": "model: {hidden: {a: b}}\noptim: 3",
    "keys": "1: 2\nnull: 3",
}


def studies() -> Iterator[tuple[str, str]]:
    """Each study by a name that says what it tries."""
    for path in (*(f"hydra.{key}" for key in OF_HYDRA), "model", "dataset", "logger.mlflow"):
        yield f"code in {path}", _nested(path, CODE)
    for path, place in product(PATHS, ELSEWHERE):
        yield f"{path} at {place}", _nested(path, f"'{place}'")
        if not path.startswith("hydra"):
            yield f"swept {path} at {place}", _swept(path, f"['{place}', outputs/a]")
    for path, reader in product(("name", "notes", "dataset.seed", "hydra.run.dir"), READERS):
        yield f"{path} reads {reader}", _nested(path, f'"{reader}"')
    for reader in READERS:
        yield f"swept name reads {reader}", _swept("name", f'["{reader}", a]')
    for key in SWEPT:
        yield f"swept {key}", _swept(key, f'["{CODE}", x]')
    for chosen in DEFAULTS:
        yield f"defaults {chosen}", f"defaults:\n  - {chosen}\n"
    yield from TEXTS.items()


def _nested(path: str, value: str) -> str:
    lines = [f"{'  ' * depth}{key}:" for depth, key in enumerate(path.split("."))]
    return "\n".join(lines) + f" {value}\n"


def _swept(key: str, values: str) -> str:
    return f'hydra:\n  sweeper:\n    params:\n      "{key}": {values}\n'
