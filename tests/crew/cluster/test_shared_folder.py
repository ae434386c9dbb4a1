"""Whether a machine has the command's folder is found out by a round trip, which leaves nothing."""

import pytest

from runner.crew.cluster.shared_folder import answer, answer_to, is_answered, question


@pytest.fixture
def files(tmp_path):
    return lambda: sorted(path for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("name", ["", "not/there/yet"])
def test_who_has_the_folder_answers_and_nothing_is_left(tmp_path, files, name):
    with question(tmp_path / name) as asked:
        assert asked.parent == tmp_path
        assert not is_answered(asked)
        assert answer(str(asked))
        assert is_answered(asked)
    assert files() == []


def test_nothing_is_left_where_the_question_fails(tmp_path, files):
    with pytest.raises(ValueError), question(tmp_path) as asked:
        answer(str(asked))
        raise ValueError
    assert files() == []


def test_who_has_no_such_folder_can_not_answer(tmp_path):
    assert not answer(str(tmp_path / "elsewhere" / "asked"))


def test_a_folder_of_the_same_name_that_is_another_does_not_count(tmp_path):
    """As ``/tmp`` is on every machine: what is written there does not come back."""
    with question(tmp_path) as asked:
        there = tmp_path / "of another machine"
        there.mkdir()
        assert not answer(str(there / asked.name))
        assert not is_answered(asked)
        answer_to(asked).write_text("of another question", "utf-8")
        assert not is_answered(asked)
