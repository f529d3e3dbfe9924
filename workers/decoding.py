"""What a decoding process does: takes untrusted bytes, gives back faces and quality, and holds nothing worth taking.

It imports the detector's decoding half alone: no Django, and no model but the face detector's. It answers in JSON and
raw pixels, so that whoever takes it over cannot make the worker run anything, as a pickle could.
"""

import ctypes
import json
import logging
import math
import os
import resource
import signal
import time
from collections.abc import Mapping
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from detector import examination
from detector.errors import DecodeError
from detector.examination import Examined
from detector.faces import Face
from detector.preprocess import InputSpec
from detector.quality import Quality
from workers.errors import DecoderCrash, DecoderError, TooMuchMemory

logger = logging.getLogger(__name__)

READY = b"ready"
GRACE_SECONDS = 5  # in which a worker that lives has ended it
ERRORS: dict[str, type[DecodeError] | type[DecoderError]] = {
    **{leaf.code: leaf for leaf in DecodeError.__subclasses__()},
    **{leaf.code: leaf for leaf in DecoderError.__subclasses__()},
}

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h


def write_request(spec: InputSpec, face_model: Path | None) -> bytes:
    return json.dumps({"spec": asdict(spec), "face_model": str(face_model) if face_model else ""}).encode()


def read_answer(answer: bytes, pixels: bytes) -> Examined:
    """What `serve` found; raises the leaves of DecodeError and DecoderError, and ValueError, LookupError or TypeError
    where it is no answer."""
    fields = json.loads(answer)
    if "error" in fields:
        if fields["detail"]:
            logger.warning("An image could not be decoded (%s): %s", fields["error"], fields["detail"])
        raise ERRORS[fields["error"]]
    return _read_frames(fields, memoryview(pixels))


def _read_frames(fields: Mapping[str, Any], pixels: memoryview) -> Examined:
    """A frame's pixels come first, those of the later ones behind them."""
    size = math.prod(fields["pixels"])
    later = []
    rest = pixels[size:]
    for each in fields["later"]:
        later.append(_read_frames(each, rest))
        rest = rest[math.prod(each["pixels"]) :]
    return Examined(
        width=fields["width"],
        height=fields["height"],
        face_count=fields["face_count"],
        faces=tuple(Face(**face) for face in fields["faces"]),
        pixels=np.frombuffer(pixels[:size], np.uint8).reshape(fields["pixels"]),
        quality=Quality(**fields["quality"]),
        perceptual_hash=fields["perceptual_hash"],
        frames=fields["frames"],
        frames_examined=fields["frames_examined"],
        place=fields["place"],
        later=tuple(later),
    )


def serve(connection: Connection, *, memory_bytes: int, seconds: int) -> None:
    """Examines one image after another until the worker is gone."""
    _shut_in(memory_bytes)
    connection.send_bytes(READY)
    while True:
        try:
            request, content = json.loads(connection.recv_bytes()), connection.recv_bytes()
        except EOFError:
            return
        # The worker watches the clock; this ends a decoder whose worker is stopped.
        cpu_seconds = int(time.process_time()) + seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, resource.RLIM_INFINITY))
        # And one that sleeps: while it lives its fork server does too, which was to end it with the worker.
        signal.alarm(seconds + GRACE_SECONDS)
        # A service that stops may signal every process of the worker, which wants this image finished all the same.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        try:
            answer, pixels = _examine(request, content)
        except DecodeError as error:
            answer, pixels = {"error": error.code, "detail": ""}, memoryview(b"")
        except DecoderError as error:
            answer, pixels = {"error": error.code, "detail": error.detail}, memoryview(b"")
        connection.send_bytes(json.dumps(answer).encode())
        connection.send_bytes(pixels)
        signal.alarm(0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _examine(request: Mapping[str, Any], content: bytes) -> tuple[dict[str, object], memoryview]:
    face_model = Path(request["face_model"]) if request["face_model"] else None
    try:
        examined = examination.examine(content, InputSpec(**request["spec"]), face_model, is_hashed=True)
    except DecodeError as error:
        # To the decoder a lack of memory is a damaged image, as it has no limit of its own.
        if isinstance(error.__cause__, MemoryError):
            raise TooMuchMemory from error
        raise
    except MemoryError as error:
        raise TooMuchMemory from error
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise TooMuchMemory from error
        raise DecoderCrash(str(error)) from error
    except Exception as error:  # whatever it is, it costs this image alone
        raise DecoderCrash(repr(error)) from error
    pixels = np.concatenate([frame.pixels.ravel() for frame in (examined, *examined.later)])
    return _describe(examined), pixels.data.cast("B")


def _describe(examined: Examined) -> dict[str, object]:
    return {
        **vars(examined),
        "faces": [asdict(face) for face in examined.faces],
        "quality": vars(examined.quality),
        "pixels": examined.pixels.shape,
        "later": [_describe(frame) for frame in examined.later],
    }


def _shut_in(memory_bytes: int) -> None:
    """Limits, silence (libtiff writes thousands of lines), and the same end as its worker."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the worker too, which finishes its chunk first
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    cv2.setNumThreads(1)  # there is a decoder for every core
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
