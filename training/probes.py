"""Small classifiers that must not tell fakes from photographs: what they see shows no synthesis trace."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from training.intervals import Floats, Labels
from training.prepare import Example

FOLDS = 5
_SEED = 20
_STEPS = 64
_SEGMENT = 16  # pixels of the border averaged together: a hue survives, the noise of single pixels does not


@dataclass(frozen=True)
class Probe:
    """How well a class was told from features (1 is fake): AUC, and each image's out-of-fold fake probability."""

    auc: float
    probabilities: Floats


def describe_files(folder: Path, examples: Sequence[Example]) -> Floats:
    """What a file says without being decoded, (n, features): bytes, width, height, JPEG quality, format."""
    formats = sorted({example.format for example in examples})
    return np.array(
        [
            [(folder / one.path).stat().st_size, one.width, one.height, one.jpeg_quality]
            + [float(one.format == form) for form in formats]
            for one in examples
        ],
        dtype=np.float64,
    )


def shrink(pixels: NDArray[np.uint8]) -> Floats:
    """Images (n, size, size, 3) as thumbnails of 16 x 16 pixels, (n, 768)."""
    return _coarsen([cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA).ravel() for image in pixels])


def cut_borders(pixels: NDArray[np.uint8]) -> Floats:
    """The outermost pixel on each side of images (n, size, size, 3), (n, features)."""
    sides = (pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1])
    return _coarsen(np.concatenate([_average(np.asarray(side, np.float64)) for side in sides], axis=1))


def probe(features: Floats, labels: Labels, groups: Sequence[str], weights: Floats) -> Probe:
    """The better of a linear and a tree classifier, since a shortcut is open to whoever finds it.

    Cross-validated without tearing groups apart; the AUC is the mean over the folds, which, unlike that of all
    scores together, is one half where there is nothing to find.
    """
    # So small a problem gains nothing by threads, and on a busy machine they mostly wait for each other.
    with threadpool_limits(limits=1):
        found = [_cross_validate(make, features, labels, groups, weights) for make in (_make_linear, _make_trees)]
    return max(found, key=lambda one: one.auc)


def shuffle_labels(features: Floats, labels: Labels, groups: Sequence[str], shuffles: int) -> float:
    """The mean AUC of a linear probe over random labels: off one half, the probing itself leaks."""
    rng = np.random.default_rng(_SEED)
    shuffled = np.stack([rng.permutation(labels) for _ in range(shuffles)], axis=1)
    aucs = []
    for fitted, held_out in _split(features, labels, groups):
        # One factorisation serves all shuffles.
        model = make_pipeline(StandardScaler(), Ridge(alpha=len(fitted))).fit(features[fitted], shuffled[fitted])
        scores = model.predict(features[held_out])
        aucs += [
            roc_auc_score(truth, score)
            for truth, score in zip(shuffled[held_out].T, scores.T, strict=True)
            if 0 < truth.sum() < len(truth)
        ]
    return float(np.mean(aucs))


def tell_apart(features: Floats, labels: Labels, groups: Sequence[str]) -> float:
    """The cross-validated AUC of a linear classifier: one half where two samples are of one kind."""
    aucs = []
    with threadpool_limits(limits=1):
        for fitted, held_out in _split(features, labels, groups):
            if 0 < labels[held_out].sum() < len(held_out) and 0 < labels[fitted].sum() < len(fitted):
                model = make_pipeline(StandardScaler(), Ridge(alpha=len(fitted))).fit(features[fitted], labels[fitted])
                aucs.append(roc_auc_score(labels[held_out], model.predict(features[held_out])))
    return float(np.mean(aucs)) if aucs else 1.0


def _coarsen(values: object) -> Floats:
    """0-255 in the 64 steps that the trees tell apart: finding steps for weighted images takes 17 times as long."""
    return np.asarray(values, dtype=np.float64) // (256 // _STEPS)


def _average(line: Floats) -> Floats:
    pieces = np.array_split(line, max(1, line.shape[1] // _SEGMENT), axis=1)
    return np.concatenate([piece.mean(axis=1) for piece in pieces], axis=1)


def _cross_validate(
    make: Callable[[], "LogisticRegression | HistGradientBoostingClassifier"],
    features: Floats,
    labels: Labels,
    groups: Sequence[str],
    weights: Floats,
) -> Probe:
    probabilities, aucs = np.full(len(labels), 0.5), []
    scale = weights / weights.mean()
    for fitted, held_out in _split(features, labels, groups):
        scaler = StandardScaler().fit(features[fitted])
        model = make().fit(scaler.transform(features[fitted]), labels[fitted], sample_weight=scale[fitted])
        probabilities[held_out] = model.predict_proba(scaler.transform(features[held_out]))[:, 1]
        aucs.append(roc_auc_score(labels[held_out], probabilities[held_out], sample_weight=scale[held_out]))
    return Probe(auc=float(np.mean(aucs)), probabilities=probabilities)


def _split(
    features: Floats, labels: Labels, groups: Sequence[str]
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=_SEED)
    return list(folds.split(features, labels, groups))


def _make_linear() -> LogisticRegression:
    # As much penalty as keeps 768 features of 1,000 images from being learnt by heart.
    return LogisticRegression(C=0.001, max_iter=500)


def _make_trees() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, max_bins=_STEPS, random_state=_SEED)
