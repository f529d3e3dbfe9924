"""The model card and the data card, made of metrics files and manifests."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jinja2

from detector import reasons, strength
from detector.card import Card, CellOrder, EngineCard
from training import duplicates, prepare, recipe, scoring, sources, tables

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("training"),
    autoescape=False,  # noqa: S701 - Markdown of our own figures, not HTML of somebody's
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
)


def render_model_card(
    card: Card,
    result: dict[str, Any],
    *,
    table: str,
    comparison: str,
    ablation: str,
    learning_curves: Sequence[str],
    tradeoff: str,
    unseen: str,
    paper: str,
    served: str,
    commands: list[str],
    files: str,
) -> str:
    """The card of one bundle beside the published `result` of its recipe; the tables are Markdown, or empty."""
    measured, engine = result["engines"][scoring.SERVES], card.engines[scoring.SERVES]
    return _TEMPLATES.get_template("model-card.md").render(
        card=card,
        result=result,
        how=recipe.describe(card.recipe),
        serves=scoring.SERVES,
        table=table,
        comparison=comparison,
        ablation=ablation,
        learning_curves=learning_curves,
        tradeoff=tradeoff,
        unseen=unseen,
        paper=paper,
        served=served,
        least_quality=reasons.MIN_JPEG_QUALITY,
        verdicts=_tell_verdicts(engine, measured),
        bands=_tell_bands(engine),
        strength_scale=render_strength_scale(engine),
        error_rates=_render_error_rates(card),
        further=tables.tell_further(result),
        faithfulness=_render_faithfulness(card),
        unmeasured=_tell_unmeasured(result),
        arguments=_find_arguments(card),
        commands=commands,
        files=files,
    )


def render_data_card(manifest: Path, audit: str) -> str:
    """The card of the sets in a manifest; `audit` is the audit's table, where there is one."""
    with prepare.open_manifest(manifest) as file:
        rows = list(csv.DictReader(file))
    return _TEMPLATES.get_template("data-card.md").render(
        total=f"{len(rows):,}",
        sources=[
            _describe_source(name, [row for row in rows if row["source"] == name])
            for name in sorted({row["source"] for row in rows})
        ],
        near=duplicates.NEAR,
        far=duplicates.FAR,
        audit=audit,
    )


def _describe_source(name: str, rows: list[dict[str, str]]) -> dict[str, str]:
    known, splits = sources.KNOWN.get(name), Counter(row["split"] for row in rows)
    labels = Counter(row["label"] for row in rows)
    return {
        "name": name,
        "reals": _tell_class(labels["real"], known.reals if known else ""),
        "fakes": _tell_class(labels["fake"], known.fakes if known else ""),
        "splits": " / ".join(f"{splits[split]:,}" for split in ("train", "validation", "test")),
        "left_out": f"{splits['left out']:,}",
        "sizes": _tell_range([int(row["width"]) for row in rows]),
        "qualities": _tell_range([int(row["jpeg_quality"]) for row in rows if int(row["jpeg_quality"])]),
        "licence": known.licence if known else "",
    }


def _tell_class(count: int, what: str) -> str:
    return f"{count:,} {what}".strip() if count else "–"


def _tell_range(values: list[int]) -> str:
    if not values:
        return "–"
    return f"{min(values)}" if min(values) == max(values) else f"{min(values)} to {max(values)}"


def _find_arguments(card: Card) -> str:
    """What the recipe needs beside a folder of sources: counterparts, this model as its teacher."""
    chosen = recipe.find(card.recipe)
    counterparts = ["--counterparts folder/of/counterparts"] if chosen.needs_counterparts else []
    teacher = [f"--teacher models/{card.name}"] if chosen.needs_teacher else []
    return " ".join(counterparts + teacher)


def _tell_verdicts(engine: EngineCard, measured: dict[str, Any]) -> str:
    verdicts = measured["verdicts"]
    return "\n".join(
        [
            f"- fake from a probability of {engine.thresholds.fake_from:.3f}, real under "
            f"{engine.thresholds.real_below:.3f}, inconclusive between;",
            f"- definite for {tables.tell(verdicts['coverage'])} of {measured['n']} images, "
            f"of these wrong {tables.tell(verdicts['error'])};",
            f"- photographs called fake {tables.tell(verdicts['real_called_fake'])}, "
            f"synthetic images called real {tables.tell(verdicts['fake_called_real'])}.",
        ]
    )


def _tell_bands(engine: EngineCard) -> str:
    bands = engine.bands
    if bands is None:
        return ""
    return (
        f"The thresholds were chosen on {bands.reals} photographs and {bands.fakes} fakes of the validation split, "
        "clean and degraded. At 95 % confidence (Clopper-Pearson) at most "
        f"{100 * bands.false_alarm_bound:.1f} % of such photographs are called fake (asked for: "
        f"{100 * bands.false_alarm_limit:g} %) and at most {100 * bands.miss_bound:.1f} % of such fakes real "
        f"(asked for: {100 * bands.miss_limit:g} %)."
    )


def render_strength_scale(engine: EngineCard) -> str:
    """The likelihood ratios of an engine's scores as a Markdown table; empty where none were measured."""
    if engine.strength_scale is None:
        return ""
    header = "| fake probability | likelihood ratio | synthetic faces | photographs | support |"
    lines = [header, "|---|---|---|---|---|"]
    for band in engine.strength_scale:
        ratio = band.likelihood_ratio
        # Two significant figures, without an exponent.
        value, low, high = (f"{float(f'{end:.2g}'):,g}" for end in (ratio.value, ratio.low, ratio.high))
        cells = (
            f"{band.score_low:.3f} to {band.score_high:.3f}",
            f"{value} ({low}-{high})",
            f"{band.fakes:,}",
            f"{band.reals:,}",
            strength.to_strength(ratio).replace("_", ", "),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _render_error_rates(card: Card) -> str:
    if not card.error_rates:
        return ""
    lines = ["| images | photographs | fakes | called fake | called real | definite |", "|---|---|---|---|---|---|"]
    for rate in card.error_rates:
        cells = [
            f"{100 * share.value:.1f} % ({100 * share.low:.1f}-{100 * share.high:.1f})"
            for share in (rate.false_alarms, rate.misses, rate.coverage)
        ]
        lines.append(f"| {rate.name} | {rate.reals} | {rate.fakes} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _render_faithfulness(card: Card) -> str:
    if card.faithfulness is None:
        return ""
    orders: dict[CellOrder, str] = {"map": "as the map says", "random": "at random", "centre": "from the centre"}
    lines = ["| cells go | left while they are blurred | had while they come back |", "|---|---|---|"]
    for order, words in orders.items():
        areas = (kind[order] for kind in (card.faithfulness.deletion, card.faithfulness.insertion))
        lines.append(f"| {words} | {' | '.join(tables.tell(asdict(area), 3) for area in areas)} |")
    return "\n".join(lines)


def _tell_unmeasured(result: dict[str, Any]) -> str:
    names = sources.FAMILIES
    known = sources.KNOWN.get(result["data"])
    measured = {*(result.get("families") or {}), known.family if known else None}
    missing = [words for family, words in names.items() if family not in measured]
    return f"Not measured for this model: {', '.join(missing)}." if missing else ""
