"""The tables of a report."""

from runner.results.report.tables import cross_table, values_table


def test_what_is_cut_of_a_table_is_said(folders, study_of):
    points = [{"optim.lr": i, "model.width": i % 40} for i in range(260)]
    study = study_of(folders.sweep("s", points, 1))
    values = values_table(study, "optim.lr")
    assert (len(values.rows), values.note) == (200, "The first 200 of 260 values.")
    pairs = cross_table(study, "optim.lr", "model.width")
    assert (len(pairs.rows), pairs.note) == (30, "The first 30 by 30 of 260 by 40.")
    assert values_table(study, "model.width").note == ""
