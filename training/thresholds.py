"""Choose a bundle's thresholds and strength scale by what cross-fitting measured on fakes and sources never trained on.

python -m training.thresholds --bundle DIR --scores RUN/scores.csv --data DIR

A strength scale is measured where four families were left out or more: of fewer, the spread between them leaves
intervals that support nothing. The bundle's own thresholds, chosen on validation images of what it trained on, stay
where they are the stricter ones. The error rates by JPEG quality, which stand beside each result, are measured anew on
the validation images under DATA of the sources that the bundle was trained on.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from detector import bundle
from detector.card import Card, EngineCard
from detector.errors import BundleError
from detector.strength import StrengthBand
from detector.verdict import Thresholds
from training import data, export, prepare, sources, unseen
from training.likelihood import fit_strength_scale
from training.prepare import Example
from training.recipe import find_framing
from training.score_rows import ScoreRow, count_once, read_scores
from training.unseen import UnseenBands

_LEAST_FAMILIES = 4


def apply_unseen(folder: Path, rows: Sequence[ScoreRow], data_folder: Path) -> Card:
    """Write the card anew with thresholds and a strength scale from scores of the validation split.

    Raises ValueError where the scores or the data do not suffice, and the leaves of BundleError.
    """
    card = bundle.load(folder).card
    bands = unseen.choose_unseen_thresholds(rows)
    scale = fit_unseen_scale(rows) if len(bands.fakes) >= _LEAST_FAMILIES else None
    engines = {name: _tighten(engine, bands, scale) for name, engine in card.engines.items()}
    changed = replace(card, engines=engines)
    validation = data.load(
        data_folder, _list_trained_on(card, data_folder), ("validation",), card.input, framing=find_framing(card.recipe)
    )
    changed = replace(changed, error_rates=export.measure_error_rates(folder, changed, validation))
    changed = replace(changed, version=bundle.derive_version(changed))
    bundle.save(folder, changed)
    return changed


def _list_trained_on(card: Card, data_folder: Path) -> list[Example]:
    """The images of sources that a bundle was trained on; of all where its card names none of ours."""
    examples = prepare.list_examples(data_folder)
    seen = sources.list_trained_on(card.trained_on)
    return [one for one in examples if not seen or one.source in seen]


def fit_unseen_scale(rows: Sequence[ScoreRow]) -> tuple[StrengthBand, ...]:
    """The strength scale of scores of the validation split that no fold trained on.

    A photograph that every fold scored counts once, under a fold that its hash picks.
    """
    unseen_rows = [row for row in rows if row.split == "validation" and not row.is_seen]
    fakes = [row for row in unseen_rows if row.label == "fake"]
    kept = [*fakes, *count_once([row for row in unseen_rows if row.label == "real"])]
    labels = np.array([int(row.label == "fake") for row in kept], dtype=np.int64)
    names = [row.family if row.label == "fake" else row.source for row in kept]
    return fit_strength_scale(np.array([row.fake_probability for row in kept]), labels, names)


def _tighten(engine: EngineCard, bands: UnseenBands, scale: tuple[StrengthBand, ...] | None) -> EngineCard:
    thresholds = Thresholds(
        real_below=min(engine.thresholds.real_below, bands.thresholds.real_below),
        fake_from=max(engine.thresholds.fake_from, bands.thresholds.fake_from),
    )
    return replace(engine, thresholds=thresholds, strength_scale=scale)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True, help="a bundle folder with card.json")
    parser.add_argument("--scores", type=Path, required=True, help="the scores.csv of training.crossfit")
    parser.add_argument("--data", type=Path, required=True, help="a folder of sources, for the error rates")
    arguments = parser.parse_args()
    try:
        card = apply_unseen(arguments.bundle, read_scores(arguments.scores), arguments.data)
    except (ValueError, OSError, BundleError) as error:
        sys.exit(f"thresholds: {error}")
    for name, engine in card.engines.items():
        print(f"{name}: real under {engine.thresholds.real_below:.4f}, fake from {engine.thresholds.fake_from:.4f}")


if __name__ == "__main__":
    main()
