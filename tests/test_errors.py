import pytest

from runner.errors import MOST_SAID, RequestError, first_line, named, unknown


def test_the_nearest_name_and_all_others_are_told():
    assert unknown("model", "mpl", ["mlp", "lenet"]) == (
        "There is no model 'mpl'; did you mean 'mlp'? Allowed: lenet, mlp."
    )


def test_nothing_is_suggested_where_nothing_is_near():
    assert unknown("model", "xyz", ["mlp"]) == "There is no model 'xyz'. Allowed: mlp."


def test_an_empty_choice_says_so():
    assert unknown("study", "x", []) == "There is no study 'x'. Allowed: nothing."


def test_names_may_be_any_iterable():
    assert "Allowed: a, b." in unknown("model", "zzz", iter(["b", "a"]))


@pytest.mark.parametrize("sentences", [("One.",), ("One.", "Two.")])
def test_each_fault_is_a_sentence_of_its_own(sentences):
    error = RequestError(*sentences)
    assert error.sentences == sentences
    assert str(error) == "\n".join(sentences)


def test_what_all_names_begin_with_brings_none_of_them_near():
    allowed = ["model.activation", "model.init", "model.hidden"]
    assert "did you mean" not in unknown("key", "model.dropuot", allowed)
    assert "did you mean 'model.hidden'?" in unknown("key", "model.hiden", allowed)


def test_an_error_of_somebody_elses_code_moves_no_cursor():
    error = ValueError("\x1b[2J\x1b]0;title\x07red.\nand a second line")
    assert first_line(error) == r"\x1b[2J\x1b]0;title\x07red"
    assert named(error) == r"ValueError: \x1b[2J\x1b]0;title\x07red"


def test_a_sentence_that_quotes_too_much_lacks_its_middle():
    error = RequestError(f"'{'x' * 1_000_000}' can't be read: a list is written [a,b].")
    said = str(error)
    assert len(said) <= MOST_SAID
    assert said.startswith("'xxx") and said.endswith("can't be read: a list is written [a,b].")
