"""Training images become two yardsticks: how far an image's features lie off, and the spectra of photographs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector import evidence, novelty
from detector.engines import Engine
from detector.novelty import Novelty
from detector.preprocess import InputSpec
from training import robustness, scoring
from training.data import Dataset

Array = NDArray[np.float32]

_MOST_IMAGES = 3000
_MOST_COMPONENTS = 64
_KEPT_VARIANCE = 0.95
_FAMILIAR_SHARE = 0.99
_LEAST_VARIANCE = 1e-9  # an untrained network's features may not vary at all


def write_novelty(engine: Engine, train: Dataset, validation: Dataset, spec: InputSpec, path: Path) -> None:
    """Fitted on training images and limited on validation images, each clean and mixed: degraded is not strange."""
    path.write_bytes(novelty.dump(fit_novelty(_pool(engine, train, spec), _pool(engine, validation, spec))))


def fit_novelty(familiar: Array, held_out: Array) -> Novelty:
    """The directions in which features (n, channels) vary, and the distance that 1 % of held-out ones exceed.

    The distance is Mahalanobis' in the space of the leading components (Lee et al., arXiv 1807.03888).
    """
    variances, directions = np.linalg.eigh(np.cov(familiar.astype(np.float64), rowvar=False))
    variances, directions = np.maximum(variances[::-1], _LEAST_VARIANCE), directions[:, ::-1]
    shares = np.cumsum(variances) / np.sum(variances)
    kept = min(_MOST_COMPONENTS, 1 + int(np.searchsorted(shares, _KEPT_VARIANCE)))
    yardstick = Novelty(
        mean=familiar.mean(axis=0),
        components=directions[:, :kept].T.astype(np.float32),
        scales=np.sqrt(variances[:kept]).astype(np.float32),
        limit=np.inf,
    )
    # Where all features are the same, none is strange; a limit of 0 would be divided by.
    limit = float(np.quantile(yardstick.measure(held_out), _FAMILIAR_SHARE)) or 1.0
    return replace(yardstick, limit=limit)


def write_spectrum(train: Dataset, path: Path) -> None:
    """The 5 %, 50 % and 95 % of the photographs' profiles, bin by bin."""
    reals = np.flatnonzero(train.labels == 0)
    found = [evidence.spectrum(np.asarray(train.pixels[place])) for place in _spread(reals)]
    low, middle, high = np.quantile(np.stack(found), [0.05, 0.5, 0.95], axis=0).astype(np.float32)
    path.write_bytes(evidence.dump_band(evidence.Band(low=low, middle=middle, high=high)))


def _pool(engine: Engine, dataset: Dataset, spec: InputSpec) -> Array:
    places = _spread(np.arange(len(dataset)))
    chosen = Dataset([dataset.examples[place] for place in places], dataset.pixels[places], dataset.labels[places])
    views = (robustness.degrade(name, chosen, spec) for name in (robustness.CLEAN, robustness.MIX))
    return np.concatenate([scoring.pool(engine, pixels) for pixels in views])


def _spread(places: NDArray[np.intp]) -> NDArray[np.intp]:
    # Examples lie in order of their hash, so that even steps are a fair draw.
    return places[:: max(1, -(-len(places) // _MOST_IMAGES))]
