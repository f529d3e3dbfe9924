"""Measure a detector on families and sources that it never trained on, from cross-fitted scores; choose thresholds.

python -m training.unseen --scores models/results/unseen_scores.csv [--recipe best] [--out models/results/unseen.json]

Cross-fitting trains a model for each fold without some families of fakes and some sources, and scores what it left
out. The scores file has one line for each image and fold, with the columns sha256, source, label, family, split, fold,
fake_probability and, where a fold also scored what it did train on, `seen` (1 for such lines). Thresholds are chosen
on the validation split and measured on the test split.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from detector.verdict import Thresholds
from training import calibration, intervals, sources, tables
from training.intervals import Figure, Floats
from training.score_rows import ScoreRow, count_once, read_scores

FALSE_ALARM_LIMIT = 0.01
MISS_LIMIT = 0.05
_LEAST_COVERAGE = 0.01  # a side whose bound leaves fewer verdicts than this has its threshold from the quantile

Rule = Literal["bound", "quantile"]


@dataclass(frozen=True)
class UnseenBands:
    """Thresholds chosen on what was never trained on, and how: limits, images and the bounds reached.

    A bound is the upper end of the one-sided 95 % Clopper-Pearson interval on the validation images, for misses that of
    the family which reaches highest. The rule is `quantile` where no threshold keeps the bound and leaves verdicts:
    then the limit holds for the shares found and not for their bounds.
    """

    thresholds: Thresholds
    false_alarm_limit: float
    miss_limit: float
    photographs: int
    fakes: dict[str, int]
    false_alarm_rule: Rule
    miss_rule: Rule
    false_alarm_bound: float
    miss_bound: float


@dataclass(frozen=True)
class UnseenPart:
    """The figures of a family, a source or all: None where a class is missing.

    AUCs are of its fakes, or of its photographs where it has no fakes, against the other class of the same fold:
    `auc` against what that fold never trained on, `auc_all` against all that it scored, `own_auc` against photographs
    of the same sources, which it may have trained on.
    """

    fakes: int
    photographs: int
    auc: Figure | None
    auc_all: Figure | None
    own_auc: Figure | None
    fakes_called_real: Figure | None
    fakes_called_fake: Figure | None
    photographs_called_real: Figure | None
    photographs_called_fake: Figure | None


@dataclass(frozen=True)
class Unseen:
    """What unseen.json holds: the test split by the thresholds of `bands`; `recipe` is what each fold trained by.

    `known` are the images of sources and families that their fold did train on: what the thresholds cost there.
    """

    recipe: str
    bands: UnseenBands
    mean_auc: Figure | None
    worst_auc: Figure | None
    worst_family: str
    everything: UnseenPart
    known: UnseenPart | None
    families: dict[str, UnseenPart]
    sources: dict[str, UnseenPart]


def choose_unseen_thresholds(rows: Sequence[ScoreRow]) -> UnseenBands:
    """The widest definite bands whose error is bounded on what was never trained on, of the validation split.

    `real` is said where at most 5 % of the fakes of each family left out score so low, `fake` where at most 1 % of the
    photographs of sources left out score so high; neither goes past one half. Raises ValueError where a class is
    missing.
    """
    chosen = [row for row in rows if row.split == "validation"]
    unseen = [row for row in chosen if not row.is_seen]
    photographs = _sort(count_once([row for row in unseen if row.label == "real"]))
    fakes = {name: _sort(members) for name, members in _group_families(chosen).items()}
    if not len(photographs) or not fakes:
        raise ValueError("Thresholds need photographs and fakes of the validation split that no fold trained on.")
    miss_rule: Rule = "bound"
    real_below = _choose_real_below(fakes, "bound")
    if np.mean(photographs < real_below) < _LEAST_COVERAGE:
        miss_rule, real_below = "quantile", _choose_real_below(fakes, "quantile")
    alarm_rule: Rule = "bound"
    fake_from = _choose_fake_from(photographs, "bound")
    if np.mean(np.concatenate(list(fakes.values())) >= fake_from) < _LEAST_COVERAGE:
        alarm_rule, fake_from = "quantile", _choose_fake_from(photographs, "quantile")
    return UnseenBands(
        thresholds=Thresholds(real_below=real_below, fake_from=fake_from),
        false_alarm_limit=FALSE_ALARM_LIMIT,
        miss_limit=MISS_LIMIT,
        photographs=len(photographs),
        fakes={name: len(scores) for name, scores in fakes.items()},
        false_alarm_rule=alarm_rule,
        miss_rule=miss_rule,
        false_alarm_bound=_bound(int(np.sum(photographs >= fake_from)), len(photographs)),
        miss_bound=max(_bound(int(np.sum(scores < real_below)), len(scores)) for scores in fakes.values()),
    )


def measure_unseen(rows: Sequence[ScoreRow], bands: UnseenBands, recipe: str) -> Unseen:
    """Measure the test split by these thresholds; raises ValueError where it has no row that no fold trained on."""
    tested = [row for row in rows if row.split == "test" and row.family != "edit"]
    unseen, known = [row for row in tested if not row.is_seen], [row for row in tested if row.is_seen]
    if not unseen:
        raise ValueError("The test split has no image that its fold did not train on.")
    families = {name: _measure_part(members, tested, bands) for name, members in _group_families(tested).items()}
    by_source: defaultdict[str, list[ScoreRow]] = defaultdict(list)
    for row in unseen:
        by_source[row.source].append(row)
    aucs = {name: part.auc for name, part in families.items() if part.auc}
    worst = min(aucs, key=lambda name: aucs[name].value, default="")
    return Unseen(
        recipe=recipe,
        bands=bands,
        mean_auc=_average({name: (auc, 1) for name, auc in aucs.items()}),
        worst_auc=aucs.get(worst),
        worst_family=worst,
        everything=_measure_part(unseen, tested, bands),
        known=_measure_part(known, tested, bands) if known else None,
        families=families,
        sources={name: _measure_part(members, tested, bands) for name, members in sorted(by_source.items())},
    )


def read_unseen(results: Path) -> dict[str, Any] | None:
    """The unseen.json among published results, None where there is none."""
    path = results / "unseen.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _group_families(rows: Sequence[ScoreRow]) -> dict[str, list[ScoreRow]]:
    """The fakes of each family in the folds that trained on no fake of it, and on none of its sources."""
    fakes = [row for row in rows if row.family in sources.FAMILIES]
    having: defaultdict[str, set[str]] = defaultdict(set)
    left_out: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in fakes:
        having[row.family].add(row.source)
        if not row.is_seen:
            left_out[row.family, row.fold].add(row.source)
    return {
        name: members
        for name in sources.FAMILIES
        if (
            members := [
                row
                for row in fakes
                if row.family == name and not row.is_seen and left_out[name, row.fold] == having[name]
            ]
        )
    }


def _choose_real_below(fakes: Mapping[str, Floats], rule: Rule) -> float:
    """Under it lie as many fakes of each family, sorted scores (n,), as the rule allows."""
    return min(0.5, *(float(scores[_count_allowed(len(scores), MISS_LIMIT, rule)]) for scores in fakes.values()))


def _choose_fake_from(photographs: Floats, rule: Rule) -> float:
    allowed = _count_allowed(len(photographs), FALSE_ALARM_LIMIT, rule)
    return max(0.5, float(np.nextafter(photographs[-1 - allowed], 2)))


def _count_allowed(n: int, limit: float, rule: Rule) -> int:
    return calibration.count_allowed(n, limit) if rule == "bound" else int(limit * n)


def _bound(hits: int, n: int) -> float:
    return intervals.tidy(intervals.bound_share(hits, n))


def _sort(rows: Iterable[ScoreRow]) -> Floats:
    return np.sort(np.array([row.fake_probability for row in rows], dtype=np.float64))


def _measure_part(part: Sequence[ScoreRow], tested: Sequence[ScoreRow], bands: UnseenBands) -> UnseenPart:
    fakes = [row for row in part if row.label == "fake"]
    photographs = count_once([row for row in part if row.label == "real"])
    names = {row.source for row in fakes}
    mine, others = (fakes, "real") if fakes else (photographs, "fake")
    against = [row for row in tested if row.label == others]
    return UnseenPart(
        fakes=len(fakes),
        photographs=len(photographs),
        auc=_measure_auc(mine, [row for row in against if not row.is_seen]),
        auc_all=_measure_auc(mine, against),
        own_auc=_measure_auc(fakes, [row for row in tested if row.label == "real" and row.source in names]),
        fakes_called_real=_share_below(fakes, bands.thresholds.real_below),
        fakes_called_fake=_share_from(fakes, bands.thresholds.fake_from),
        photographs_called_real=_share_below(photographs, bands.thresholds.real_below),
        photographs_called_fake=_share_from(photographs, bands.thresholds.fake_from),
    )


def _measure_auc(ones: Sequence[ScoreRow], others: Sequence[ScoreRow]) -> Figure | None:
    """The AUC of one class against the other within each fold, since the scores of two models cannot be compared;
    over folds the mean, weighed by images."""
    by_fold: defaultdict[str, tuple[list[ScoreRow], list[ScoreRow]]] = defaultdict(lambda: ([], []))
    for place, rows in enumerate((ones, others)):
        for row in rows:
            by_fold[row.fold][place].append(row)
    measured = {}
    for fold, (mine, theirs) in by_fold.items():
        if mine and theirs:
            rows = [*mine, *theirs]
            scores = np.array([row.fake_probability for row in rows])
            labels = np.array([row.label == "fake" for row in rows]).astype(np.int64)
            measured[fold] = intervals.measure_auc(scores, labels), len(mine)
    return _average(measured)


def _average(figures: Mapping[str, tuple[Figure, int]]) -> Figure | None:
    """The weighted mean of independent figures, with MOVER's interval (as `intervals.average` for two)."""
    if not figures:
        return None
    weights = np.array([weight for _, weight in figures.values()], dtype=np.float64)
    weights /= weights.sum()
    ends = np.array([(figure.value, figure.low, figure.high) for figure, _ in figures.values()])
    value = float(weights @ ends[:, 0])
    below, above = (float(np.linalg.norm(weights * (ends[:, 0] - ends[:, place]))) for place in (1, 2))
    n = sum(figure.n for figure, _ in figures.values())
    return Figure(
        intervals.tidy(value), intervals.tidy(max(0.0, value - below)), intervals.tidy(min(1.0, value + above)), n
    )


def _share_below(rows: Sequence[ScoreRow], real_below: float) -> Figure | None:
    return intervals.share(sum(row.fake_probability < real_below for row in rows), len(rows)) if rows else None


def _share_from(rows: Sequence[ScoreRow], fake_from: float) -> Figure | None:
    return intervals.share(sum(row.fake_probability >= fake_from for row in rows), len(rows)) if rows else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", type=Path, required=True, help="the file that cross-fitting writes")
    parser.add_argument("--recipe", default="best", help="what each fold trained by")
    parser.add_argument("--out", type=Path, default=Path("models/results/unseen.json"))
    arguments = parser.parse_args()
    try:
        rows = read_scores(arguments.scores)
        measured = measure_unseen(rows, choose_unseen_thresholds(rows), arguments.recipe)
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(asdict(measured), indent=2) + "\n", encoding="utf-8")
    except (ValueError, OSError) as error:
        sys.exit(f"unseen: {error}")
    print(tables.tell_unseen(asdict(measured)))


if __name__ == "__main__":
    main()
