"""The shortcut audit: what could tell the classes apart without a synthesis trace, measured; it blocks a release.

python -m training.audit --data DIR [--bundle DIR] [--recipe NAME] [--scores FILE] --out DIR

Exit code 1 with one sentence for each failed check. The recipe (the bundle's, where none is named) says what
training leaves out, cuts to the face and how it weighs: only what is trained on is audited, as it is trained on.

| check | allowed | on |
|---|---|---|
| file facts: bytes, size, JPEG quality, format | AUC at most 0.55 | files |
| thumbnail of 16 x 16 pixels | AUC at most 0.60 | the model's pixels |
| border of 1 pixel | AUC at most 0.60 | the model's pixels |
| codec swap: one class saved anew as JPEG 95, then the other | AUC moves by at most 0.01 | bundle, test split |
| one codec: every image saved anew as JPEG 90, 4:2:0 | accuracy falls by at most 1 point | bundle, test split |
| label shuffle: a linear probe of the bundle's features | mean AUC 0.48 to 0.52 | bundle, test split |
| images, near-duplicates, groups on two sides of a split | none | all |
| label noise: photographs against the fakes of another source | AUC at least 0.80 | features of a bundle |
| label noise: photographs called fake by models trained without them | at most 0.50 | cross-fitted scores |

The features are the bundle's, or models/best's where none is named; training.label_noise says why both are needed.

What blocks: each source with both classes is audited by itself, and every check of it blocks, since its reals and
fakes claim to differ by the trace alone. The border may reach 0.60 and not only 0.55: it shows the same picture as
the thumbnail, and a generator's backgrounds are never quite the photographs'. Only an AUC above one half counts,
because a probe learns for itself which way a feature points.

What is only reported: the sources of one class are audited together, weighed as training weighs them. Their reals
and fakes are other people in other places, so a probe tells the collections apart whatever is done; the guard there
is the false alarms of each source and the score of a family left out. The model never meets their files but
256 x 256 pixels, degraded alike, so these are what the pixel probes are given. What is done to the bundle blocks
here too: it changes the codec and nothing else.

Beside a probe of pixels stands how much AUC the bundle loses among images that this probe finds alike. A probe that
fails says that the data offer a shortcut; a loss near nothing, that the bundle does not live on it. Where the probe
tells nearly every image, none are alike and there is no such figure.
"""

import argparse
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from detector import bundle
from detector.card import Card
from detector.errors import BundleError
from detector.preprocess import InputSpec
from training import augment, data, label_noise, prepare, probes, recipe, results, score_rows, scoring, shortcuts
from training.intervals import Floats
from training.prepare import LABELS, Example
from training.recipe import Mixture, Recipe, Split
from training.shortcuts import Check

ONE_CLASS = "sources of one class"
_SHIPPED = Path(__file__).resolve().parent.parent / "models" / "best"
_MOST_COMPARED = 100  # images of a source's class that are compared with other sources'
_MOST = 900  # images of a source's class whose pixels are probed
_NONE_ALIKE = 0.95  # AUC of a probe from which on hardly an image resembles one of the other class
_SEED = 20
_SPEC = InputSpec(size=256)
_SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Audit:
    """What audit.json holds."""

    data: str
    version: str | None
    recipe: str | None
    passed: bool
    checks: list[Check]


def audit(
    folder: Path, bundle_folder: Path | None, chosen: Recipe | None, out: Path, *, scores: Path | None = None
) -> Audit:
    """Run every check on the folder, on the bundle and the cross-fitted scores if there are such; write audit.json
    and audit.md.

    Raises ValueError where the folder is not usable, and the leaves of BundleError.
    """
    card = bundle.load(bundle_folder).card if bundle_folder else None
    chosen = recipe.find(card.recipe) if card and not chosen else chosen
    mixture = chosen.mixture if chosen else None
    examples = [
        example
        for example in prepare.list_examples(folder)
        if example.split != "left out"
        and (chosen is None or chosen.trains_on(example.source, example.label, example.generator))
    ]
    checks = [*shortcuts.check_splits(examples), *_check_labels(folder, examples, bundle_folder or _SHIPPED)]
    checks += _check_scores(scores) if scores else []
    parts = divide(examples)
    for part, members in parts.items():
        _check_size(part, members, is_tested=card is not None)
    probed = {}
    for part, members in parts.items():
        weights = _weigh(members, mixture)
        checks.append(shortcuts.check_files(part, folder, members, weights, blocks=part != ONE_CLASS))
        probed[part] = _probe(folder, part, members, mixture)
        checks += [check for check, _ in probed[part]]
    if bundle_folder and card:
        checks += _audit_bundle(bundle_folder, card, folder, parts, probed, mixture)
    done = Audit(
        data=Path(os.path.abspath(folder)).name,
        version=card.version if card else None,
        recipe=chosen.name if chosen else None,
        passed=not any(check.has_failed for check in checks),
        checks=checks,
    )
    _write(done, out)
    return done


