"""The one detector of this process: shared by all threads, and changed with the active version."""

import os
import threading
import time

from detector import Detector, bundle
from detector.card import Card
from registry import bundles, selectors
from registry.serving import Detectors

FRESH_SECONDS = 2.0  # a request goes without asking the registry for so long

_lock = threading.Lock()
# One thread a pass and one pass a core: requests come side by side, not in batches.
_detectors = Detectors(threads=1, pool=len(os.sched_getaffinity(0)), room=1)
_detector: Detector | None = None
_asked_at = 0.0


def detector() -> Detector:
    """The active version's; raises BundleMissing, BundleCorrupt, NoActiveVersion, and tries again at the next call."""
    global _detector, _asked_at
    if not (current := _fresh()):
        with _lock:
            if not (current := _fresh()):
                _detector = current = _detectors.refresh()
                _asked_at = time.monotonic()
    return current


def card() -> Card:
    """What the active version says about itself, without loading the model."""
    return detector().card if _detector else bundle.load(bundles.folder_of(selectors.serving().active)).card


def _fresh() -> Detector | None:
    return _detector if time.monotonic() - _asked_at < FRESH_SECONDS else None
