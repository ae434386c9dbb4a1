"""What a step draws: each member's own, whoever trains beside it."""

import pytest
import torch

from runner.engine.draws import Draws

SHORT = ("dataset.train_size=40", "batch_size=8", "epochs=3", "device.precision=float64")
AUGMENT = "dataset.augment=[flip,rotate,crop]"


def test_noise_depends_on_the_seed_alone(differing, build):
    configs = differing("dropout-mlp", "sgd")
    group, alone = (Draws(build(part), shared=False) for part in (configs, configs[2:]))
    for step in range(3):
        together, own = group.noise(step, 8), alone.noise(step, 8)
        assert len(own) == 2  # one for each hidden layer
        for name, noise in own.items():
            assert torch.equal(together[name][2], noise[0])
            assert not torch.equal(together[name][0], noise[0])


def test_images_are_augmented_by_each_members_own_draws(make_config, build):
    configs = [make_config(*SHORT, AUGMENT, seed=seed) for seed in range(3)]
    group, alone = (Draws(build(part), shared=False) for part in (configs, configs[2:]))
    images = torch.rand(8, 1, 8, 8, dtype=torch.float64)
    for step in range(2):
        together = group.augmented(images.expand(3, *images.shape), step)
        own = alone.augmented(images.unsqueeze(0), step)
        torch.testing.assert_close(together[2], own[0], rtol=0, atol=1e-12)
        assert not torch.equal(together[0], together[2])


def test_members_of_one_seed_share_their_images(make_config, build):
    group = build([make_config(*SHORT, AUGMENT, **{"optim.lr": lr}) for lr in (0.1, 0.2)])
    images = torch.rand(8, 1, 8, 8, dtype=torch.float64)
    alone = Draws(build([make_config(*SHORT, AUGMENT)]), shared=True)
    augmented = Draws(group, shared=True).augmented(images, 0)
    assert torch.equal(augmented, alone.augmented(images, 0))
    assert not torch.equal(augmented, images)


def test_without_augmentation_images_are_left_alone(make_config, build):
    group = build([make_config(*SHORT)])
    images = torch.rand(8, 1, 8, 8, dtype=torch.float64)
    assert Draws(group, shared=True).augmented(images, 0) is images


@pytest.mark.parametrize("seeds", [(1, 1), (0, 1)])
def test_an_augmented_member_agrees_with_its_solo_run(make_config, train, assert_same_run, seeds):
    configs = [
        make_config(*SHORT, AUGMENT, "model.hidden=[8]", seed=seed, **{"optim.lr": lr})
        for seed, lr in zip(seeds, (0.1, 0.2), strict=True)
    ]
    assert_same_run(train(configs[1:]), 0, train(configs), 1, within=1e-10)


def test_only_training_images_are_augmented(make_config, train):
    plain, augmented_run = (
        train([make_config(*SHORT, *more, "optim.lr=1e-12")]) for more in ((), (AUGMENT,))
    )
    first, other = plain.curve(0)[0], augmented_run.curve(0)[0]
    assert first["test/loss"] == pytest.approx(other["test/loss"], rel=1e-9)
    assert first["train/loss"] != pytest.approx(other["train/loss"], rel=1e-3)
