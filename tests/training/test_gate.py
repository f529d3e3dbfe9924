import numpy as np
import pytest

from detector.card import EngineCard
from detector.verdict import Calibration, Thresholds
from training import gate

CARD = EngineCard("file", "hash", Calibration(1.0, 0.0), Thresholds(0.5, 0.5))
LABELS = np.repeat([0, 1], 500)
LOGITS = np.random.default_rng(2).normal(4.0 * LABELS - 2, 1.5)


def test_an_engine_that_rounds_finely_passes() -> None:
    view = gate.compare(np.round(LOGITS, 2), LOGITS, LABELS, CARD, CARD)

    assert view.passed
    assert view.agreement.value >= 0.995


def test_an_engine_that_loses_order_fails() -> None:
    noisy = LOGITS + np.random.default_rng(3).normal(0, 1.5, 1000)

    view = gate.compare(noisy, LOGITS, LABELS, CARD, CARD)

    assert not view.passed
    assert view.auc_loss > 0.002


def test_each_engine_is_judged_by_its_own_calibration() -> None:
    shifted_card = EngineCard("file", "hash", Calibration(1.0, -3.0), Thresholds(0.5, 0.5))

    assert gate.compare(LOGITS + 3, LOGITS, LABELS, shifted_card, CARD).agreement.value == pytest.approx(1, abs=0.001)
    assert not gate.compare(LOGITS + 3, LOGITS, LABELS, CARD, CARD).passed


def test_other_results_fail_though_as_many_are_right() -> None:
    swapped = LOGITS.copy()
    # As many photographs come to the right side as fakes leave it.
    wrong_reals, right_fakes = np.flatnonzero((LABELS == 0) & (LOGITS > 0))[:6], np.flatnonzero(LABELS * LOGITS > 0)[:6]
    swapped[wrong_reals], swapped[right_fakes] = -0.01, -0.01

    view = gate.compare(swapped, LOGITS, LABELS, CARD, CARD)

    assert view.accuracy_loss == pytest.approx(0)
    assert view.agreement.value == pytest.approx(0.988)
    assert not view.passed
