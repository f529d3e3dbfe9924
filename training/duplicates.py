"""Near-duplicates among perceptual hashes."""

from collections.abc import Iterator, Sequence

import numpy as np

# Of 64 bits. On aligned faces more bits join strangers: at 6 many different people of one framing agree.
NEAR = 4


def find_pairs(hashes: Sequence[str], near: int = NEAR) -> Iterator[tuple[int, int]]:
    """Places (first, second) of all pairs of 16-digit hexadecimal hashes that differ in at most `near` bits."""
    values = np.array([int(text, 16) for text in hashes], dtype=np.uint64)
    for place in range(len(values)):
        distances = np.bitwise_count(values[place + 1 :] ^ values[place])
        yield from ((place, place + 1 + int(later)) for later in np.flatnonzero(distances <= near))
