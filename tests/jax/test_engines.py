from pathlib import Path

import numpy as np

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
