"""Decoding processes that crash, hang or swell at images that end in a mark, as broken codecs would; one that ends at
once, and one that somebody has taken over. Without Django, as the real one is."""

import os
import signal
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np

from detector import examination
from detector.examination import Examined
from detector.preprocess import InputSpec
from workers import decoding

CRASH, HANG, SWELL, ODDITY = b"mark:crash", b"mark:hang", b"mark:swell", b"mark:oddity"

_examine = examination.examine


def serve(connection: Any, **limits: int) -> None:
    examination.examine = _examine_marked
    decoding.serve(connection, **limits)


def end_at_once(connection: Any, **limits: int) -> None:
    os._exit(3)


def announce_too_much(connection: Any, **limits: int) -> None:
    connection.send_bytes(decoding.READY)
    connection.recv_bytes()
    os.write(connection.fileno(), struct.pack("!iQ", -1, 2**40))  # so begins an answer of a terabyte
    signal.pause()


def _examine_marked(
    content: bytes, spec: InputSpec, face_model: Path | None = None, *, is_hashed: bool = False
) -> Examined:
    mark = content[-16:].partition(b"mark:")[2]
    if mark == b"crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if mark == b"hang":
        time.sleep(3600)
    if mark == b"swell":
        np.ones(64 * 1024**3, np.uint8)
    if mark == b"oddity":
        raise NotImplementedError("what no codec was seen to raise")
    return _examine(content, spec, face_model, is_hashed=is_hashed)
