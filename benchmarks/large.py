"""Photographs of 12 megapixels: from bytes to the model's pixels beside OpenCV, and whether a verdict changes."""

import hashlib
import io
import statistics
import time
from collections.abc import Callable, Sequence
from unittest import mock

import cv2
import numpy as np
from PIL import Image

from detector import Detector, decode, examination, preprocess
from tests.detector import pictures
from tests.system import ROOT
from training import prepare

WIDTH, HEIGHT = 4000, 3000
FACE = 2000  # pixels a side of the face's square
TIMED = 10


def measure(images: Sequence[bytes], *, faces: int) -> dict[str, float]:
    """Medians in ms and the share of verdicts that decoding the whole image would not change, over so many faces of
    the test split. OpenCV has one thread, as the detector has."""
    of_test = [image for image in images if prepare.split_of(hashlib.sha256(image).hexdigest()) == "test"][:faces]
    detector = Detector.open(ROOT / "models" / "best", threads=1)
    spec = detector.input_spec
    same, times = 0, []
    for place, image in enumerate(of_test):
        content = enlarge(image)
        reduced = detector.examine(content)
        with mock.patch.object(examination, "_FINDING_SIDE", WIDTH):
            whole = detector.examine(content)
        one, other = detector.assess([reduced, whole])
        same += one.verdict == other.verdict
        if place < TIMED:
            acts: tuple[Callable[[], object], ...] = (
                lambda content=content: by_opencv(content, spec.size),  # type: ignore[misc]
                lambda content=content: preprocess.fit(  # type: ignore[misc]
                    decode.unpack(content, short_side=examination._FINDING_SIDE).pixels, spec
                ),
                lambda content=content: detector.examine(content),  # type: ignore[misc]
            )
            times.append([clock(act) for act in acts])
    opencv, tensor, examined = (statistics.median(taken) for taken in zip(*times, strict=True))
    return {
        "large_opencv": opencv,
        "large_tensor": tensor,
        "large_examined": examined,
        "large_same": same / len(of_test),
    }


def enlarge(image: bytes) -> bytes:
    stream = io.BytesIO()
    ground = pictures.lay_out([decode.decode(image)], FACE, (HEIGHT, WIDTH))
    Image.fromarray(ground).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def by_opencv(content: bytes, size: int) -> object:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None, "it was made as a JPEG just now"  # noqa: S101
    resized = cv2.resize(pixels, (size, size))
    cv2.setNumThreads(threads)
    return resized


def clock(act: Callable[[], object]) -> float:
    """The quickest of three in ms of processor time: all of it is work, and others on the machine then matter less."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        act()
        taken.append(1000 * (time.process_time() - started))
    return min(taken)
