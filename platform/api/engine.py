"""The one detector of this process: opened at first use, shared by all threads."""

import os
import threading

from django.conf import settings

from detector import Detector, bundle

_lock = threading.Lock()
_detector: Detector | None = None


def detector() -> Detector:
    """Opens the bundle once; raises BundleMissing, BundleCorrupt, and tries again at the next call."""
    global _detector
    if _detector is None:
        with _lock:
            if _detector is None:
                # One thread a pass and one pass a core: requests come side by side, not in batches.
                cores = len(os.sched_getaffinity(0))
                _detector = Detector.open(settings.BUNDLE, engine=settings.ENGINE, threads=1, pool=cores)
    return _detector


def card() -> bundle.Card:
    """What the bundle says about itself, without loading the model."""
    return _detector.card if _detector else bundle.load(settings.BUNDLE).card