def divide(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """What is audited by itself: each source with both classes, and the others together if they have both."""
    classes = Counter(source for source, _ in {(example.source, example.label) for example in examples})
    parts: defaultdict[str, list[Example]] = defaultdict(list)
    for example in examples:
        parts[example.source if classes[example.source] == len(LABELS) else ONE_CLASS].append(example)
    return {
        part: members
        for part, members in sorted(parts.items())
        if {example.label for example in members} == set(LABELS)
    }


def _check_size(part: str, members: Sequence[Example], *, is_tested: bool) -> None:
    """Raise ValueError where a part is too small for the probes, or to be tested by a bundle."""
    groups = {label: {one.group for one in members if one.label == label} for label in LABELS}
    fewest = min(groups, key=lambda label: len(groups[label]))
    if len(groups[fewest]) < probes.FOLDS:
        raise ValueError(
            f"{part} has {fewest} images of {len(groups[fewest])} groups; the audit needs {probes.FOLDS} of each class."
        )
    if is_tested:
        try:
            prepare.check_split(members, "test")
        except ValueError as error:
            raise ValueError(f"{part}: {error}") from error


def _probe(folder: Path, part: str, members: list[Example], mixture: Mixture | None) -> list[tuple[Check, Floats]]:
    """The checks of a part's pixels, each with the fake probability that its probe gave to every member probed."""
    seen = data.load(folder, prepare.take_some(members, _MOST), _SPLITS, _SPEC, mixture.recropped if mixture else ())
    if part == ONE_CLASS:
        for place, image in enumerate(seen.pixels):
            seen.pixels[place] = augment.degrade(image, np.random.default_rng((_SEED, place)))
    weights = _weigh(seen.examples, mixture)
    return list(shortcuts.probe_pixels(part, seen, weights, blocks=part != ONE_CLASS))


def _audit_bundle(
    bundle_folder: Path,
    card: Card,
    folder: Path,
    parts: dict[str, list[Example]],
    probed: dict[str, list[tuple[Check, Floats]]],
    mixture: Mixture | None,
) -> Iterator[Check]:
    engine, features, shuffled = scoring.open_engine(bundle_folder, scoring.SERVES), [], []
    for part, members in parts.items():
        shown = prepare.take_some(members, _MOST)
        tested = data.load(folder, shown, ("test",), card.input)
        weights = _weigh(tested.examples, mixture)
        logits = scoring.score(engine, tested.pixels)
        yield from shortcuts.check_codecs(part, engine, card.engines[scoring.SERVES], tested, logits, weights)
        is_tested = np.array([example.split == "test" for example in shown])
        for check, fake_probabilities in probed[part]:
            if check.figure > _NONE_ALIKE:
                continue
            yield shortcuts.check_dependence(check, fake_probabilities[is_tested], tested, logits, weights)
        features.append(scoring.pool(engine, tested.pixels))
        shuffled += tested.examples
    yield shortcuts.check_shuffled(np.concatenate(features), shuffled)


def _check_labels(folder: Path, examples: Sequence[Example], bundle_folder: Path) -> Iterator[Check]:
    """Whether some source's photographs are another's fakes, without those that nobody claims to find."""
    shown = prepare.take_some([one for one in examples if results.is_in_scope(one)], _MOST_COMPARED)
    if len({one.source for one in shown}) < 2:
        return
    pixels = data.load(folder, shown, _SPLITS, bundle.load(bundle_folder).card.input)
    features = scoring.pool(scoring.open_engine(bundle_folder, scoring.SERVES), pixels.pixels)
    names, groups = [one.source for one in pixels.examples], [one.group for one in pixels.examples]
    yield from label_noise.check_alike(features, pixels.labels, names, groups)


def _check_scores(path: Path) -> Iterator[Check]:
    rows = [row for row in score_rows.read_scores(path) if not row.is_seen and row.family != "edit"]
    yield from label_noise.check_scores(
        np.array([row.fake_probability for row in rows]),
        np.array([LABELS.index(row.label) for row in rows], dtype=np.int64),
        [row.source for row in rows],
    )


def _weigh(members: Sequence[Example], mixture: Mixture | None) -> Floats:
    return prepare.weigh(members, mixture.emphasis if mixture else {})


def _write(done: Audit, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "audit.json").write_text(json.dumps(asdict(done), indent=2) + "\n", encoding="utf-8")
    rows = [
        f"| {check.part} | {check.name} | {check.shown} | {check.allowed} | {check.n:,} | {check.outcome} |"
        for check in done.checks
    ]
    head = ["| part | figure | value | allowed | images | |", "|---|---|---|---|---|---|"]
    (out / "audit.md").write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder in one of the layouts of training.layouts")
    parser.add_argument("--bundle", type=Path, help="audit this bundle's int8 engine too")
    parser.add_argument("--recipe", help="whose mixture is audited; the bundle's where none is named")
    parser.add_argument("--scores", type=Path, help="cross-fitted scores, to find wrong labels by them too")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        chosen = recipe.find(arguments.recipe) if arguments.recipe else None
        done = audit(arguments.data, arguments.bundle, chosen, arguments.out, scores=arguments.scores)
    except (ValueError, ModuleNotFoundError, OSError, BundleError) as error:
        sys.exit(f"audit: {error}")
    for check in done.checks:
        if check.has_failed:
            print(check)
    sys.exit(not done.passed)


if __name__ == "__main__":
    main()
