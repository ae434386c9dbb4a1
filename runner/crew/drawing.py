"""The plots of runs that have ended, from their own files."""

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
from runner.results.plots.draw import draw_run
from runner.results.read.runs import read_run


def draw_runs(files: GroupFiles, watch: GroupWatch) -> None:
    """Draw each run of a group; a plot that fails is said so, and leaves the run as it was."""
    for run in files.plan.runs:
        folder, config = files.run_folder(run), files.plan.configs[run.job]
        recorder = Recorder(folder, {}, run.job)
        try:
            _draw(recorder, config, ended_well=files.status(run) == Status.OK)
        except Exception as error:
            recorder.log(traceback.format_exc())
            watch.tell(f"The plots could not be drawn: {type(error).__name__}: {error}")


def _draw(recorder: Recorder, config: Config, *, ended_well: bool) -> None:
    data = load_data(config)
    if ended_well and data.task != "objective":
        group = build_group([config], [recorder])
        last, best = (recorder.folder / "checkpoints" / name for name in ("last.pt", "best.pt"))
        # A run that may stop early ends with the best weights it had.
        takes_best = config.patience is not None and best.is_file()
        group.members.restore(0, checkpoint.load(best if takes_best else last))
        write_predictions(group)
    run = read_run(recorder.folder)
    illustrate_run(run, data, config.loss)
    draw_run(run)
