"""Figures of metrics.json become Markdown tables for cards and readers."""

from collections.abc import Mapping
from typing import Any

from training import sources

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


def render_unseen(unseen: dict[str, Any]) -> str:
    """What unseen.json says of families and sources that no fold trained on, as Markdown: families first."""
    columns = ("AUC", "AUC, own photographs", "fakes called real", "fakes called fake", "photographs called fake")
    keys = ("auc", "own_auc", "fakes_called_real", "fakes_called_fake", "photographs_called_fake")

    def render_rows(first: str, parts: Mapping[str, Any]) -> list[str]:
        lines = [f"| {first} | photographs | fakes | {' | '.join(columns)} |", "|---" * (len(columns) + 3) + "|"]
        for name, part in parts.items():
            cells = [tell(part[key], 3 if key.endswith("auc") else None) for key in keys]
            lines.append(f"| {name} | {part['photographs']} | {part['fakes']} | {' | '.join(cells)} |")
        return lines

    named = {sources.FAMILIES[family]: part for family, part in unseen["families"].items()}
    lines = render_rows("family never trained on", named | {"all, photographs among them": unseen["everything"]})
    lines += ["", tell_unseen(unseen), ""]
    return "\n".join([*lines, *render_rows("source never trained on", unseen["sources"])])


def tell_unseen(unseen: dict[str, Any]) -> str:
    """The mean and the worst family, the thresholds' rule, and what they cost in coverage, in sentences."""
    bands, everything, known = unseen["bands"], unseen["everything"], unseen["known"]
    real_below, fake_from = bands["thresholds"]["real_below"], bands["thresholds"]["fake_from"]
    miss_rule = _tell_rule(bands["miss_rule"], bands["miss_bound"])
    alarm_rule = _tell_rule(bands["false_alarm_rule"], bands["false_alarm_bound"])
    sentences = [
        f"Over families AUC {tell(unseen['mean_auc'], 3)} on average, {tell(unseen['worst_auc'], 3)} at worst "
        f"({sources.FAMILIES[unseen['worst_family']]}).",
        f"“Real” is said under {real_below:.3f}, where at most {100 * bands['miss_limit']:g} % of the validation "
        f"fakes of each family left out score {miss_rule}; “fake” from {fake_from:.3f}, where at most "
        f"{100 * bands['false_alarm_limit']:g} % of {bands['photographs']} photographs of sources left out score "
        f"{alarm_rule}.",
        f"At these bounds {tell(everything['photographs_called_real'])} of such photographs are called real and "
        f"{tell(everything['fakes_called_fake'])} of such fakes fake; the others get no verdict or a wrong one.",
    ]
    if known and known["photographs_called_real"]:
        sentences.append(
            f"Of photographs of sources that were trained on, {tell(known['photographs_called_real'])} are called real "
            f"and {tell(known['photographs_called_fake'])} fake."
        )
    return " ".join(sentences)


def _tell_rule(rule: str, bound: float) -> str:
    reached = f"at 95 % confidence at most {100 * bound:.1f} %"
    return f"({reached})" if rule == "bound" else f"(of those found; {reached})"


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
