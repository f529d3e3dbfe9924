"""What the benchmark reports: medians over the rounds and what was to be reached, on the screen and in the README."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training import report

RESULTS = Path(__file__).parent / "results.json"
RESULTS_APART = {name: RESULTS.with_name(f"{name}.json") for name in ("upload50k", "soak", "gpu")}
README = Path(__file__).parent.parent / "README.md"
FIGURES_PAGE = RESULTS.with_name("figures.md")

# name, what it is, unit; the rows of the table in their order
FIGURES = (
    ("ceiling", "(a) bare loop: examine, assess by int8", "images/s"),
    ("paper_1", "(b) the paper's server, 1 client", "requests/s"),
    ("paper_8", "(b) the paper's server, 8 clients", "requests/s"),
    ("paper_8_wait", "(b) its median wait at 8 clients", "ms"),
    ("predict_1", "(c) our /predict, 1 client", "requests/s"),
    ("predict_8", "(c) our /predict, 8 clients", "requests/s"),
    ("predict_8_wait", "(c) its median wait at 8 clients", "ms"),
    ("upload", "(d) batch of 1,000, upload included", "images/s"),
    ("drain", "(d) batch of 1,000, the drain alone", "images/s"),
    ("web_mb", "(e) web, all processes, most resident memory", "MB"),
    ("worker_mb", "(e) worker, most resident memory", "MB"),
    ("upload_postgres", "(d) on PostgreSQL, upload included", "images/s"),
    ("drain_postgres", "(d) on PostgreSQL, the drain alone", "images/s"),
    ("first_start", "(e) first start to healthy (makes the database)", "s"),
    ("second_start", "(e) second start to healthy", "s"),
    ("predict_idle_wait", "(f) /predict median wait, 8 clients, idle", "ms"),
    ("predict_busy_wait", "(f) the same while a bulk batch drains", "ms"),
    ("workers_1", "(g) one worker of one thread", "images/s"),
    ("workers_2", "(g) two workers of one thread", "images/s"),
    *(
        (f"{name}_{kind}", f"(h) {what}, {title}", unit)
        for kind, title in (("sqlite", "SQLite"), ("postgres", "PostgreSQL"))
        for name, what, unit in (
            ("rows_drain_empty", "claims and results, no other rows", "rows/s"),
            ("rows_drain_full", "claims and results, full table", "rows/s"),
            ("worker_drain_empty", "drain, no other rows", "images/s"),
            ("worker_drain_full", "drain, full table", "images/s"),
            ("status_small", "status of a batch of 10", "ms"),
            ("status_large", "status of a large batch", "ms"),
            ("page_first", "analyses of it, first page", "ms"),
            ("page_deep", "analyses of it, from four fifths on", "ms"),
            ("page_all", "analyses of all batches, first page", "ms"),
            ("claim", "claim of 64, full table waiting", "ms"),
            ("claim_by_index", "EXPLAIN names its index", "1 = yes"),
        )
    ),
    ("large_opencv", "(i) 12 MP: imdecode and resize", "ms"),
    ("large_tensor", "(i) 12 MP: bytes to tensor", "ms"),
    ("large_examined", "(i) 12 MP: and faces, quality, hash", "ms"),
    ("large_same", "(i) 12 MP: verdicts as of the whole image", "share"),
    *(
        (f"gpu_{precision}_{size}", f"(j) GPU, {precision}, batch {size}", "images/s")
        for precision in ("float32", "bfloat16")
        for size in (1, 8, 32, 128, 512)
    ),
    ("gpu_float32_difference", "(j) GPU, float32: largest difference of a logit", ""),
    ("gpu_bfloat16_difference", "(j) GPU, bfloat16: largest difference of a logit", ""),
    ("gpu_waiting", "(j) GPU, batch 512: time waiting for pixels", "share"),
    ("upload50k", "(k) upload of 20 KB files into one batch", "images/s"),
    ("upload50k_web_mb", "(k) web, all processes, most resident memory", "MB"),
    ("upload50k_worker_mb", "(k) worker, most resident memory", "MB"),
    ("soak_minutes", "(l) soak at half the rate of a drain", "min"),
    ("soak_images", "(l) images, each ended once", ""),
    ("soak_web_slope", "(l) web, memory", "MB/min"),
    ("soak_worker_slope", "(l) worker, memory", "MB/min"),
    ("soak_web_files", "(l) web, open files", "1/min"),
    ("soak_worker_files", "(l) worker, open files", "1/min"),
)

Rounds = dict[str, list[float]]  # a figure's values, one for each round that measured it


@dataclass(frozen=True)
class Goal:
    """A figure, or the ratio of two measured in the same round, and the bound it is to keep."""

    what: str
    figure: str
    bound: float
    is_floor: bool = False
    over: str = ""

    def values(self, measured: Rounds) -> list[float]:
        """Of the rounds that measured both; none where a section was left out."""
        figures = measured.get(self.figure, [])
        others = measured.get(self.over, []) if self.over else [1.0] * len(figures)
        # As many places as the least bound needs: in three, 0.0014 would keep to 0.001.
        return [round(figure / other, 6) for figure, other in zip(figures, others, strict=False)]

    def is_reached(self, value: float) -> bool:
        return value >= self.bound if self.is_floor else value <= self.bound


GOALS = (
    Goal("drain / (a), SQLite", "drain", 0.80, is_floor=True, over="ceiling"),
    Goal("drain / (a), PostgreSQL", "drain_postgres", 0.85, is_floor=True, over="ceiling"),
    Goal("batch with upload / (b) at 8 clients", "upload", 15, is_floor=True, over="paper_8"),
    Goal("the same, PostgreSQL", "upload_postgres", 15, is_floor=True, over="paper_8"),
    Goal("/predict / (b), 1 client", "predict_1", 8, is_floor=True, over="paper_1"),
    Goal("/predict / (b), 8 clients", "predict_8", 10, is_floor=True, over="paper_8"),
    Goal("/predict median wait / (b), 8 clients", "predict_8_wait", 0.2, over="paper_8_wait"),
    Goal("/predict median wait, busy / idle", "predict_busy_wait", 3, over="predict_idle_wait"),
    Goal("two workers / one", "workers_2", 1.8, is_floor=True, over="workers_1"),
    *(
        goal
        for kind, title in (("sqlite", "SQLite"), ("postgres", "PostgreSQL"))
        for goal in (
            Goal(
                f"claims and results, full table / empty, {title}",
                f"rows_drain_full_{kind}",
                0.9,
                is_floor=True,
                over=f"rows_drain_empty_{kind}",
            ),
            Goal(
                f"drain, full table / empty, {title}",
                f"worker_drain_full_{kind}",
                0.9,
                is_floor=True,
                over=f"worker_drain_empty_{kind}",
            ),
            Goal(f"status, large / small batch, {title}", f"status_large_{kind}", 1.3, over=f"status_small_{kind}"),
            Goal(f"page, deep / first, {title}", f"page_deep_{kind}", 1.3, over=f"page_first_{kind}"),
            Goal(f"claim, ms, {title}", f"claim_{kind}", 20),
            Goal(f"claim by its index, {title}", f"claim_by_index_{kind}", 1, is_floor=True),
        )
    ),
    Goal("12 MP to tensor / imdecode and resize", "large_tensor", 0.5, over="large_opencv"),
    Goal("12 MP: verdicts that do not change", "large_same", 1, is_floor=True),
    Goal("GPU: largest difference of a logit, float32", "gpu_float32_difference", 1e-3),
    Goal("GPU: time waiting for pixels at 512", "gpu_waiting", 0.1),
    Goal("web memory, MB", "web_mb", 400),
    Goal("worker memory, MB", "worker_mb", 400),
    Goal("web memory over a large upload, MB", "upload50k_web_mb", 400),
    Goal("worker memory over a large upload, MB", "upload50k_worker_mb", 400),
    Goal("soak, web memory, MB/min", "soak_web_slope", 1),
    Goal("soak, worker memory, MB/min", "soak_worker_slope", 1),
    Goal("soak, web open files/min", "soak_web_files", 0.1),
    Goal("soak, worker open files/min", "soak_worker_files", 0.1),
    Goal("first start to healthy, s", "first_start", 6),
    Goal("second start to healthy, s", "second_start", 6),
)


def summarise(
    measured: Rounds, *, images: int, failed: Sequence[str] = (), waiting: Sequence[str] = ()
) -> dict[str, Any]:
    """Figures and goals as JSON, beside the names of sections that failed and of those still to be measured."""
    return {
        "machine": {"cores": os.cpu_count(), "architecture": platform.machine(), "python": platform.python_version()},
        "images": images,
        "rounds": max(map(len, measured.values()), default=0),
        "figures": [
            {"name": name, "what": what, "unit": unit, "rounds": [round(value, 4) for value in measured[name]]}
            | {"median": round(statistics.median(measured[name]), 4)}
            for name, what, unit in FIGURES
            if name in measured
        ],
        "goals": [
            {
                "what": goal.what,
                "median": statistics.median(values),
                "rounds": values,
                "to_reach": f"at {'least' if goal.is_floor else 'most'} {goal.bound:g}",
                "reached": goal.is_reached(statistics.median(values)),
            }
            for goal in GOALS
            if (values := goal.values(measured))
        ],
        "failed": [*failed],
        "not_measured": [f"{name}: failed" for name in failed] + [f"{name}: not reached" for name in waiting],
    }


def text(results: dict[str, Any]) -> str:
    """The table for the screen."""
    figures = [
        f"{row['what']:<52}{row['median']:>10.1f} {row['unit']:<11} {'  '.join(map(str, row['rounds']))}"
        for row in results["figures"]
    ]
    goals = [
        f"{row['what']:<52}{row['median']:>z10.2f} {row['to_reach']}{'' if row['reached'] else ': NOT REACHED'}"
        for row in results["goals"]
    ]
    missing = [f"{'not measured':<52}{what}" for what in results["not_measured"]]
    return "\n".join([*figures, "", *goals, *missing])


def goals_table(results: dict[str, Any], apart: Mapping[str, dict[str, Any]]) -> str:
    """What was to be reached and what was, for the README; `apart` by name is what was measured each by itself."""
    rows = (row for run in (results, *apart.values()) for row in run["goals"])
    missing = [*results["not_measured"], *(name for name in RESULTS_APART if name not in apart)]
    return "\n".join(
        [
            f"{_tell_run(results)} (a) is the detector alone in one process, (b) the paper's server.{_tell_gpu(apart)}",
            *("", "| to reach | measured | goal | |", "|---|---|---|---|"),
            *(
                f"| {row['what']} | {row['median']:z.2f} | {row['to_reach']} | {'' if row['reached'] else 'missed'} |"
                for row in rows
            ),
            *(f"| {what} | not measured | | |" for what in missing),
        ]
    )


def figures_page(results: dict[str, Any], apart: Mapping[str, dict[str, Any]]) -> str:
    """Every figure, as a page of its own."""
    rows = (row for run in (results, *apart.values()) for row in run["figures"])
    return "\n".join(
        [
            *("# Every figure of the benchmark", "", "Written by `make report` from the `.json` files beside it."),
            *(f"{_tell_run(results)} {', '.join(apart)}: each by itself.{_tell_gpu(apart)}", ""),
            *("| figure | median | |", "|---|---|---|"),
            *(f"| {row['what']} | {row['median']:z.1f} | {row['unit']} |" for row in rows),
            "",
        ]
    )


def _tell_run(results: dict[str, Any]) -> str:
    cores, rounds, images = results["machine"]["cores"], results["rounds"], results["images"]
    return f"Medians of {rounds} round{'s' * (rounds != 1)} on {cores} cores, {images} face images, all in one run."


def _tell_gpu(apart: Mapping[str, dict[str, Any]]) -> str:
    return f" GPU: {apart['gpu']['machine']['gpu']}." if "gpu" in apart else ""


def read() -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The committed results, and those that were measured apart."""
    apart = {name: json.loads(file.read_text()) for name, file in RESULTS_APART.items() if file.is_file()}
    return json.loads(RESULTS.read_text()), apart


def main() -> None:
    """Writes the README's block and the page of figures anew from the results."""
    results, apart = read()
    report.replace_block(README, "speed", goals_table(results, apart))
    FIGURES_PAGE.write_text(figures_page(results, apart))


if __name__ == "__main__":
    main()
