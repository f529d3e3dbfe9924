"""Everything that can be measured, in Prometheus' text format: the counters of the web processes here, those that the
workers left in their rows, and what the tables say now."""

import shutil
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from config import meters
from registry.models import ModelVersion
from status import broker, drift, selectors
from status.models import WorkerBeat
from status.selectors import WorkerState

WEB = "web"


def expose() -> bytes:
    """Raises nothing when database or broker are down: then assay_database_up or assay_broker_up is 0, and what they
    would have told is missing."""
    registry = CollectorRegistry()
    registry.register(_Everything())
    return generate_latest(registry)


class _Everything(Collector):
    def collect(self) -> Iterator[Metric]:
        processes = [(WEB, meters.families())]
        try:
            workers = selectors.workers()
            tables = [*_lanes(), *_workers(workers), *_models(), *_drift()]
            processes += [(worker.beat.name, _parse(worker.beat)) for worker in workers]
        except (DatabaseError, InterfaceError):
            tables = [_gauge("assay_database_up", "Whether the database answers.", 0)]
        else:
            tables += [_gauge("assay_database_up", "Whether the database answers.", 1)]
        yield from _join(processes)
        yield from tables
        yield from _broker()
        yield _gauge("assay_disk_free_bytes", "Room where the files lie.", shutil.disk_usage(settings.HOME).free)


def _parse(beat: WorkerBeat) -> Iterable[Metric]:
    return text_string_to_metric_families(beat.measured)


def _join(processes: Iterable[tuple[str, Iterable[Metric]]]) -> Iterable[Metric]:
    """One family of each name, with a label that tells whose sample each is: a process that starts anew begins at
    zero, and Prometheus sees that only where its samples stay apart from the others'."""
    joined: dict[str, Metric] = {}
    for process, families in processes:
        for family in families:
            whole = joined.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                whole.add_sample(sample.name, {**sample.labels, "process": process}, sample.value)
    return joined.values()


def _lanes() -> Iterator[Metric]:
    waiting = _gauge("assay_waiting", "Analyses that wait.", labels=["lane"])
    oldest = _gauge("assay_oldest_waiting_seconds", "Since the oldest waiting image was sent.", labels=["lane"])
    for state in selectors.lanes():
        waiting.add_metric([state.lane], state.waiting)
        oldest.add_metric([state.lane], state.oldest_seconds)
    yield waiting
    yield oldest


def _workers(workers: list[WorkerState]) -> Iterator[Metric]:
    alive = _gauge("assay_worker_up", "Whether the worker was heard of lately.", labels=["process", "host", "model"])
    silent = _gauge("assay_worker_silent_seconds", "Since its last sign of life.", labels=["process"])
    busy = _gauge("assay_worker_busy_seconds", "Since it began its permit.", labels=["process"])
    memory = _gauge("assay_worker_resident_bytes", "Its memory.", labels=["process"])
    for worker in workers:
        name = worker.beat.name
        alive.add_metric([name, worker.beat.host, worker.beat.model_version], worker.is_alive)
        if worker.beat.ended_at is None:
            silent.add_metric([name], worker.silent_seconds)
        if worker.is_alive:
            busy.add_metric([name], worker.busy_seconds)
            memory.add_metric([name], worker.beat.rss)
    yield from (alive, silent, busy, memory)


def _models() -> Iterator[Metric]:
    troubled = _gauge("assay_model_trouble", "Whether a process cannot open this version.", labels=["version"])
    for version, problem in ModelVersion.objects.values_list("version", "problem"):
        troubled.add_metric([version], bool(problem))
    yield troubled


def _drift() -> Iterator[Metric]:
    mean = _gauge("assay_score_mean", "Of the latest results' fake probability.", labels=["model"])
    variance = _gauge("assay_score_variance", "Of the latest results' fake probability.", labels=["model"])
    verdicts = _gauge("assay_score_verdict_share", "Of the latest results.", labels=["model", "verdict"])
    shift = _gauge("assay_score_shift", "Population stability index of the latest scores.", labels=["model", "against"])
    if found := drift.latest():
        mean.add_metric([found.model_version], found.mean)
        variance.add_metric([found.model_version], found.variance)
        for verdict, share in found.verdicts.items():
            verdicts.add_metric([found.model_version, verdict], share)
        if found.shift is not None:
            shift.add_metric([found.model_version, found.against], found.shift)
    yield from (mean, variance, verdicts, shift)


def _broker() -> Iterator[Metric]:
    state = broker.state()
    yield _gauge("assay_broker_up", "Whether the broker answers.", state.is_up)
    permits = _gauge("assay_permits_queued", "Permits that wait in the broker.", labels=["lane"])
    for lane, count in state.permits.items():
        permits.add_metric([lane], count)
    yield permits


def _gauge(
    name: str, documentation: str, value: float | None = None, labels: list[str] | None = None
) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, value=value, labels=labels)
