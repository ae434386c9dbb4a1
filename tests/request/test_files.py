"""What was asked for, on disk before anything starts, reads back as it was."""

import yaml
from omegaconf import OmegaConf

from runner.request.files import write_jobs, write_request
from runner.results.read.runs import read_runs

ASKED = [["model.hidden=[4,8]", "name='a, b'"], ["optim.lr=0.001", "seed=1"]]


def test_a_request_is_written_as_hydra_writes_it(composer, tmp_path):
    point = composer.point(ASKED[0])
    write_request(point, tmp_path)
    assert OmegaConf.load(tmp_path / ".hydra" / "config.yaml") == point.config
    assert yaml.safe_load((tmp_path / ".hydra" / "overrides.yaml").read_text()) == ASKED[0]


def test_jobs_that_never_began_are_known_by_what_they_were_asked_for(composer, tmp_path):
    points = [composer.point(overrides) for overrides in ASKED]
    (tmp_path / "multirun.yaml").touch()
    write_jobs(tmp_path, points)
    write_request(points[0], tmp_path / "0")
    first, second = read_runs(tmp_path)
    assert first.overrides == {"model.hidden": "[4,8]", "name": "'a, b'"}
    assert (second.job, second.status) == (1, "interrupted")
    assert second.overrides == {"optim.lr": 0.001, "seed": 1}
    assert "left no trace" in second.summary["reason"]
