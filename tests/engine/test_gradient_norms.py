"""The norms of gradients, by weight."""

import pytest
import torch

SHORT = ("model.hidden=[8,6]", "dataset.train_size=40", "device.precision=float64", "epochs=1")


def test_are_those_of_the_objective_averaged_over_the_examples(make_config, build, train):
    config = make_config(
        *SHORT, **{"batch_size": 40, "gradient_norms": "true", "regularizer.lambda": 0.1}
    )
    group = build([config])
    weights = {name: p[0].clone().requires_grad_() for name, p in group.members.params.items()}
    inputs = group.data.prepare(group.data.train.inputs, group.dtype)
    logits = torch.func.functional_call(group.members.model, weights, (inputs,))
    loss = torch.nn.functional.cross_entropy(logits, group.data.train.targets)
    penalty = sum(w.square().sum() for w in weights.values() if w.ndim >= 2)
    gradients = torch.autograd.grad(loss + 0.05 * penalty, list(weights.values()))
    expected = {
        f"gradient_norm/{name}": gradient.norm().item()
        for name, gradient in zip(weights, gradients, strict=True)
        if gradient.ndim >= 2
    }
    (row,) = train([config]).curve(0)
    assert {name: row[name] for name in row if name.startswith("gradient_norm/")} == pytest.approx(
        expected
    )
    assert len(expected) == 3


def test_agree_with_a_solo_run_and_are_absent_unless_asked_for(make_config, train):
    configs = [make_config(*SHORT, gradient_norms="true", seed=seed) for seed in range(3)]
    row, alone = train(configs).curve(2)[0], train(configs[2:]).curve(0)[0]
    assert row == pytest.approx(alone, rel=1e-10)
    assert not any("gradient_norm" in name for name in train([make_config(*SHORT)]).curve(0)[0])
