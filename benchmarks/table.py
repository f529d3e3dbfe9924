"""What the benchmark reports: medians over the rounds and what was to be reached, on the screen and in the README."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training import report

RESULTS = Path(__file__).parent / "results.json"
README = Path(__file__).parent.parent / "README.md"

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
    ("web_mb", "(e) web, most resident memory", "MB"),
    ("worker_mb", "(e) worker, most resident memory", "MB"),
    ("first_start", "(e) first start to healthy (makes the database)", "s"),
    ("second_start", "(e) second start to healthy", "s"),
)


@dataclass(frozen=True)
class Goal:
    """A figure, or the ratio of two measured in the same round, and the bound it is to keep."""

    what: str
    figure: str
    bound: float
    is_floor: bool = False
    over: str = ""

    def values(self, rounds: Sequence[dict[str, float]]) -> list[float]:
        return [round(one[self.figure] / (one[self.over] if self.over else 1), 3) for one in rounds]

    def is_reached(self, value: float) -> bool:
        return value >= self.bound if self.is_floor else value <= self.bound


GOALS = (
    Goal("drain / (a)", "drain", 0.70, is_floor=True, over="ceiling"),
    Goal("batch with upload / (b) at 8 clients", "upload", 10, is_floor=True, over="paper_8"),
    Goal("/predict / (b), 1 client", "predict_1", 8, is_floor=True, over="paper_1"),
    Goal("/predict / (b), 8 clients", "predict_8", 8, is_floor=True, over="paper_8"),
    Goal("/predict median wait / (b), 8 clients", "predict_8_wait", 0.2, over="paper_8_wait"),
    Goal("web memory, MB", "web_mb", 400),
    Goal("worker memory, MB", "worker_mb", 400),
    Goal("first start to healthy, s", "first_start", 6),
    Goal("second start to healthy, s", "second_start", 6),
)


def summarise(rounds: Sequence[dict[str, float]], *, images: int) -> dict[str, Any]:
    return {
        "machine": {"cores": os.cpu_count(), "architecture": platform.machine(), "python": platform.python_version()},
        "images": images,
        "rounds": len(rounds),
        "figures": [
            {"name": name, "what": what, "unit": unit, "rounds": [round(one[name], 2) for one in rounds]}
            | {"median": round(statistics.median(one[name] for one in rounds), 2)}
            for name, what, unit in FIGURES
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
            for values in [goal.values(rounds)]
        ],
    }


def text(results: dict[str, Any]) -> str:
    """The table for the screen."""
    figures = [
        f"{row['what']:<52}{row['median']:>10.1f} {row['unit']:<11} {'  '.join(map(str, row['rounds']))}"
        for row in results["figures"]
    ]
    goals = [
        f"{row['what']:<52}{row['median']:>10.2f} {row['to_reach']}{'' if row['reached'] else ': NOT REACHED'}"
        for row in results["goals"]
    ]
    return "\n".join([*figures, "", *goals])


def markdown(results: dict[str, Any]) -> str:
    """The table for the README."""
    machine, rounds = results["machine"], results["rounds"]
    return "\n".join(
        [
            f"Medians of {rounds} rounds on {machine['cores']} cores, {results['images']} face images, all in one run.",
            "",
            "| to reach | measured | goal |",
            "|---|---|---|",
            *(f"| {row['what']} | {row['median']:.2f} | {row['to_reach']} |" for row in results["goals"]),
            "",
            "| figure | median | |",
            "|---|---|---|",
            *(f"| {row['what']} | {row['median']:.1f} | {row['unit']} |" for row in results["figures"]),
        ]
    )


def main() -> None:
    """Writes the README's block anew from results.json."""
    report.replace_block(README, "speed", markdown(json.loads(RESULTS.read_text())))


if __name__ == "__main__":
    main()
