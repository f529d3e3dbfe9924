"""Faces by OpenCV's YuNet, a small network in an ONNX file that the caller names."""

import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detector import preprocess
from detector.blazeface import Box

_LONG_SIDE = 320
_SCORE = 0.7
# Medians over face crops in FFHQ's framing, as parts of the crop's side: YuNet's box, and ours.
_WIDTH, _HEIGHT = 0.56, 0.74
_SIDE = 0.68
_CHIN = 1.06

_local = threading.local()


def find(image: NDArray[np.uint8], model: Path) -> list[Box]:
    """Squares as `blazeface.find` gives them, in uint8 (height, width, 3) RGB."""
    reduced = preprocess.reduce(image, _LONG_SIDE / max(image.shape[:2]))
    network = _network(str(model))
    network.setInputSize((reduced.shape[1], reduced.shape[0]))
    # OpenCV's stub does not say that nothing found is None.
    found: NDArray[np.float32] | None = network.detect(cv2.cvtColor(reduced, cv2.COLOR_RGB2BGR))[1]  # type: ignore[assignment]
    back = image.shape[1] / reduced.shape[1]
    return [] if found is None else [_square(*(float(value) * back for value in row[:4])) for row in found]


def _square(x: float, y: float, width: float, height: float) -> Box:
    side = _SIDE * (width / _WIDTH + height / _HEIGHT) / 2
    # Our box ends a little above the chin.
    return x + (width - side) / 2, y + height - _CHIN * side, side


def _network(model: str) -> cv2.FaceDetectorYN:
    # It keeps its input size, so each thread has its own.
    networks: dict[str, cv2.FaceDetectorYN] = _local.__dict__.setdefault("networks", {})
    if model not in networks:
        networks[model] = cv2.FaceDetectorYN.create(model, "", (_LONG_SIDE, _LONG_SIDE), score_threshold=_SCORE)
    return networks[model]
