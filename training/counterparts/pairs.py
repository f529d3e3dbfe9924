"""Pairs of a photograph and its counterpart, aligned so that they differ by a generator's last stage alone.

After "Dual Data Alignment" (arXiv 2505.14359): the counterpart passes the photograph's own JPEG step, is mixed with
the photograph pixel by pixel, and in a part of the pairs has the photograph's high frequencies.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.counterparts import make
from training.counterparts.make import Counterpart
from training.prepare import Example

Pixels = NDArray[np.uint8]
Values = NDArray[np.float32]

_LOCAL = ("self-blend",)  # methods that change a part of the photograph: a window elsewhere would prove nothing
_MIXED, _LEAST_SHARE = 0.5, 0.5  # share of pairs that are mixed, and the counterpart's least part in the mixture
_MOST_ROUNDS = 8
_EXCHANGED = 0.25  # share of pairs whose high frequencies are the photograph's


@dataclass(frozen=True)
class Pairs:
    """The counterparts of some photographs by method; images are read when they are drawn."""

    data_folder: Path
    folder: Path
    members: tuple[tuple[Counterpart, Example], ...]
    paired_sources: frozenset[str]  # the sources that have fakes too

    @cached_property
    def of_paired_sources(self) -> "Pairs":
        """The same without the photographs of sources that have no fakes."""
        return replace(self, members=tuple(one for one in self.members if one[0].source in self.paired_sources))

    def draw(self, window: int, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
        """A photograph and its counterpart at the same place, each uint8 (window, window, 3)."""
        counterpart, parent = self.members[rng.integers(len(self.members))]
        photograph = counterpart.view.cut(make.load_photograph(self.data_folder, parent))
        remade = make.read_image(self.folder / counterpart.method / counterpart.path)
        is_local = counterpart.method in _LOCAL
        fake = _align(photograph, remade, counterpart, parent, rng, exchanges=not is_local)
        top, left = _place_window(photograph, remade, window, rng, is_local=is_local)
        return _cut(photograph, top, left, window), _cut(fake, top, left, window)


def open_pairs(
    data_folder: Path, folder: Path, examples: Sequence[Example], methods: Collection[str] | None = None
) -> Pairs:
    """The counterparts under `folder` of the training photographs among `examples`, each method drawn alike often.

    Raises ValueError where there is none.
    """
    photographs = {one.sha256: one for one in examples if one.split == "train" and one.label == "real"}
    by_method: list[list[tuple[Counterpart, Example]]] = []
    for manifest in sorted(folder.glob("*/manifest.csv")):
        if methods is None or manifest.parent.name in methods:
            listed = make.read_manifest(manifest.parent)
            by_method.append([(one, photographs[one.parent]) for one in listed if one.parent in photographs])
    most = max((len(members) for members in by_method), default=0)
    if not most:
        raise ValueError(
            f"{folder} has no counterparts of these photographs. Make some: python -m training.counterparts."
        )
    # Whole rounds of the smaller methods, so that each is drawn about as often as the largest; of very few images not
    # so often that they would be known by heart.
    members = [member for found in by_method if found for member in found * min(round(most / len(found)), _MOST_ROUNDS)]
    paired_sources = frozenset(one.source for one in examples if one.label == "fake")
    return Pairs(data_folder, folder, tuple(members), paired_sources)


def _align(
    photograph: Pixels,
    remade: Pixels,
    counterpart: Counterpart,
    parent: Example,
    rng: np.random.Generator,
    *,
    exchanges: bool,
) -> Pixels:
    share = rng.uniform(_LEAST_SHARE, 1) if rng.random() < _MIXED else 1.0
    mixed = share * remade.astype(np.float32) + (1 - share) * photograph
    if exchanges and rng.random() < _EXCHANGED:
        mixed = _exchange_high_frequencies(mixed, photograph.astype(np.float32), rng.uniform(0.3, 0.8))
    fake = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    is_native = counterpart.side == parent.width == parent.height
    if is_native and parent.jpeg_quality and rng.random() < 0.8:
        fake = _compress_alike(fake, counterpart.top, counterpart.left, parent.jpeg_quality)
    return fake


def _exchange_high_frequencies(image: Values, other: Values, cutoff: float) -> Values:
    """The image's DCT coefficients below `cutoff` of the highest frequency, the other's above; (n, n, 3), n even."""
    n = len(image)
    frequencies = np.add.outer(np.arange(n), np.arange(n)) / (2 * (n - 1))
    takes_other = frequencies > cutoff
    exchanged = np.empty_like(image)
    for channel in range(3):
        own, others = (cv2.dct(np.ascontiguousarray(one[:, :, channel])) for one in (image, other))
        exchanged[:, :, channel] = cv2.idct(np.where(takes_other, others, own))
    return exchanged


def _compress_alike(image: Pixels, top: int, left: int, quality: int) -> Pixels:
    """The photograph's JPEG step on its own grid of blocks, which begins `top` and `left` before the view."""
    padded = cv2.copyMakeBorder(image, top, 0, left, 0, cv2.BORDER_REPLICATE)
    _, encoded = cv2.imencode(".jpg", padded[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert decoded is not None  # noqa: S101 - tells mypy
    return np.ascontiguousarray(decoded[top:, left:, ::-1], dtype=np.uint8)


def _place_window(
    photograph: Pixels, remade: Pixels, window: int, rng: np.random.Generator, *, is_local: bool
) -> tuple[int, int]:
    """The window's corner: anywhere, or around the middle of a local change."""
    free = max(len(photograph) - window, 0)
    if not is_local or not free:
        top, left = rng.integers(0, free + 1, size=2).tolist()
        return top, left
    change = np.abs(photograph.astype(np.int16) - remade).sum(axis=2).astype(np.float64)
    change[change < 12] = 0  # rounding and recompression of the rest
    total = change.sum()
    places = np.arange(len(change))
    if total == 0:
        centre = np.array([len(change) / 2] * 2)
    else:
        centre = np.array([(change.sum(axis=1) * places).sum(), (change.sum(axis=0) * places).sum()]) / total
    corner = centre - window / 2 + rng.uniform(-0.15, 0.15, size=2) * window
    top, left = np.clip(np.rint(corner), 0, free).astype(int).tolist()
    return top, left


def _cut(image: Pixels, top: int, left: int, window: int) -> Pixels:
    """A window of an image; one that is smaller is mirrored at its borders."""
    missing = max(window - len(image), 0)
    if missing:
        before, after = missing // 2, missing - missing // 2
        image = np.pad(image, ((before, after), (before, after), (0, 0)), mode="reflect")
    return np.ascontiguousarray(image[top : top + window, left : left + window])
