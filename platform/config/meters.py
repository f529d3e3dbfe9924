"""Every counter and histogram that a process of ours keeps; `status` gathers them from all processes.

A worker's are carried to the web process in its row of the database, every few seconds: workers may run on any host
and need no port. A worker that is killed loses what it counted since, as with any scrape.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a gauge beside every counter that nobody asks for

REGISTRY = CollectorRegistry()

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
