"""The weight-decay study as somebody writes it in JAX: `scan` over steps, `vmap` over members.

    python -m benchmarks.peers jax_study RATES/LAMBDAS/SEEDS epochs=100 data=FILE.npz

Every combination of the learning rates, the λs and so many seeds is a member. It keeps the test
loss of each after each epoch, in a file of numbers; its quality is the mean of log10 of the last.
"""

from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers.told import Asked, Clock, Told

PACKAGES = ["jax"]


def loss_of(params, inputs, targets):  # type: ignore[no-untyped-def]
    """Return half the mean square of the errors."""
    weight, bias = params
    return jnp.mean((inputs @ weight + bias - targets) ** 2) / 2


def train(data, epochs, rate, penalty, seed):  # type: ignore[no-untyped-def]
    """Train one member, and return its test loss after each epoch."""
    inputs, targets, test_inputs, test_targets = data
    key_weight, key_order = jax.random.split(jax.random.key(seed))
    params = jax.random.normal(key_weight, inputs.shape[1:]), jnp.zeros(())

    def penalised(params, row):  # type: ignore[no-untyped-def]
        return loss_of(params, inputs[row], targets[row]) + penalty / 2 * jnp.sum(params[0] ** 2)

    def step(params, row):  # type: ignore[no-untyped-def]
        grads = jax.grad(penalised)(params, row)
        return jax.tree.map(lambda p, g: p - rate * g, params, grads), None

    def epoch(params, key):  # type: ignore[no-untyped-def]
        params, _ = jax.lax.scan(step, params, jax.random.permutation(key, len(targets)))
        return params, loss_of(params, test_inputs, test_targets)

    return jax.lax.scan(epoch, params, jax.random.split(key_order, epochs))[1]


def members(workload: str) -> list[np.ndarray]:
    """Return the rate, the λ and the seed of each member, from ``0.1,0.2/0,1/16``."""
    rates, penalties, seeds = workload.split("/")
    numbers = [np.array(part.split(","), dtype=np.float32) for part in (rates, penalties)]
    return [axis.ravel() for axis in np.meshgrid(*numbers, np.arange(int(seeds)), indexing="ij")]


def run(asked: Asked, clock: Clock) -> Told:
    """Compile the study, train it, and write its losses."""
    found = np.load(asked.data)
    names = ("train", "train_targets", "test", "test_targets")
    data = [jnp.asarray(found[name]) for name in names]
    data = [data[0], data[1].ravel(), data[2], data[3].ravel()]
    clock.end("load")
    rates, penalties, seeds = members(asked.workload)
    study = jax.jit(jax.vmap(partial(train, data, asked.epochs)))
    compiled = study.lower(rates, penalties, seeds).compile()
    clock.end("compile")
    losses = np.asarray(compiled(rates, penalties, seeds))
    clock.end("train")
    np.savetxt(Path("losses.csv"), losses, delimiter=",")
    clock.end("write")
    parameters = len(rates) * (data[0].shape[1] + 1)
    steps = asked.epochs * len(data[1])
    return Told(float(np.log10(losses[:, -1]).mean()), parameters, steps, PACKAGES)
