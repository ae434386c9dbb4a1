import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from runner.build import load_data
from runner.engine import rng
from runner.engine.batches import Batches, boundaries, order, whole

CPU = torch.device("cpu")


def generators(seeds):
    return [rng.generator(seed, "order") for seed in seeds]


@given(st.integers(1, 300), st.integers(1, 64))
def test_batches_cover_every_example_once(examples, batch_size):
    cuts = boundaries(examples, batch_size)
    assert [row for start, end in cuts for row in range(start, end)] == list(range(examples))


@given(st.integers(2, 300), st.integers(2, 64))
def test_no_batch_holds_one_example_and_all_but_the_last_are_full(examples, batch_size):
    sizes = [end - start for start, end in boundaries(examples, batch_size)]
    assert set(sizes[:-1]) <= {batch_size}
    assert 2 <= sizes[-1] <= batch_size + 1


def test_single_examples_stay_single_where_that_is_asked_for():
    assert boundaries(3, 1) == [(0, 1), (1, 2), (2, 3)]
    assert boundaries(1, 8) == [(0, 1)]


def test_the_seed_alone_decides_the_order():
    together = order(generators([3, 4, 5]), 50, shared=False)
    alone = order(generators([4]), 50, shared=False)
    assert torch.equal(together[1], alone[0])
    assert together.shape == (3, 50)
    assert len({tuple(row.tolist()) for row in together}) == 3
    assert torch.equal(together.sort(dim=1).values, torch.arange(50).expand(3, 50))


def test_members_of_one_seed_share_one_order_epoch_after_epoch():
    shared, alone = generators([7, 7]), generators([7])
    for _ in range(3):
        orders = order(shared, 20, shared=True)
        assert orders.shape == (1, 20)
        assert torch.equal(orders, order(alone, 20, shared=True))
    # Each has drawn from its own: left by itself, the second goes on as the first would.
    assert torch.equal(shared[0].get_state(), shared[1].get_state())


def test_epochs_differ():
    (generator,) = generators([0])
    first, second = (order([generator], 50, shared=True) for _ in range(2))
    assert not torch.equal(first, second)


@pytest.fixture(params=["digits", "linear"])
def data(request, make_config):
    model = "linreg" if request.param == "linear" else "mlp"
    config = make_config(f"dataset={request.param}", f"model={model}", "dataset.train_size=19")
    return load_data(config)


@pytest.mark.parametrize("seeds", [[1], [1, 1], [1, 2]])
def test_a_batch_holds_the_examples_of_its_members_orders(data, seeds):
    data = data.to(CPU, torch.float64)
    orders = order(generators(seeds), 19, shared=len(set(seeds)) == 1)
    batches = Batches(data, torch.float64)
    seen = 0
    for start, end in boundaries(19, 6):
        inputs, targets = batches.gather(orders[:, start:end], len(seeds))
        for slot in range(len(seeds)):
            rows = orders[min(slot, len(orders) - 1), start:end]
            mine = inputs if len(orders) == 1 else inputs[slot]
            expected = data.prepare(data.train.inputs[rows], torch.float64)
            assert torch.equal(mine, expected)
            assert torch.equal(targets[slot], data.train.targets[rows])
        seen += end - start
    assert seen == 19


def test_whole_gives_a_split_in_order(data):
    pieces = list(whole(data, data.test, 7, torch.float32))
    targets = torch.cat([targets for _, targets in pieces])
    assert torch.equal(targets, data.test.targets)
    assert len(pieces[0][0]) == 7
