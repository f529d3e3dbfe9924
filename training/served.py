"""What users get of a bundle: files examined and assessed as serving does, with faces, reasons and stability.

Other figures are by score and thresholds alone; a written reason makes some definite verdicts inconclusive.

python -m training.served --bundle DIR --data DIR [--split test] [--out FILE]
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import numpy as np
from tqdm import tqdm

from detector import Detector
from detector.errors import DetectorError
from training import intervals, metrics, prepare, results, scoring, tables
from training.intervals import Figure
from training.metrics import Verdicts
from training.prepare import LABELS, Example
from training.recipe import Split

_GROUP = 32


def judge(bundle_folder: Path, data_folder: Path, examples: Sequence[Example]) -> Iterator[tuple[Example, str]]:
    """Each example with its verdict, of whole files; raises the leaves of BundleError and DecodeError."""
    detector = Detector.open(bundle_folder, scoring.SERVES, threads=2)
    for first in tqdm(range(0, len(examples), _GROUP), desc="assess", unit="group"):
        group = examples[first : first + _GROUP]
        images = [detector.examine((data_folder / example.path).read_bytes()) for example in group]
        yield from zip(group, (assessment.verdict for assessment in detector.assess(images)), strict=True)


def measure(judged: Sequence[tuple[Example, str]]) -> tuple[Verdicts, Figure]:
    """The figures of the verdicts, and the share that was not assessed."""
    verdicts = [verdict for _, verdict in judged]
    labels = np.array([LABELS.index(example.label) for example, _ in judged], dtype=np.int64)
    not_assessed = intervals.share(verdicts.count("not_assessed"), len(verdicts))
    return metrics.measure_verdicts(verdicts, labels), not_assessed


def render(judged: Sequence[tuple[Example, str]]) -> str:
    """A line of Markdown for all images in scope and one for each source."""
    in_scope = [one for one in judged if results.is_in_scope(one[0])]
    lines = [
        "| images | n | definite | of these wrong | photographs called fake | fakes called real | not assessed |",
        "|---|---|---|---|---|---|---|",
        _render_line("all", in_scope),
    ]
    for source in sorted({example.source for example, _ in in_scope}):
        lines.append(_render_line(source, [one for one in in_scope if one[0].source == source]))
    return "\n".join(lines)


def _render_line(name: str, judged: Sequence[tuple[Example, str]]) -> str:
    verdicts, not_assessed = measure(judged)
    shares = [*vars(verdicts).values(), not_assessed]
    cells = [tables.tell(asdict(share)) if share.n else "–" for share in shares]
    return f"| {name} | {len(judged)} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="{real,fake}, or a folder of such folders")
    parser.add_argument("--split", choices=get_args(Split), default="test")
    parser.add_argument("--out", type=Path, help="the table as Markdown, for the model card")
    given = parser.parse_args()
    try:
        examples = [example for example in prepare.list_examples(given.data) if example.split == given.split]
        table = render(list(judge(given.bundle, given.data, examples)))
    except (DetectorError, OSError, ValueError) as error:
        sys.exit(f"served: {error}")
    print(table)
    if given.out:
        given.out.write_text(table + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
