import numpy as np
import pytest
from scipy.fft import dctn

from training import branches, network
from training.branches import BlockSpectrum, NeighbourResidual
from training.recipe import Recipe


def test_what_was_enlarged_by_repetition_has_no_residual() -> None:
    small = np.random.default_rng(0).uniform(0, 255, (2, 4, 4, 3)).astype(np.float32)

    enlarged = np.asarray(NeighbourResidual()(small.repeat(2, axis=1).repeat(2, axis=2)))
    other = np.asarray(NeighbourResidual()(small))

    assert np.abs(enlarged).max() == 0
    assert other[1, 3, 2] == pytest.approx((small[1, 3, 2] - small[1, 2, 2]) / 127.5, abs=1e-6)


def test_the_spectrum_is_that_of_the_grey_blocks() -> None:
    pixels = np.random.default_rng(1).uniform(0, 255, (3, 24, 16, 3)).astype(np.float32)
    grey = pixels @ np.array([0.299, 0.587, 0.114])
    blocks = grey.reshape(3, 3, 8, 2, 8).transpose(0, 1, 3, 2, 4)
    strengths = np.log1p(np.abs(dctn(blocks, axes=(-2, -1), norm="ortho"))).reshape(3, 6, 64)

    found = np.asarray(BlockSpectrum()(pixels))

    assert found == pytest.approx(np.concatenate([strengths.mean(axis=1), strengths.std(axis=1)], axis=1), abs=1e-3)


@pytest.mark.parametrize("name", branches.BRANCHES)
def test_a_branch_adds_its_logit_to_the_networks(name: str, small_recipe: Recipe) -> None:
    model = network.build(small_recipe, None)[1]
    fused = branches.add(name, small_recipe, model)
    kernel, bias = fused.get_layer("logit").get_weights()
    own = len(kernel) - fused.get_layer("gap").output.shape[1]
    pixels = np.random.default_rng(2).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)

    whole = np.asarray(fused(pixels))
    fused.get_layer("logit").set_weights([np.concatenate([kernel[:-own], 0 * kernel[-own:]]), bias])
    network_alone = np.asarray(fused(pixels))
    fused.get_layer("logit").set_weights([np.concatenate([0 * kernel[:-own], kernel[-own:]]), bias])
    branch_alone = np.asarray(fused(pixels))

    assert own in (64, 128)
    assert np.abs(branch_alone).min() > 0
    assert whole == pytest.approx(network_alone + branch_alone - bias, abs=1e-4)
