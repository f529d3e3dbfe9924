"""Figures of metrics.json become Markdown tables for cards and readers."""

from collections.abc import Mapping
from typing import Any

_COLUMNS = {
    "AUC": ("auc", 3),
    "accuracy": ("accuracy", None),
    "reals right": ("reals_right", None),
    "fakes right": ("fakes_right", None),
    "reals called fake": ("false_alarms", None),
    "fakes called fake": ("hits", None),
    "definite": ("coverage", None),
}


def tell_further(result: dict[str, Any]) -> str:
    """What an evaluation measured beyond its clean split; empty where it measured no more."""
    parts = []
    if len(result.get("sources") or {}) > 1:
        parts.append("**Sources**\n\n" + render_parts(result["sources"], "source"))
    if result.get("families"):
        parts.append("**Families of fakes, against all photographs**\n\n" + render_parts(result["families"], "family"))
    if result.get("robustness"):
        parts.append(_tell_grid(result["robustness"]))
    if result.get("gate"):
        parts.append("**What int8 loses against float32**\n\n" + render_gate(result["gate"]))
    return "".join(f"{part}\n\n" for part in parts)


def render_parts(parts: Mapping[Any, Any], first: str) -> str:
    """One line for each source, family or degradation; a dash where a class is missing."""
    lines = [f"| {first} | reals | fakes | {' | '.join(_COLUMNS)} |", "|---" * (len(_COLUMNS) + 3) + "|"]
    for name, rates in parts.items():
        cells = [tell(rates[key], places) for key, places in _COLUMNS.values()]
        lines.append(f"| {name} | {rates['reals']} | {rates['fakes']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def render_gate(gate: dict[str, Any]) -> str:
    lines = [
        f"| images (n = {gate['n']}) | AUC lost (at most {gate['auc_loss_limit']}) "
        f"| accuracy lost (at most {100 * gate['accuracy_loss_limit']:g} points) "
        f"| same result (at least {100 * gate['agreement_limit']:g} %) | |",
        "|---|---|---|---|---|",
    ]
    for name, view in gate["views"].items():
        lines.append(
            f"| {name} | {view['auc_loss']:z.4f} | {100 * view['accuracy_loss']:z.2f} points "
            f"| {tell(view['agreement'])} | {'passed' if view['passed'] else 'failed'} |"
        )
    return "\n".join(lines)


def tell(figure: dict[str, float] | None, places: int | None = None) -> str:
    """A figure with its interval: per cent, or a plain number of so many places."""
    if figure is None:
        return "–"
    if places is None:
        return f"{100 * figure['value']:.1f} % ({100 * figure['low']:.1f}-{100 * figure['high']:.1f})"
    return f"{figure['value']:.{places}f} ({figure['low']:.{places}f}-{figure['high']:.{places}f})"


def value(figure: float | dict[str, float]) -> float:
    """A figure's value; those published before figures had intervals are bare numbers."""
    return figure["value"] if isinstance(figure, dict) else figure


def _tell_grid(grid: dict[str, Any]) -> str:
    singles = {name: cell for name, cell in grid["cells"].items() if not name.startswith("compound")}
    return (
        f"**Robustness**, {grid['n']} images in each row, at most {grid['per_group']} of each source's class\n\n"
        f"{render_parts(singles, 'degradation')}\n\n"
        f"Forty random compounds: accuracy {100 * grid['compound_median_accuracy']:.1f} % in the median, "
        f"{100 * grid['compound_worst_decile_accuracy']:.1f} % in the worst tenth. Calibration error "
        f"{grid['mean_calibration_error']:.3f} on average over all rows but the clean one. "
        "`resize` is Lanczos, which no training augmentation uses."
    )
