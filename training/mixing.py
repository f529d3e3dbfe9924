"""Training images become mixes of several, with the share of fake as their target."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_MIXED_SHARES = {"none": 0.0, "rectangles": 0.5, "mosaics": 0.75}  # of a batch
_PARTNERS = 3


def mix(
    name: str, images: NDArray[np.float32], targets: NDArray[np.float32], seed: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mix the images of a batch (n, size, size, 3) by the named way, and their targets (n, 1) by area.

    A generator's traces are everywhere, so each patch votes for itself (CutMix, Yun et al., arXiv 1905.04899).
    """
    rng = np.random.default_rng(seed)
    mixed, mixed_targets = images.copy(), targets.copy()
    for index in np.flatnonzero(rng.random(len(images)) < _MIXED_SHARES[name]).tolist():
        partners = rng.integers(len(images), size=_PARTNERS).tolist()
        if name == "mosaics" and rng.random() < 0.5:
            mixed[index], mixed_targets[index] = _lay_mosaic([index, *partners], images, targets, rng)
        else:
            mixed[index], mixed_targets[index] = _cut_in(index, partners[0], images, targets, rng)
    return mixed, mixed_targets


def mix_pair(real: Pixels, fake: Pixels, rng: np.random.Generator) -> tuple[Pixels, float]:
    """A fake, or half of the time the photograph it was made of with a rectangle of the fake, and the fake's share.

    A patch of such a fake may be an untouched part of the photograph: what counts is how much of what was changed lies
    in the rectangle.
    """
    if rng.random() < 0.5:
        return fake, 1.0
    patch = _pick_rectangle(len(fake), rng)
    change = np.abs(fake.astype(np.int16) - real).sum(axis=2)
    mixed = real.copy()
    mixed[patch] = fake[patch]
    return mixed, float(change[patch].sum() / max(int(change.sum()), 1))


def _cut_in(
    index: int, partner: int, images: NDArray[np.float32], targets: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    patch = _pick_rectangle(images.shape[1], rng)
    mixed = images[index].copy()
    mixed[patch] = images[partner][patch]
    area = mixed[patch].size / mixed.size
    return mixed, (1 - area) * targets[index] + area * targets[partner]


def _lay_mosaic(
    sources: list[int], images: NDArray[np.float32], targets: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Square cells of several images, half of the time each from another place: no face is left to be known again."""
    size = images.shape[1]
    side = size // int(rng.choice((2, 4, 8)))
    cells = size // side
    chosen = rng.choice(sources, size=cells**2, p=_share_out(len(sources), rng))
    places = rng.permutation(cells**2) if rng.random() < 0.5 else np.arange(cells**2)
    # (n, cell, side, cell, side, 3): a cell is picked by its row and column.
    tiles = images.reshape(len(images), cells, side, cells, side, 3)
    picked = tiles[chosen, places // cells, :, places % cells]  # (cells squared, side, side, 3)
    mosaic = picked.reshape(cells, cells, side, side, 3).transpose(0, 2, 1, 3, 4).reshape(size, size, 3)
    return mosaic, targets[chosen].mean(axis=0)


def _share_out(sources: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """How likely a cell is to come from each source: any share from the first, the rest from the others alike."""
    own = rng.random()
    return np.array([own, *[(1 - own) / (sources - 1)] * (sources - 1)])


def _pick_rectangle(size: int, rng: np.random.Generator) -> tuple[slice, slice]:
    height, width = rng.integers(size // 4, 3 * size // 4, size=2)
    # Whole JPEG blocks, so that the grid of the last compression stays where it is.
    top, left = 8 * (rng.integers(0, size - height) // 8), 8 * (rng.integers(0, size - width) // 8)
    return np.s_[top : top + height, left : left + width]
