"""Score a folder of sources with a bundle's serving engine, as cross-fitting scores what a fold never saw.

python -m training.score_bundle --bundle DIR --data DIR --out SCORES.csv

The file is what training.unseen and training.thresholds read. `seen` is 1 for images of sources that the bundle was
trained on, by its card, or whose people or videos one of these shares; the fold is the bundle's name.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from detector import bundle
from detector.errors import DetectorError
from training import calibration, crossfit, data, prepare, scoring, sources
from training.score_rows import ScoreRow, write_scores

_MOST = 200  # images of a source's class and split that are scored


def score_bundle(folder: Path, data_folder: Path) -> list[ScoreRow]:
    """The bundle's calibrated scores of validation and test images, at most 200 of each class and split of a source.

    Raises ValueError where the folder is not usable, and the leaves of DetectorError.
    """
    card = bundle.load(folder).card
    examples = [one for one in prepare.list_examples(data_folder) if one.split in crossfit.SPLITS]
    chosen = [
        one
        for split in crossfit.SPLITS
        for one in prepare.take_some([example for example in examples if example.split == split], _MOST)
    ]
    scored = data.load(data_folder, chosen, crossfit.SPLITS, card.input, framing="face")
    engine = scoring.open_engine(folder, scoring.SERVES)
    logits = scoring.score(engine, np.asarray(scored.pixels))
    probabilities = calibration.find_probabilities(logits, card.engines[scoring.SERVES].calibration)
    seen = sources.list_trained_on(card.trained_on)
    return [
        ScoreRow(
            sha256=one.sha256,
            source=one.source,
            label=one.label,
            family=sources.find_family(one.source, one.label, one.generator) or "",
            split=one.split,
            fold=card.name,
            fake_probability=float(probability),
            is_seen=bool(seen & {one.source, sources.name_space(one.source)}),
        )
        for one, probability in zip(scored.examples, probabilities, strict=True)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True, help="a bundle folder with card.json")
    parser.add_argument("--data", type=Path, required=True, help="a folder of sources")
    parser.add_argument("--out", type=Path, required=True, metavar="SCORES.csv")
    arguments = parser.parse_args()
    try:
        write_scores(score_bundle(arguments.bundle, arguments.data), arguments.out)
    except (ValueError, OSError, DetectorError) as error:
        sys.exit(f"score_bundle: {error}")


if __name__ == "__main__":
    main()
