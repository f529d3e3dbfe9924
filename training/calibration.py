"""Validation scores become what a logit means: calibration, thresholds and the bounds they keep."""

from collections.abc import Sequence
from itertools import takewhile

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from detector.card import SCORE_BINS, Bands
from detector.verdict import Calibration, Thresholds, judge
from training import intervals
from training.intervals import Floats, Labels

FALSE_ALARM_LIMIT = 0.01
# On the validation images of `best` 5 % left 3.4 % of definite verdicts wrong for 58 % of images, 4 % 2.9 % for 56 %,
# 3 % 1.9 % for 53 %: a verdict that can be believed is worth more than one for every image.
MISS_LIMIT = 0.03


def fit(logits: Floats, labels: Labels, weights: Floats) -> Calibration:
    """Fit temperature and bias by least log loss of images that weigh `weights` (n,), within their class: both
    classes weigh the same (Guo et al., arXiv 1706.04599).

    With equal weights one half is the point where a real and a fake are equally likely, so the side of one half,
    which `/predict` answers, is the best balanced accuracy that a calibrated score can give: no second bias is
    fitted for it, which would spoil the probabilities.
    """
    weights = np.where(labels == 1, weights / weights[labels == 1].sum(), weights / weights[labels == 0].sum()) / 2

    def loss_and_slope(parameters: Floats) -> tuple[float, Floats]:
        scale, bias = parameters
        z = scale * logits + bias
        residual = weights * (expit(z) - labels)
        loss = np.sum(weights * (np.logaddexp(0, z) - labels * z))
        return float(loss), np.array([np.sum(residual * logits), np.sum(residual)])

    # The lower bound keeps the order of scores; the upper one ends the fit where classes separate cleanly.
    found = minimize(loss_and_slope, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.05, 20), (-20, 20)])
    scale, bias = found.x
    return Calibration(temperature=intervals.tidy(1 / scale), bias=intervals.tidy(bias))


def find_probabilities(logits: Floats, calibration: Calibration) -> Floats:
    """What serving gives, to the last bit: a threshold may lie right beside one of them."""
    undecided = Thresholds(real_below=0.0, fake_from=1.0)
    return np.array([judge(float(logit), calibration, undecided).fake_probability for logit in logits])


def choose_thresholds(views: Sequence[Floats], labels: Labels) -> tuple[Thresholds, Bands]:
    """The widest definite bands whose error is bounded: 1 % false alarms, 3 % misses, never past one half.

    Each view holds the fake probabilities (n,) of the same images in another state, as they are or degraded, and the
    bounds hold in each. They are Clopper and Pearson's, since thresholds at the bare quantile break their limit in
    half of all trials (arXiv 2606.15153); views are not pooled, since copies of an image are no further evidence.
    Where too few images are there for a bound, none of them may go wrong.
    """
    is_real, is_fake = labels == 0, labels == 1
    reals, fakes = int(np.sum(is_real)), int(np.sum(is_fake))
    alarms, misses = count_allowed(reals, FALSE_ALARM_LIMIT), count_allowed(fakes, MISS_LIMIT)
    # The first one past the allowed, from the outside, must lie in the undecided band.
    highest_real = max(float(np.sort(view[is_real])[-1 - alarms]) for view in views)
    lowest_fake = min(float(np.sort(view[is_fake])[misses]) for view in views)
    fake_from, real_below = max(0.5, float(np.nextafter(highest_real, 2))), min(0.5, lowest_fake)
    most_alarms = max(int(np.sum(view[is_real] >= fake_from)) for view in views)
    most_misses = max(int(np.sum(view[is_fake] < real_below)) for view in views)
    bands = Bands(
        false_alarm_limit=FALSE_ALARM_LIMIT,
        miss_limit=MISS_LIMIT,
        reals=reals,
        fakes=fakes,
        false_alarm_bound=intervals.tidy(intervals.bound_share(most_alarms, reals)),
        miss_bound=intervals.tidy(intervals.bound_share(most_misses, fakes)),
    )
    return Thresholds(real_below=real_below, fake_from=fake_from), bands


def find_shares(probabilities: Floats) -> tuple[float, ...]:
    """Shares of fake probabilities (n,) in SCORE_BINS equal bins from 0 to 1, which add up to 1; 1 is in the last."""
    counts, _ = np.histogram(probabilities, bins=SCORE_BINS, range=(0.0, 1.0))
    return tuple(intervals.tidy(count / len(probabilities)) for count in counts)


def count_allowed(n: int, limit: float) -> int:
    """The most errors in n whose bound keeps the limit; 0 where even none does not."""
    return sum(1 for _ in takewhile(lambda errors: intervals.bound_share(errors, n) <= limit, range(1, n)))
