"""The table of points: whole at any width of a terminal, with short names where need be."""

from io import StringIO

import pytest
from rich.console import Console

from runner.sweep.point_table import Point, PointTable

KEYS = ["optim", "optim.lr", "model.dropout", "regularizer.lambda", "model.hidden"]
VALUES = {
    "optim": "adam",
    "optim.lr": "0.03095",
    "model.dropout": "0.4327",
    "regularizer.lambda": "0.0006158",
    "model.hidden": "[256,256]",
}
OTHER = VALUES | {"optim": "sgd", "model.hidden": "[64]"}
TOLD = ["val/loss ↓ (95 %)", "n"]
REACHED = ["0.209 (0.178 to 0.24)", "0.2249 (0.198 to 0.252)"]
POINTS = [
    Point(VALUES, [REACHED[0], "5"], "17"),
    Point({key: OTHER[key] for key in KEYS if key != "model.dropout"}, [REACHED[1], "5"], "12"),
]


def printed(table, width):
    text = StringIO()
    # As the command's own console, but for its width and where it prints.
    table.show(Console(file=text, highlight=False, width=width))
    return [line.rstrip() for line in text.getvalue().splitlines()]


@pytest.mark.parametrize("keys", range(1, len(KEYS) + 1))
@pytest.mark.parametrize("width", [50, 60, 80, 100, 120, 200])
def test_nothing_is_cut_broken_or_left_out(width, keys):
    points = [one._replace(values={k: one.values.get(k, "0") for k in KEYS}) for one in POINTS]
    lines = printed(PointTable(KEYS[:keys], TOLD, points, "trial"), width)
    assert all(len(line) <= width and "…" not in line for line in lines)
    for point in points:
        for words in [point.name, *map(point.values.get, KEYS[:keys]), *point.told]:
            assert any(words in line for line in lines)
    heads = " ".join(lines)
    for key in KEYS[:keys]:
        assert key.rpartition(".")[2] in heads


def test_one_key_has_its_whole_name_over_a_column():
    points = [Point({"optim.lr": "0.1"}, ["0.5", "1"], "3")]
    assert printed(PointTable(["optim.lr"], ["val/loss ↓", "n"], points, "trial"), 60) == [
        "trial  optim.lr  val/loss ↓  n",
        "    3       0.1         0.5  1",
    ]


def test_keys_go_by_their_last_part_where_their_names_are_too_long():
    assert printed(PointTable(KEYS, TOLD, POINTS, "trial"), 80) == [
        "trial  optim       lr  dropout     lambda     hidden        val/loss ↓ (95 %)  n",
        "   17   adam  0.03095   0.4327  0.0006158  [256,256]    0.209 (0.178 to 0.24)  5",
        "   12    sgd  0.03095           0.0006158       [64]  0.2249 (0.198 to 0.252)  5",
    ]
    assert "regularizer.lambda" in printed(PointTable(KEYS, TOLD, POINTS, "trial"), 120)[0]


def test_a_point_is_a_block_where_no_row_has_room():
    assert printed(PointTable(KEYS, TOLD, POINTS, "trial"), 60) == [
        "trial 17:  optim=adam  optim.lr=0.03095",
        "  model.dropout=0.4327  regularizer.lambda=0.0006158",
        "  model.hidden=[256,256]",
        "  val/loss ↓ (95 %): 0.209 (0.178 to 0.24)  n: 5",
        "trial 12:  optim=sgd  optim.lr=0.03095",
        "  regularizer.lambda=0.0006158  model.hidden=[64]",
        "  val/loss ↓ (95 %): 0.2249 (0.198 to 0.252)  n: 5",
    ]


def test_a_point_without_a_name_begins_with_its_values():
    points = [point._replace(name="") for point in POINTS]
    lines = printed(PointTable(KEYS, TOLD, points), 60)
    assert lines[0] == "optim=adam  optim.lr=0.03095  model.dropout=0.4327"


def test_what_is_wider_than_the_terminal_stays_whole():
    lines = printed(PointTable(KEYS, TOLD, POINTS, "trial"), 20)
    assert "  val/loss ↓ (95 %): 0.2249 (0.198 to 0.252)" in lines


def test_a_value_is_no_markup():
    points = [Point({"name": "[bold]x"}, ["[/red]"])]
    for width in (80, 10):
        assert "[bold]x" in " ".join(printed(PointTable(["name"], ["a"], points), width))
