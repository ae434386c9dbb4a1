"""The journal: what it holds, and that it can go back."""

import pytest

optuna = pytest.importorskip("optuna", reason="the extra 'search' is not installed")

from optuna.storages import JournalStorage  # noqa: E402
from optuna.storages.journal import JournalFileBackend  # noqa: E402

from runner.search.journal import Journal  # noqa: E402


def study_of(journal):
    return optuna.create_study(
        storage=JournalStorage(journal), study_name="runner", load_if_exists=True
    )


def told(study):
    return [(trial.params, trial.state.name, trial.value) for trial in study.get_trials()]


def tried(study, number):
    for _ in range(number):
        trial = study.ask()
        study.tell(trial, trial.suggest_float("x", 0, 1))


def test_optuna_s_own_tools_read_the_file(tmp_path):
    journal = Journal(tmp_path / "study.log", 0)
    study = study_of(journal)
    tried(study, 5)
    journal.write()
    theirs = optuna.load_study(
        study_name="runner",
        storage=JournalStorage(JournalFileBackend(str(tmp_path / "study.log"))),
    )
    assert told(theirs) == told(study) and len(told(theirs)) == 5


def test_what_comes_after_its_length_is_forgotten(tmp_path):
    journal = Journal(tmp_path / "study.log", 0)
    study = study_of(journal)
    tried(study, 3)
    length, known = len(journal), told(study)
    tried(study, 3)
    journal.write()
    again = study_of(Journal(tmp_path / "study.log", length))
    assert told(again) == known
