"""No data: steps to count, and nothing else."""

from runner.datasets.nothing import Nothing


def test_an_epoch_has_as_many_steps_as_asked_for():
    data = Nothing(steps_per_epoch=7).load()
    assert len(data.train) == 7
    assert data.splits.keys() == {"train"}
    assert (data.task, data.shape, data.outputs) == ("objective", (0,), 0)
