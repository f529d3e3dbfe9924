"""How unlike the training faces an image is, by the distance of its pooled features."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Novelty:
    """The training faces' mean (channels,), principal components (k, channels), their scales (k,), and the
    distance that one in a hundred of them exceeds."""

    mean: Array
    components: Array
    scales: Array
    limit: float

    def measure(self, pooled: Array) -> Array:
        """The distances (n,) of features (n, channels): 1 is usual. RMS of the whitened components."""
        whitened = (pooled - self.mean) @ self.components.T / self.scales
        distances: Array = np.sqrt(np.square(whitened).mean(axis=1))
        return distances


def load(content: bytes) -> Novelty:
    """Read what `dump` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return Novelty(arrays["mean"], arrays["components"], arrays["scales"], float(arrays["limit"]))


def dump(novelty: Novelty) -> bytes:
    """Write it as an .npz archive."""
    stream = io.BytesIO()
    arrays: dict[str, Any] = {**vars(novelty), "limit": np.float32(novelty.limit)}
    np.savez(stream, **arrays)
    return stream.getvalue()
