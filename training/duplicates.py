"""Near-duplicates among images, by perceptual hash and thumbnail."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

# Bits of 64. On aligned faces more bits join strangers: at 6 many different people of one framing agree.
NEAR = 4
# So many bits apart, images are near-duplicates if their thumbnails agree too. Read off pictures of 18,886 pairs of
# the training sets: of openforensics' pairs at 6 and 8 bits it joins 16 of 183, the same photograph with another face
# in it or the same person a moment later; of portraits of strangers in one framing it joins 1 % (30 of 2,723).
FAR = 8
_SIDE = 16
_DIFFERENCE = 14.0  # mean absolute difference of thumbnails, of 255


def shrink(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The thumbnail, uint8 (16, 16, 3), of an image uint8 (height, width, 3)."""
    return np.asarray(cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def find_twins(hashes: Sequence[str], thumbnails: Sequence[NDArray[np.uint8]]) -> Iterator[tuple[int, int]]:
    """Places (first, second) of all pairs of near-duplicates: nearly one hash, or like hashes and thumbnails."""
    for one, other in find_pairs(hashes, FAR):
        if (int(hashes[one], 16) ^ int(hashes[other], 16)).bit_count() <= NEAR or (
            np.abs(thumbnails[one].astype(np.int16) - thumbnails[other]).mean() <= _DIFFERENCE
        ):
            yield one, other


def find_pairs(hashes: Sequence[str], near: int = NEAR) -> Iterator[tuple[int, int]]:
    """Places (first, second) of all pairs of 16-digit hexadecimal hashes that differ in at most `near` bits."""
    values = np.array([int(text, 16) for text in hashes], dtype=np.uint64)
    for place in range(len(values)):
        distances = np.bitwise_count(values[place + 1 :] ^ values[place])
        yield from ((place, place + 1 + int(later)) for later in np.flatnonzero(distances <= near))
