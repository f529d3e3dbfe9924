"""What the benchmark reports: medians over the rounds, the ratios to reach, and both as a table."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"
README = Path(__file__).parent.parent / "README.md"
START, END = "<!-- speed:start -->", "<!-- speed:end -->"

# name, what it is, unit; the rows of the table in their order
ROWS = (
    ("ceiling", "(a) bare loop: decode, preprocess, int8 forward pass", "images/s"),
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
# name, what it is, the figures it is made of, what to reach
RATIOS = (
    ("drain / (a)", ("drain", "ceiling"), "at least", 0.70),
    ("upload included / (b) at 8 clients", ("upload", "paper_8"), "at least", 10.0),
    ("/predict / (b), 1 client", ("predict_1", "paper_1"), "at least", 8.0),
    ("/predict / (b), 8 clients", ("predict_8", "paper_8"), "at least", 8.0),
    ("/predict median wait / (b), 8 clients", ("predict_8_wait", "paper_8_wait"), "at most", 0.2),
)
LIMITS = (("web_mb", 400.0), ("worker_mb", 400.0), ("first_start", 6.0), ("second_start", 6.0))


def summarise(rounds: Sequence[dict[str, float]], *, images: int) -> dict[str, Any]:
    figures = {
        name: {"median": statistics.median(values), "rounds": values}
        for name, _, _ in ROWS
        if (values := [round(measured[name], 3) for measured in rounds])
    }
    ratios = [
        {"ratio": what, "median": round(statistics.median(values), 3), "rounds": values, "to_reach": f"{word} {bound}"}
        | {"reached": statistics.median(values) >= bound if word == "at least" else statistics.median(values) <= bound}
        for what, (above, below), word, bound in RATIOS
        if (values := [round(measured[above] / measured[below], 3) for measured in rounds])
    ]
    limits = [
        {"figure": name, "to_reach": f"under {bound:g}", "reached": figures[name]["median"] < bound}
        for name, bound in LIMITS
    ]
    return {
        "machine": {"cores": os.cpu_count(), "architecture": platform.machine(), "python": platform.python_version()},
        "images": images,
        "figures": figures,
        "ratios": ratios,
        "limits": limits,
    }


def render(results: dict[str, Any]) -> str:
    lines = [f"{'':<52}{'median':>10}   all rounds"]
    for name, what, unit in ROWS:
        figure = results["figures"][name]
        spread = "  ".join(f"{value:.1f}" for value in figure["rounds"])
        lines.append(f"{what:<52}{figure['median']:>10.1f}   {spread}  {unit}")
    lines.append("")
    for row in results["ratios"]:
        mark = "reached" if row["reached"] else "NOT REACHED"
        lines.append(f"{row['ratio']:<52}{row['median']:>10.2f}   {row['to_reach']}: {mark}")
    for row in results["limits"]:
        mark = "reached" if row["reached"] else "NOT REACHED"
        lines.append(
            f"{row['figure']:<52}{results['figures'][row['figure']]['median']:>10.1f}   {row['to_reach']}: {mark}"
        )
    return "\n".join(lines)


def markdown(results: dict[str, Any]) -> str:
    """The block of the README that tells the ratios and the limits."""
    machine = results["machine"]
    rounds = len(results["figures"]["ceiling"]["rounds"])
    units = {name: unit for name, _, unit in ROWS}
    lines = [
        f"Medians of {rounds} rounds on {machine['cores']} cores, {results['images']} face images; everything in one run.",
        "",
        "| figure | measured | to reach |",
        "|---|---|---|",
        *(f"| {row['ratio']} | {row['median']:.2f} | {row['to_reach']} |" for row in results["ratios"]),
        *(
            f"| {what} | {results['figures'][name]['median']:.1f} {units[name]} | {limits.get(name, '')} |"
            for limits in [{row["figure"]: row["to_reach"] for row in results["limits"]}]
            for name, what, _ in ROWS
        ),
    ]
    return "\n".join(lines)


def main() -> None:
    """Writes the README's block anew from results.json."""
    block = markdown(json.loads(RESULTS.read_text()))
    text = README.read_text()
    before, rest = text.split(START)
    _, after = rest.split(END)
    README.write_text(f"{before}{START}\n{block}\n{END}{after}")


if __name__ == "__main__":
    main()
