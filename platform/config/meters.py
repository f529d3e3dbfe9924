"""Every counter and histogram that a process of ours keeps; `status` gathers them from all processes.

A worker's are carried to the web process in its row of the database, every few seconds: workers may run on any host
and need no port. A worker that is killed loses what it counted since, as with any scrape.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

disable_created_metrics()  # type: ignore[no-untyped-call]  # a gauge beside every counter that nobody asks for

REGISTRY = CollectorRegistry()

# Set for web processes that listen together; prometheus_client then keeps each one's counters in files there.
_SHARED = Path(folder) if (folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR")) else None
if _SHARED:
    _SHARED.mkdir(mode=0o700, exist_ok=True)  # a system may empty /dev/shm when its user logs out

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

http_requests = Counter(
    "assay_http_requests", "HTTP requests answered.", ["method", "route", "status"], registry=REGISTRY
)
http_seconds = Histogram(
    "assay_http_request_seconds",
    "Time from a whole request to the start of its answer.",
    ["route"],
    buckets=SECONDS,
    registry=REGISTRY,
)
broker_errors = Counter("assay_broker_errors", "Permits that could not be sent at once.", registry=REGISTRY)

analyses = Counter("assay_analyses", "Analyses that ended with a verdict.", ["verdict"], registry=REGISTRY)
failures = Counter("assay_failures", "Analyses whose file could not be analysed.", ["code"], registry=REGISTRY)
late_results = Counter("assay_late_results", "Results dropped because their lease had ended.", registry=REGISTRY)
lease_expiries = Counter("assay_lease_expiries", "Analyses taken back from a worker.", registry=REGISTRY)
quarantines = Counter("assay_quarantines", "Analyses set aside after their last attempt.", registry=REGISTRY)
claim_rows = Histogram("assay_claim_rows", "Analyses that one claim took.", ["lane"], buckets=ROWS, registry=REGISTRY)
decode_seconds = Histogram(
    "assay_decode_seconds",
    "Time to unpack an image, find its faces and measure its quality.",
    buckets=SECONDS,
    registry=REGISTRY,
)
forward_seconds = Histogram(
    "assay_forward_seconds", "An image's share of its group's forward pass.", buckets=SECONDS, registry=REGISTRY
)
permit_seconds = Histogram(
    "assay_permit_seconds", "Time to use up one permit.", ["lane"], buckets=(*SECONDS, 30.0, 60.0), registry=REGISTRY
)


def families() -> Iterable[Metric]:
    """What this process has counted, together with those that share its folder, the dead among them too: no counter
    goes back."""
    if not _SHARED or not _SHARED.is_dir():
        return REGISTRY.collect()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(_SHARED))  # type: ignore[no-untyped-call]
    return registry.collect()
