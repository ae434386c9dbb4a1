"""What was asked for, on disk before anything starts, reads back as it was."""

import pytest
import yaml
from omegaconf import OmegaConf

from runner.request.files import as_yaml, request_files, write_jobs
from runner.results.read.runs import read_runs

ASKED = [["model.hidden=[4,8]", "name='a, b'"], ["optim.lr=0.001", "seed=1"]]


def test_a_request_is_written_as_hydra_writes_it(composer, tmp_path):
    point = composer.point(ASKED[0])
    texts = request_files(point)
    assert OmegaConf.create(texts["config.yaml"]) == point.config
    assert yaml.safe_load(texts["overrides.yaml"]) == ASKED[0]


@pytest.mark.parametrize(
    "overrides",
    [[], ["name=1", "tags=[1,1.0,true,'1']"], ["notes=null"], ["name='a: b'", "seed=1"]],
)
def test_what_is_written_by_parts_is_what_is_written_whole(overrides, composer):
    point = composer.point(overrides)
    texts = request_files(point)
    assert texts["config.yaml"] == as_yaml(dict(point.plain))
    assert texts["overrides.yaml"] == as_yaml(list(point.overrides))


def test_jobs_that_never_began_are_known_by_what_they_were_asked_for(composer, tmp_path):
    points = [composer.point(overrides) for overrides in ASKED]
    (tmp_path / "multirun.yaml").touch()
    write_jobs(tmp_path, [point.overrides for point in points])
    hydra = tmp_path / "0" / ".hydra"
    hydra.mkdir(parents=True)
    (hydra / "overrides.yaml").write_text(request_files(points[0])["overrides.yaml"])
    first, second = read_runs(tmp_path)
    assert first.overrides == {"model.hidden": "[4,8]", "name": "'a, b'"}
    assert (second.job, second.status) == (1, "interrupted")
    assert second.overrides == {"optim.lr": 0.001, "seed": 1}
    assert "left no trace" in second.summary["reason"]
