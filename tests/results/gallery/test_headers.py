import pytest

from runner.errors import RequestError
from runner.results.gallery.headers import CHAPTERS, FIRST_LINE, NEEDED, read_header, read_headers

HEADER = """\
# @package _global_
#
# Question: Does it
#   go on?
# Source: a book, section "Signs": x|y
# Run: python -m runner experiment=mine
# Cost: 2 runs: seconds.
# Expected: it does.
# Check: test/loss: below 1
# Check: status: ok
# Plot: curves
# Group: Optimisation
# Order: 3
epochs: 1
# Quick: yes
"""


@pytest.fixture
def write(tmp_path):
    def write(text=HEADER, name="mine"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refused(path):
    with pytest.raises(RequestError) as caught:
        read_header(path)
    (sentence,) = caught.value.sentences
    assert "\n" not in sentence
    assert sentence.startswith(str(path))
    return sentence.removeprefix(str(path))


def test_header_is_read(write):
    header = read_header(write())
    assert header.name == "mine"
    assert header.question == "Does it go on?"
    assert header.source == 'a book, section "Signs": x|y'
    assert [str(check) for check in header.checks] == ["test/loss: below 1", "status: ok"]
    assert (header.plot, header.group, header.order) == ("curves", "Optimisation", 3)


def test_optional_fields(write):
    header = read_header(write())
    assert header.data is None
    assert not header.quick, "a comment further down is no field"
    header = read_header(write(HEADER.replace("# Cost", "# Data: ours\n# Quick: yes\n# Cost")))
    assert (header.data, header.quick) == ("ours", True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# @package _global_", "# hello", ", line 1: the first line of a study is"),
        ("# Question:", "#", ", line 3: 'Does it' belongs to no field"),
        ("# Cost", "# Costs", ", line 7: There is no field 'Costs'; did you mean 'Cost'?"),
        ("test/loss: below 1", "test/loss", ", line 9: 'test/loss' is no check"),
        ("Optimisation", "Optimization", "did you mean 'Optimisation'?"),
        ("Order: 3", "Order: third", ", line 13: 'third' is no whole number."),
        ("# Plot", "# Quick: no\n# Plot", ", line 11: write 'Quick: yes'"),
        ("# Plot", "# Cost: more\n# Plot", "only one field Cost"),
    ],
)
def test_malformed_header_is_refused(write, old, new, said):
    assert said in refused(write(HEADER.replace(old, new, 1)))


@pytest.mark.parametrize("name", NEEDED)
def test_missing_field_is_named(write, name):
    lines = [line for line in HEADER.splitlines() if not line.startswith(f"# {name}:")]
    text = "\n".join(lines).replace("#   go on?\n", "")
    assert refused(write(text)) == f": the header lacks {name}."


def test_empty_file_is_refused(write):
    assert FIRST_LINE in refused(write(""))


def test_studies_stand_in_the_order_of_the_gallery(write, tmp_path):
    for name, chapter, order in [("a", 4, 2), ("b", 4, 1), ("c", 0, 9), ("d", 4, 10)]:
        text = HEADER.replace("Optimisation", CHAPTERS[chapter])
        write(text.replace("Order: 3", f"Order: {order}"), name)
    assert list(read_headers(tmp_path)) == ["c", "b", "a", "d"]


def test_every_malformed_header_is_named(write, tmp_path):
    write("", "one"), write("", "two"), write()
    with pytest.raises(RequestError) as caught:
        read_headers(tmp_path)
    assert len(caught.value.sentences) == 2


def test_folder_without_studies_is_refused(tmp_path):
    with pytest.raises(RequestError, match="There is no study in"):
        read_headers(tmp_path / "nowhere")
