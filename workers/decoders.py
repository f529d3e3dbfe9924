"""Decodes untrusted images in processes of their own: a crash or a hang costs one image, and never the worker."""

import logging
import queue
import threading
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

from detector import Examined
from detector.preprocess import InputSpec
from workers import decoding
from workers.decoding import read_answer, serve
from workers.errors import DecoderCrash, DecoderTimeout, DecoderUnavailable

logger = logging.getLogger(__name__)

START_SECONDS = 60.0  # the first loads NumPy and OpenCV, the others are forked from it
STARTS = 3
MAX_ANSWER_BYTES = 64 * 1024**2  # an honest one has some faces of 150 KB: whoever takes a decoder over sends no more

# A process that has loaded the libraries and no model forks the others: a new one takes 10 ms, and they share memory.
# A fork of the worker itself would copy the engine's locks but not its threads.
_context = get_context("forkserver")
_context.set_forkserver_preload([decoding.__name__, "ai_edge_litert.interpreter"])  # which finds the faces
_start_lock = threading.Lock()  # multiprocessing looks after its children without one


class Decoders:
    """Up to `count` processes, started when first needed; every method may be called from several threads.

    `seconds` is how long one image may take, `memory_bytes` how much more than an idle process it may use.
    """

    def __init__(self, count: int, *, seconds: int, memory_bytes: int) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._places: queue.LifoQueue[_Decoder | None] = queue.LifoQueue()  # the one used last is warmest
        for _ in range(count):
            self._places.put(None)

    def examine(self, content: bytes, spec: InputSpec, face_model: Path | None = None) -> Examined:
        """What Detector.examine gives; raises the leaves of DecodeError and DecoderError, and DecoderUnavailable."""
        decoder = self._places.get()
        try:
            for is_last in (False, True):
                try:
                    if decoder is None:
                        decoder = _start(self._memory_bytes, self._seconds)
                    return decoder.examine(content, spec, face_model, self._seconds)
                except _Ended as ended:
                    _end(decoder)
                    decoder = None
                    # Somebody else may have killed it: an image is to blame when it does so twice.
                    if is_last:
                        raise DecoderCrash from ended
                    logger.warning("A decoder ended (exit code %s); trying the image in another.", ended.exit_code)
                except DecoderTimeout:
                    _end(decoder)
                    decoder = None
                    raise
            raise AssertionError("unreachable")
        finally:
            self._places.put(decoder)

    def end(self) -> None:
        """Ends those that are idle; they start again when needed."""
        for _ in range(self._places.qsize()):
            _end(self._places.get())
            self._places.put(None)

    def start(self) -> None:
        """Starts one now, so that a worker that cannot decode says so at once. Raises DecoderUnavailable."""
        decoder = self._places.get()
        try:
            decoder = decoder or _start(self._memory_bytes, self._seconds)
        finally:
            self._places.put(decoder)


class _Ended(Exception):
    def __init__(self, exit_code: int | None) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class _Decoder:
    """One process, for one thread at a time."""

    def __init__(self, memory_bytes: int, seconds: int) -> None:
        self._connection, theirs = _context.Pipe()
        self._process = _context.Process(
            target=serve, args=(theirs,), kwargs={"memory_bytes": memory_bytes, "seconds": seconds}, daemon=True
        )
        with _start_lock:
            self._process.start()
        theirs.close()

    def wait_until_ready(self) -> None:
        if self._receive(START_SECONDS) != decoding.READY:
            raise _Ended(None)

    def examine(self, content: bytes, spec: InputSpec, face_model: Path | None, seconds: float) -> Examined:
        try:
            self._connection.send_bytes(decoding.write_request(spec, face_model))
            self._connection.send_bytes(content)
        except OSError:
            raise _Ended(self._exit_code()) from None
        answer, pixels = self._receive(seconds), self._receive(seconds)
        try:
            return read_answer(answer, pixels)
        except (ValueError, LookupError, TypeError) as error:
            raise _Ended(None) from error  # whoever answers so is no longer our decoder

    def end(self) -> None:
        with _start_lock:
            self._process.kill()
            self._process.join()
        self._connection.close()

    def _receive(self, seconds: float) -> bytes:
        try:
            if not self._connection.poll(seconds):
                raise DecoderTimeout
            return self._connection.recv_bytes(MAX_ANSWER_BYTES)
        except (EOFError, OSError):
            raise _Ended(self._exit_code()) from None

    def _exit_code(self) -> int | None:
        with _start_lock:
            self._process.join(1)
            return self._process.exitcode


def _start(memory_bytes: int, seconds: int) -> _Decoder:
    for _ in range(STARTS):
        try:
            decoder = _Decoder(memory_bytes, seconds)
        except (OSError, EOFError) as error:
            logger.error("A decoder cannot be started: %s", error)
            continue
        try:
            decoder.wait_until_ready()
        except (_Ended, DecoderTimeout) as error:
            logger.error("A decoder ended before its first image: %s", error)
            decoder.end()
            continue
        return decoder
    raise DecoderUnavailable


def _end(decoder: _Decoder | None) -> None:
    if decoder is not None:
        with suppress(OSError):
            decoder.end()
