"""The predictions and plots of runs that have ended, from their own files."""

import traceback

from runner.build import build_group, load_data
from runner.columns import Status
from runner.config import Config
from runner.crew.group_files import GroupFiles
from runner.crew.illustrate import illustrate_run
from runner.crew.watch import GroupWatch
from runner.engine import checkpoint
from runner.engine.predictions import write_predictions
from runner.engine.recorder import Recorder
from runner.results.per_class import write_per_class
from runner.results.plots.draw import draw_run
from runner.results.read.runs import read_run


def draw_runs(files: GroupFiles, watch: GroupWatch) -> None:
    """Write what each run of a group predicts and draw it, as far as its plan asks for these.

    What fails is said so, and leaves the run as it was.
    """
    for run in files.plan.runs:
        folder, config = files.run_folder(run), files.plan.configs[run.job]
        recorder = Recorder(folder, {}, run.job)
        try:
            if files.plan.predicts and files.status(run) == Status.OK:
                _predict(recorder, config)
            if files.plan.draws:
                _draw(recorder, config)
        except Exception as error:
            recorder.log(traceback.format_exc())
            told = f"{type(error).__name__}: {error}"
            watch.tell(f"Predictions or plots could not be written: {told}")


def _predict(recorder: Recorder, config: Config) -> None:
    if load_data(config).task == "objective":
        return
    group = build_group([config], [recorder])
    last, best = (recorder.folder / "checkpoints" / name for name in ("last.pt", "best.pt"))
    # A run that may stop early ends with the best weights it had.
    takes_best = config.patience is not None and best.is_file()
    group.members.restore(0, checkpoint.load(best if takes_best else last))
    write_predictions(group)
    write_per_class(read_run(recorder.folder))


def _draw(recorder: Recorder, config: Config) -> None:
    run = read_run(recorder.folder)
    illustrate_run(run, load_data(config), config.loss)
    draw_run(run)
