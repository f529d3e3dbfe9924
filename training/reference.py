"""A bundle from before cards told how scores lie gets it now, without training: drift is then told against the card.

python -m training.reference --bundle DIR --data DIR [--split validation]
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

from detector import bundle
from detector.card import Card
from detector.errors import DetectorError
from training import calibration, data, prepare, recipe, scoring
from training.recipe import Split


def tell_scores(folder: Path, data_folder: Path, split: Split) -> Card:
    """Scores the split with every engine of the bundle and writes the shares into its card, whose version stays.

    The split must be the one the bundle was calibrated on, or images like those that will be sent.
    """
    card = bundle.load(folder).card
    images = data.load(
        data_folder, prepare.list_examples(data_folder), (split,), card.input, framing=recipe.find_framing(card.recipe)
    )
    told = {}
    for name, entry in card.engines.items():
        logits = scoring.score(scoring.open_engine(folder, name), images.pixels)
        shares = calibration.find_shares(calibration.find_probabilities(logits, entry.calibration))
        told[name] = replace(entry, score_shares=shares)
    card = replace(card, engines=told)
    bundle.save(folder, card)
    return card


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="{real,fake}, or a folder of such folders")
    parser.add_argument("--split", choices=get_args(Split), default="validation")
    arguments = parser.parse_args()
    try:
        card = tell_scores(arguments.bundle, arguments.data, arguments.split)
    except (ValueError, OSError, DetectorError) as error:
        sys.exit(f"reference: {error}")
    for name, engine in card.engines.items():
        print(f"{name}: {engine.score_shares}")


if __name__ == "__main__":
    main()
