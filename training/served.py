"""What users get of a bundle: files examined and assessed as serving does, with faces, reasons and stability.

Other figures are by score and thresholds alone; a written reason makes some definite verdicts inconclusive.

python -m training.served --bundle DIR --data DIR [--split test] [--out FILE]
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

from tqdm import tqdm

from detector import Detector
from detector.errors import DetectorError
from training import intervals, prepare, results, scoring, tables
from training.intervals import Figure
from training.prepare import Example
from training.recipe import Split

_GROUP = 32
_DEFINITE = ("real", "fake")


@dataclass(frozen=True)
class Served:
    """Shares of verdicts: definite ones of all, wrong ones of the definite, false alarms of the photographs, misses of
    the fakes, and those not assessed of all."""

    coverage: Figure
    error: Figure
    false_alarms: Figure
    misses: Figure
    not_assessed: Figure


def judge(bundle_folder: Path, data_folder: Path, examples: Sequence[Example]) -> Iterator[tuple[Example, str]]:
    """Each example with its verdict, of whole files; raises the leaves of BundleError and DecodeError."""
    detector = Detector.open(bundle_folder, scoring.SERVES, threads=2)
    for first in tqdm(range(0, len(examples), _GROUP), desc="assess", unit="group"):
        group = examples[first : first + _GROUP]
        images = [detector.examine((data_folder / example.path).read_bytes()) for example in group]
        yield from zip(group, (assessment.verdict for assessment in detector.assess(images)), strict=True)


def measure(judged: Sequence[tuple[Example, str]]) -> Served:
    found = Counter((example.label, verdict) for example, verdict in judged)
    of_label = Counter(example.label for example, _ in judged)
    definite = sum(count for (_, verdict), count in found.items() if verdict in _DEFINITE)
    false_alarms, misses = found["real", "fake"], found["fake", "real"]
    not_assessed = found["real", "not_assessed"] + found["fake", "not_assessed"]
    return Served(
        coverage=intervals.share(definite, len(judged)),
        error=intervals.share(false_alarms + misses, definite),
        false_alarms=intervals.share(false_alarms, of_label["real"]),
        misses=intervals.share(misses, of_label["fake"]),
        not_assessed=intervals.share(not_assessed, len(judged)),
    )


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
    shares = [tables.tell(asdict(share)) if share.n else "–" for share in vars(measure(judged)).values()]
    return f"| {name} | {len(judged)} | {' | '.join(shares)} |"


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
