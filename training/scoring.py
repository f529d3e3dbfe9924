"""A bundle's engine runs over many images, as serving runs it."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector import bundle, engines
from detector.engines import Engine

SERVES = "litert-int8"  # the engine that answers by default; its figures are drawn, sliced and stressed

_THREADS = 2


def open_engine(folder: Path, name: str) -> Engine:
    return engines.start(bundle.load(folder), name, threads=_THREADS, pool=1)


def score(engine: Engine, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Raw logits (n,) of uint8 (n, size, size, 3)."""
    step = 8 * engine.best_batch
    parts = [engine.run(pixels[i : i + step]).logits for i in range(0, len(pixels), step)]
    return np.concatenate(parts).astype(np.float64) if parts else np.empty(0)


def pool(engine: Engine, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The means of the feature maps, float32 (n, channels)."""
    step = 8 * engine.best_batch
    return np.concatenate([engine.run(pixels[i : i + step]).pooled for i in range(0, len(pixels), step)])
