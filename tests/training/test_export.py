import io
from pathlib import Path

import numpy as np
import pytest

from detector import bundle, novelty
from detector.bundle import Bundle
from training import calibration, data, prepare, quantise, robustness, scoring
from training.data import Dataset
from training.recipe import Split


@pytest.fixture(scope="module")
def opened(smoke_run: Path) -> Bundle:
    return bundle.load(smoke_run / "bundle")


def load(textures: Path, opened: Bundle, split: Split) -> Dataset:
    return data.load(textures, prepare.list_examples(textures), (split,), opened.card.input)


def test_each_engine_says_on_how_many_images_its_bounds_were_reached(textures: Path, opened: Bundle) -> None:
    validation = load(textures, opened, "validation")

    for engine in opened.card.engines.values():
        assert engine.bands is not None
        assert (engine.bands.false_alarm_limit, engine.bands.miss_limit) == (0.01, 0.03)
        assert engine.bands.reals + engine.bands.fakes == len(validation)
        # So few images bound nothing at 1 %, and the card does not pretend it.
        assert engine.bands.false_alarm_bound > 0.2


def test_each_engine_says_how_its_scores_of_the_validation_images_lie(textures: Path, opened: Bundle) -> None:
    validation = load(textures, opened, "validation")

    for name, entry in opened.card.engines.items():
        logits = scoring.score(scoring.open_engine(opened.folder, name), validation.pixels)
        probabilities = calibration.find_probabilities(logits, entry.calibration)
        counts = [np.sum(np.minimum(np.floor(probabilities * 10), 9) == place) for place in range(10)]
        assert entry.score_shares == pytest.approx([count / len(validation) for count in counts], abs=1e-6)


def test_familiar_images_are_seldom_over_the_limit_of_novelty(textures: Path, opened: Bundle) -> None:
    assert opened.card.novelty is not None
    yardstick = novelty.load(opened.verify(opened.card.novelty))
    validation = load(textures, opened, "validation")
    engine = scoring.open_engine(opened.folder, scoring.SERVES)

    distances = yardstick.measure(scoring.pool(engine, validation.pixels))

    assert np.mean(distances > yardstick.limit) <= 0.1


def test_the_spectrum_is_a_band_of_photographs(opened: Bundle) -> None:
    assert opened.card.spectrum is not None
    with np.load(io.BytesIO(opened.verify(opened.card.spectrum))) as arrays:
        low, middle, high = (arrays[name] for name in ("low", "middle", "high"))

    assert low.shape == middle.shape == high.shape == (128,)
    assert np.all(low <= middle)
    assert np.all(middle <= high)


def test_error_rates_cover_every_quality(textures: Path, opened: Bundle) -> None:
    validation = load(textures, opened, "validation")

    for quality in range(101):
        rate = opened.card.error_rate_for(quality)
        assert rate is not None
        assert rate.reals + rate.fakes == len(validation)
    names = {rate.name for quality in (95, 80, 30) if (rate := opened.card.error_rate_for(quality))}
    assert names == {"JPEG quality 90 to 100", "JPEG quality 70 to 89", "JPEG quality 0 to 39"}


def test_int8_is_shown_both_classes_clean_and_degraded(textures: Path, opened: Bundle) -> None:
    train = load(textures, opened, "train")

    shown = quantise.pick_representatives(train, opened.card.input)

    originals = {image.tobytes() for image in train.pixels}
    is_clean = np.array([image.tobytes() in originals for image in shown])
    assert 0.4 < is_clean.mean() < 0.6
    degraded = robustness.degrade(robustness.MIX, train, opened.card.input)
    labels = {
        image.tobytes(): label
        for images in (train.pixels, degraded)
        for image, label in zip(images, train.labels, strict=True)
    }
    found = [labels[image.tobytes()] for image in shown]
    assert np.mean(found) == pytest.approx(0.5, abs=0.1)
