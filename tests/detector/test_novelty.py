import numpy as np

from detector import novelty
from detector.novelty import Novelty


def test_the_distance_is_the_rms_of_the_whitened_components() -> None:
    known = Novelty(
        mean=np.array([1, 2, 3], dtype=np.float32),
        components=np.array([[1, 0, 0], [0, 0, 1]], dtype=np.float32),
        scales=np.array([2, 0.5], dtype=np.float32),
        limit=1.5,
    )

    distances = known.measure(np.array([[1, 99, 3], [5, 0, 3], [3, 0, 4]], dtype=np.float32))

    assert np.allclose(distances, [0, np.sqrt(2), np.sqrt((1 + 4) / 2)])


def test_it_survives_its_file() -> None:
    rng = np.random.default_rng(0)
    mean, scales = rng.normal(size=(2, 6)).astype(np.float32)
    known = Novelty(mean, rng.normal(size=(2, 6)).astype(np.float32), np.abs(scales[:2]), 1.25)
    features = rng.normal(size=(5, 6)).astype(np.float32)

    again = novelty.load(novelty.dump(known))

    assert again.limit == 1.25
    assert np.array_equal(again.measure(features), known.measure(features))
