"""Weights & Biases: without a network into files that ``wandb sync`` sends, or at once."""

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Annotated, Any, Literal

from pydantic import Field

from runner.columns import Status
from runner.loggers.base import Logger, NewRun, RunLog, sweep_title
from runner.registry import register


@register("logger", "wandb")
class WandB(Logger):
    """Makes one W&B run for each run, those of a sweep in a group of their own.

    Its files lie in ``wandb/`` in the run's folder.

    Args:
        mode: ``offline`` needs neither an account nor a network; ``online`` sends as it goes.
        project: The project the runs belong to.
        entity: The user or team; None for whoever is logged in.
    """

    package = "wandb"

    def __init__(
        self,
        *,
        mode: Literal["offline", "online"],
        project: Annotated[str, Field(min_length=1)],
        entity: str | None,
    ) -> None:
        import wandb

        # It would ask on the screen, in the midst of the training.
        if mode == "online" and not wandb.login(prompt=False, verify=False):
            raise PermissionError("nobody is logged in; see wandb login")
        self.wandb: Any = wandb
        self.place = {"mode": mode, "project": project, "entity": entity}
        self.settings = wandb.Settings(
            silent=True,
            console="off",  # nothing of ours is taken from the screen, nothing of theirs put there
            disable_code=True,
            disable_git=True,
            x_disable_meta=True,
            x_disable_stats=True,
            x_disable_machine_info=True,
            x_save_requirements=False,
        )

    def open(self, run: NewRun) -> RunLog:
        """Make a W&B run that knows nothing of the others."""
        return _History(
            self.wandb.init(
                **self.place,
                settings=self.settings,
                reinit="create_new",
                dir=str(run.folder),
                name=run.title,
                group=run.sweep and sweep_title(run.sweep),
                job_type=run.sweep and "sweep",
                config={**run.config, "signature": run.signature},
            )
        )

    def look(self, folder: Path) -> str:
        """Return the command that sends what is on disk alone; see ``Logger``."""
        if self.place["mode"] == "online":
            return f"the project {self.place['project']}, where you are logged in"
        runs = "wandb" if (folder / "wandb").is_dir() else "*/wandb"
        return f"wandb sync {quote(str(folder))}/{runs}/offline-run-*"

    def close(self, status: str) -> None:
        """End the process that W&B writes through."""
        self.wandb.teardown()


class _History(RunLog):
    """One run: a step for every epoch."""

    def __init__(self, run: Any) -> None:
        self.run = run

    def row(self, row: Mapping[str, float]) -> None:
        metrics = {name: value for name, value in row.items() if name != "epoch"}
        self.run.log(metrics, step=int(row["epoch"]))

    def finish(self, summary: Mapping[str, Any]) -> None:
        status = summary["status"]
        best = {f"best/{name}": value for name, value in (summary.get("best") or {}).items()}
        self.run.summary.update({"status": status, **best})
        self.run.finish(exit_code=int(status != Status.OK))
