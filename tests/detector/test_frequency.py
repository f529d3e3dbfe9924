import numpy as np
import pytest
from PIL import Image

from detector import evidence
from detector.evidence.frequency import BINS, Band


def draw_noise(side: int = 256) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, size=(side, side, 3), dtype=np.uint8)


def test_a_wave_is_a_peak_at_its_frequency() -> None:
    x = np.arange(256)
    wave = (127 + 60 * np.sin(2 * np.pi * 0.25 * x + 0.5)).astype(np.uint8)
    image = np.broadcast_to(wave[None, :, None], (256, 256, 3)).copy()

    profile = evidence.spectrum(image)

    assert profile.shape == (BINS,)
    assert profile.dtype == np.float32
    assert abs(int(np.argmax(profile)) - BINS // 2) <= 1


def test_an_enlargement_has_less_power_at_high_frequencies() -> None:
    noise = draw_noise(128)
    enlarged = np.asarray(Image.fromarray(noise).resize((256, 256), Image.Resampling.BICUBIC))

    sharp, soft = evidence.spectrum(draw_noise()), evidence.spectrum(enlarged)

    assert (sharp[90:] - soft[90:]).min() > 0.5
    assert sharp[-30:].mean() - soft[-30:].mean() > 1


def test_the_level_does_not_hang_on_the_size() -> None:
    large, small = evidence.spectrum(draw_noise(512)), evidence.spectrum(draw_noise(200))

    assert np.abs(large[20:] - small[20:]).mean() < 0.15


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (40, 300)])
def test_any_size_has_a_profile(shape: tuple[int, int]) -> None:
    assert np.isfinite(evidence.spectrum(np.full((*shape, 3), 90, dtype=np.uint8))).all()


def test_a_band_survives_its_file() -> None:
    low, middle, high = np.random.default_rng(0).normal(size=(3, BINS)).astype(np.float32)

    again = evidence.load_band(evidence.dump_band(Band(low, middle, high)))

    assert np.array_equal([again.low, again.middle, again.high], [low, middle, high])
