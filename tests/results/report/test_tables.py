"""The tables of a report."""

from runner.results.report.tables import cross_table, values_table


def test_what_is_cut_of_a_table_is_said(folders, view_of):
    points = [{"optim.lr": i, "model.width": i % 40} for i in range(260)]
    view = view_of(folders.sweep("s", points, 1))
    values = values_table(view, "optim.lr")
    assert (len(values.rows), values.note) == (200, "The first 200 of 260 values.")
    pairs = cross_table(view, "optim.lr", "model.width")
    assert (len(pairs.rows), pairs.note) == (30, "The first 30 by 30 of 260 by 40.")
    assert values_table(view, "model.width").note == ""
