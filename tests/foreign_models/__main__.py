"""Writes ``docs/models.md``: what becomes of every kind of model."""

import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from hydra.core.global_hydra import GlobalHydra
from hydra.initialize import initialize_config_dir

from foreign_models.kinds import all_kinds
from foreign_models.page import PAGE, page
from foreign_models.verdict import Verdict, try_kind
from runner.paths import conf_folder
from runner.request.points import Composer


def main() -> int:
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        composer = Composer(GlobalHydra.instance().config_loader())
    verdicts: list[Verdict] = []
    for kind in all_kinds():
        with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
            verdict = try_kind(kind, composer, Path(folder))
        verdicts.append(verdict)
        for fault in verdict.faults:
            print(f"{kind.words}: {fault}", file=sys.stderr)
    PAGE.write_text(page(all_kinds(), verdicts), encoding="utf-8")
    return int(any(verdict.faults for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
