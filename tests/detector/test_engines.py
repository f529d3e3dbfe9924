import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from detector import Detector, bundle, engines
from detector.engines import Engine, LiteRTEngine
from detector.errors import EngineUnknown
from tests.detector.conftest import Sample
from training import fitting

ROOT = Path(__file__).resolve().parents[2]

_LEAVES_TENSORFLOW_OUT = """
import sys
from pathlib import Path
import numpy as np
import detector
from detector import bundle, engines
opened = bundle.load(Path(sys.argv[1]))
engine, size = engines.start(opened, sys.argv[2], threads=1, pool=1), opened.card.input.size
assert len(engine.run(np.zeros((3, size, size, 3), dtype=np.uint8)).logits) == 3
sys.exit(any(name.split(".")[0] in ("tensorflow", "keras") for name in sys.modules))
"""


def test_litert_float32_gives_the_logits_and_maps_of_keras(sample: Sample) -> None:
    opened = bundle.load(sample.folder)
    keras, litert = (engines.start(opened, name, threads=1, pool=1) for name in ("keras", "litert-float32"))

    expected, output = keras.run(sample.images.pixels), litert.run(sample.images.pixels)

    assert np.abs(output.logits - expected.logits).max() < 1e-3
    assert np.abs(output.maps - expected.maps).max() < 1e-3


def test_the_bundle_scores_as_the_model_that_was_trained(sample: Sample) -> None:
    trained = fitting.predict_logits(sample.model, sample.images.pixels)

    exported = start(sample, "keras").run(sample.images.pixels).logits

    # Kernels are stored with 11 bits, so a little less than float32 exactness is left.
    assert np.abs(exported - trained).max() < 0.1 * np.ptp(trained)
    assert np.corrcoef(exported, trained)[0, 1] > 0.99


@pytest.mark.parametrize("engine", ["litert-int8", "litert-float32", "keras"])
def test_the_score_of_an_image_does_not_depend_on_its_company(sample: Sample, engine: str) -> None:
    started = start(sample, engine)
    pixels = sample.images.pixels

    together = started.run(pixels).logits

    for first, end in ((0, 1), (3, 5), (2, 2 + started.best_batch), (0, 19)):
        assert started.run(pixels[first:end]).logits == pytest.approx(together[first:end], abs=1e-4)


@pytest.mark.parametrize("engine", ["litert-int8", "litert-float32"])
def test_what_it_gave_stays_when_it_runs_again(sample: Sample, engine: str) -> None:
    started = start(sample, engine)
    output = started.run(sample.images.pixels[:3])
    kept = [part.copy() for part in (output.logits, output.maps, output.pooled)]

    other = started.run(255 - sample.images.pixels[:3])

    assert all(np.array_equal(was, now) for was, now in zip(kept, vars(output).values(), strict=True))
    assert not np.array_equal(output.maps, other.maps)


@pytest.mark.parametrize("engine", ["litert-int8", "litert-float32"])
def test_eight_threads_get_the_answers_of_one(sample: Sample, engine: str) -> None:
    started = start(sample, engine, pool=3)
    pixels = sample.images.pixels
    alone = started.run(pixels).logits
    shares = [(first, first + 1 + first % 9) for first in range(11)] * 12

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda share: started.run(pixels[slice(*share)]).logits, shares))

    for (first, end), answer in zip(shares, answers, strict=True):
        assert answer == pytest.approx(alone[first:end], abs=1e-5)


@pytest.mark.parametrize("engine", ["litert-int8", "litert-float32"])
def test_serving_loads_neither_tensorflow_nor_keras(sample: Sample, engine: str) -> None:
    command = [sys.executable, "-c", _LEAVES_TENSORFLOW_OUT, str(sample.folder), engine]

    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def test_an_image_alone_takes_the_threads_of_all_and_gets_the_same_answer(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    allocate = LiteRTEngine._allocate

    def note(engine: LiteRTEngine, size: int, shape: tuple[int, ...], count: int) -> object:
        threads.append((size, count))
        return allocate(engine, size, shape, count)

    monkeypatch.setattr(LiteRTEngine, "_allocate", note)
    started = start(sample, "litert-float32", pool=3)

    alone, together = started.run(sample.images.pixels[:1]), started.run(sample.images.pixels[:2])

    assert threads == [(1, 3), (2, 1)]
    assert np.allclose(alone.logits, together.logits[:1], atol=1e-4)


def test_an_engine_that_is_not_on_the_card_is_refused(sample: Sample) -> None:
    with pytest.raises(EngineUnknown, match="abacus"):
        Detector.open(sample.folder, "abacus")


def start(sample: Sample, engine: str, *, pool: int = 1) -> Engine:
    return engines.start(bundle.load(sample.folder), engine, threads=1, pool=pool)
