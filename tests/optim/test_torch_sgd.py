import torch

SHAPES = {"weight": (3, 4), "bias": (3,)}
MOMENTUM, RATES = (0.9, 0.0, 0.5), (0.1, 0.2, 0.3)


def randoms(seed, members):
    source = torch.Generator().manual_seed(seed)
    float64 = {"generator": source, "dtype": torch.float64}
    return {name: torch.randn(members, *shape, **float64) for name, shape in SHAPES.items()}


def steps(optimizer, params, state, grads, first=0):
    tables = optimizer.coefficients(optimizer.lr.expand(len(grads), -1), first)
    for row, gradients in enumerate(grads):
        at = {name: table[row] for name, table in tables.items()}
        optimizer.update(params, {n: g.clone() for n, g in gradients.items()}, state, at, None)


def pick(tensors, rows):
    return {name: tensor[rows] for name, tensor in tensors.items()}


def start(group):
    optimizer = group(
        "torch-sgd", [{"momentum": m, "lr": lr} for m, lr in zip(MOMENTUM, RATES, strict=True)]
    )
    params = randoms(0, 3)
    return optimizer, params, optimizer.init(params), [randoms(10 + i, 3) for i in range(8)]


def test_the_state_holds_the_librarys_own_buffers(group):
    optimizer, params, state, grads = start(group)
    own = {name: torch.nn.Parameter(p[0].clone()) for name, p in params.items()}
    library = torch.optim.SGD(own.values(), lr=RATES[0], momentum=MOMENTUM[0])
    steps(optimizer, params, state, grads)
    for gradients in grads:
        for name, param in own.items():
            param.grad = gradients[name][0].clone()
        library.step()
    for name, param in own.items():
        buffer = library.state[param]["momentum_buffer"]
        assert torch.equal(state["momentum_buffer"][name][0], buffer)
        assert torch.equal(params[name][0], param.detach())


def test_members_that_stay_go_on_as_if_nobody_had_left(group):
    optimizer, params, state, grads = start(group)
    whole = {name: param.clone() for name, param in params.items()}
    steps(optimizer, whole, optimizer.init(whole), grads)
    steps(optimizer, params, state, grads[:4])
    rows = torch.tensor([2, 0])
    params, state = pick(params, rows), {slot: pick(t, rows) for slot, t in state.items()}
    steps(optimizer.select(rows), params, state, [pick(g, rows) for g in grads[4:]], first=4)
    for name, param in params.items():
        assert torch.equal(param, whole[name][rows])
