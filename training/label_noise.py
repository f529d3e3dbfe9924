"""Find source classes with wrong labels: photographs that are fakes, and fakes that are photographs.

Two checks, since neither sees all:

- Cross-fitted scores: a class that a model trained without its source mostly calls the other class. It needs a model
  that knows such fakes, and only photographs block, since fakes of a kind that the rest does not know score as real.
- A two-sample test: a class that a classifier cannot tell from a class of the other label in another source, on the
  features of a network that need not know either. Collections of different origin are easily told apart: on 100 images
  a class of 22 sources and the features of models/best the least AUC was 0.965, while 50 fakes of openforensics put
  in as a source of photographs had 0.518 against the others, though that network calls most of them real. With half
  of a class wrong it would be about 0.75. A linear classifier that left out one source at a time told nothing: it
  called 30 % of those 50 fakes fake, but 67-86 % of the photographs of three sources.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from training import intervals, probes, sources
from training.intervals import Floats, Labels
from training.shortcuts import ALL, Check

_WORDS = ("photographs", "fakes")
_MOST_WRONG = 0.5
_LEAST_AUC = 0.80


def check_scores(scores: Floats, labels: Labels, names: Sequence[str]) -> Iterator[Check]:
    """The share of each source's class on the other class's side of one half, by models trained without the source.

    Scores are fake probabilities (n,), labels (n,) with 1 for fake, `names` the sources. A class fails where even the
    lower end of the share's interval is above one half.
    """
    found = np.array(names)
    for name in sorted(set(names)):
        for label in (0, 1):
            chosen = (found == name) & (labels == label)
            if chosen.any():
                wrong = intervals.share(int(np.sum((scores[chosen] >= 0.5) != label)), int(np.sum(chosen)))
                title = f"{_WORDS[label]} called {_WORDS[1 - label]} by models trained without it, lower end"
                yield Check(name, title, wrong.low, None, _MOST_WRONG, wrong.n, blocks=label == 0)


def check_alike(
    features: NDArray[np.float32], labels: Labels, names: Sequence[str], groups: Sequence[str]
) -> Iterator[Check]:
    """For each source's class the class of the other label that is hardest to tell from it, among unrelated sources.

    Features (n, channels) of any network; labels (n,) with 1 for fake. A pair is named once.
    """
    found = np.array(names)
    places = {
        (name, label): np.flatnonzero((found == name) & (labels == label))
        for name in sorted(set(names))
        for label in (0, 1)
    }
    aucs: dict[tuple[str, str], float] = {}
    for (real, label), photographs in places.items():
        for (fake, other), fakes in places.items():
            is_pair = label == 0 and other == 1 and sources.name_space(real) != sources.name_space(fake)
            if is_pair and min(len(photographs), len(fakes)) >= probes.FOLDS:
                both = np.concatenate([photographs, fakes])
                aucs[real, fake] = probes.tell_apart(
                    features[both].astype(np.float64), labels[both], [groups[place] for place in both]
                )
    nearest = {
        min((pair for pair in aucs if pair[place] == name), key=aucs.__getitem__)
        for place in (0, 1)
        for name in {pair[place] for pair in aucs}
    }
    for real, fake in sorted(nearest, key=aucs.__getitem__):
        n = len(places[real, 0]) + len(places[fake, 1])
        title = f"AUC of photographs of {real} against fakes of {fake}"
        yield Check(ALL, title, aucs[real, fake], _LEAST_AUC, 1.0, n)
