"""The open detectors of one process: follows the registry without a restart, and goes on with the last good one."""

import logging
import time
from collections import OrderedDict

import numpy as np
from django.conf import settings

from batches.archives import DAMAGE
from detector import Detector, Examined
from detector.errors import BundleCorrupt, BundleError
from detector.quality import Quality
from registry import bundles, selectors, versions
from registry.selectors import Serving

logger = logging.getLogger(__name__)

# What LiteRT and NumPy raise at files that are true to their card and still no model, or an engine that is not there.
UNUSABLE = (*DAMAGE, KeyError, IndexError, TypeError, AttributeError, RuntimeError, MemoryError)
RETRY_SECONDS = 10.0  # before a version that could not be opened is tried again


class Detectors:
    """Keeps up to `room` versions open; for one thread at a time. `threads` and `pool` are those of Detector.open."""

    def __init__(self, *, threads: int, pool: int, room: int) -> None:
        self._threads = threads
        self._pool = pool
        self._room = room
        self._open: OrderedDict[str, Detector] = OrderedDict()  # the one used last comes last
        self._failures: dict[str, tuple[float, BundleError]] = {}
        self._serving: Serving | None = None
        self._active: Detector | None = None

    @property
    def version(self) -> str:
        """That judges here now; empty before the first."""
        return self._active.version if self._active else ""

    def refresh(self) -> Detector:
        """Asks the registry, with one query, and returns the detector of the version that is active now; where that
        cannot be opened, the last one that could. Raises NoActiveVersion, and BundleError where there is none."""
        self._serving = selectors.serving()
        try:
            self._active = self.find(self._serving.active)
        except BundleError:
            if self._active is None:
                raise
        return self._active

    def shadow(self) -> Detector | None:
        """The version that looked on when the registry was last asked, if it can."""
        if self._serving is None or self._serving.shadow is None:
            return None
        try:
            return self.find(self._serving.shadow)
        except BundleError:
            return None

    def find(self, version: str) -> Detector:
        """The detector of a version, opened when it is not. Raises BundleError."""
        if version in self._open:
            self._open.move_to_end(version)
            return self._open[version]
        failed_at, error = self._failures.get(version, (0.0, None))
        if error and time.monotonic() - failed_at < RETRY_SECONDS:
            raise error
        try:
            detector = self._start(version)
        except BundleError as error:
            self._failures[version] = (time.monotonic(), error)
            logger.error("Model %s cannot be opened: %s", version, error)
            versions.note_problem(version, str(error))
            raise
        self._failures.pop(version, None)
        versions.note_problem(version, "")  # whoever had it: a worker that could not open its model has ended
        self._open[version] = detector
        if len(self._open) > self._room:
            self._open.popitem(last=False)
        return detector

    def _start(self, version: str) -> Detector:
        """Opens a version and has it judge a black image: what opens but cannot run is found out here."""
        try:
            folder = bundles.folder_of(version)
            detector = Detector.open(
                folder, settings.ENGINE, threads=self._threads, pool=self._pool, face_model=settings.FACE_MODEL
            )
            detector.assess([_draw_black(detector.input_spec.size)])
        except UNUSABLE as error:
            raise BundleCorrupt(f"{version}: {error}") from error
        return detector


def _draw_black(size: int) -> Examined:
    pixels = np.zeros((1, size, size, 3), np.uint8)
    quality = Quality(jpeg_quality=None, sharpness=0.0, fine_detail=0.0, is_greyscale=True, face_px=0)
    return Examined(size, size, 0, (), pixels, quality)
