from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from detector import bundle, engines

_SHIPPED = Path(__file__).resolve().parents[2] / "models" / "best"


def test_keras_on_jax_gives_the_logits_of_litert() -> None:
    opened = bundle.load(_SHIPPED)
    side = opened.card.input.size
    pixels = np.random.default_rng(4).integers(0, 256, size=(3, side, side, 3), dtype=np.uint8)

    expected, found = (
        engines.start(opened, name, threads=2, pool=1).run(pixels).logits for name in ("litert-float32", "keras")
    )

    assert np.abs(found - expected).max() < 1e-3


def test_it_compiles_for_few_numbers_of_images(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = bundle.load(_SHIPPED)
    side = opened.card.input.size
    shown: list[int] = []
    fill_up = engines._fill_up

    def watch(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        filled = fill_up(images)
        shown.append(len(filled))
        return filled

    monkeypatch.setattr(engines, "_fill_up", watch)
    engine = engines.start(opened, "keras", threads=2, pool=1)
    pixels = np.random.default_rng(4).integers(0, 256, size=(8, side, side, 3), dtype=np.uint8)
    together = engine.run(pixels).logits

    for n in (5, 6, 7):
        assert engine.run(pixels[:n]).logits == pytest.approx(together[:n], abs=1e-4)
    assert set(shown) == {8}
