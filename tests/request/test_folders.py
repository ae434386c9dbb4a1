"""A folder with results in it is left alone, and one that can't be made is refused at once."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from runner.errors import RequestError
from runner.paths import conf_folder
from runner.request.folders import USED, check_folder, folder_of


@pytest.mark.parametrize("name", USED)
def test_a_folder_that_holds_results_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(RequestError, match=r"hydra\.run\.dir=.* holds results already"):
        check_folder("hydra.run.dir", tmp_path)


def test_a_folder_under_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outputs").touch()
    with pytest.raises(RequestError, match="outputs is a file"):
        check_folder("hydra.run.dir", tmp_path / "outputs" / "runs" / "1")


def test_a_new_folder_and_an_empty_one_are_fine_and_neither_is_made(tmp_path: Path) -> None:
    check_folder("hydra.run.dir", tmp_path)
    check_folder("hydra.run.dir", tmp_path / "a" / "b")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(("is_sweep", "key"), [(True, "hydra.sweep.dir"), (False, "hydra.run.dir")])
def test_the_folder_is_the_one_that_was_asked_for(is_sweep: bool, key: str) -> None:
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        config = compose("config", [f"{key}=mine"], return_hydra_config=True)
    assert folder_of(config.hydra, is_sweep=is_sweep) == (key, Path("mine"))
