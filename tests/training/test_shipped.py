"""The bundle in models/, held against the figures published beside it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from detector import bundle, engines, verdict
from detector.verdict import Judgement
from training import data, prepare, report
from training.data import Dataset

MODELS = Path(report.__file__).resolve().parent.parent / "models"
FOLDER = MODELS / "best"
PUBLISHED = {result["recipe"]: result for result in report.read_results(MODELS)}
# On the images of the paper's kind, which `paper` was tested on too.
ALIKE = PUBLISHED["best"]["sources"]["ffhq-stylegan"]


@pytest.fixture(scope="module")
def faces(shared_data: Path) -> Dataset:
    folder = shared_data / "faces" / "ffhq-stylegan"
    return data.load(folder, prepare.list_examples(folder), ("test",), bundle.load(FOLDER).card.input)


def test_it_is_better_than_the_papers_by_15_points_and_int8_keeps_up() -> None:
    shipped, paper = PUBLISHED["best"]["engines"], PUBLISHED["paper"]["engines"]

    assert ALIKE["accuracy"]["value"] >= paper["litert-float32"]["accuracy"]["value"] + 0.15
    gap = shipped["litert-int8"]["accuracy"]["value"] - shipped["litert-float32"]["accuracy"]["value"]
    assert abs(gap) <= 0.005


@pytest.mark.xfail(reason="not yet: see models/results; take this mark away when a bundle gets there", strict=True)
def test_it_reaches_93_percent_and_an_auc_of_098() -> None:
    assert ALIKE["accuracy"]["value"] >= 0.93
    assert ALIKE["auc"]["value"] >= 0.98


@pytest.mark.parametrize("name", ["best", "student"])
def test_its_files_are_whole_and_stay_under_25_mb(name: str) -> None:
    opened = bundle.load(MODELS / name)

    for entry in (opened.card.head, *opened.card.engines.values()):
        assert opened.verify(entry)
    assert sum(path.stat().st_size for path in opened.folder.iterdir()) < 25_000_000


def test_the_student_is_smaller_than_its_teacher_for_a_point_of_auc() -> None:
    sizes = [(MODELS / name / "litert-int8.tflite").stat().st_size for name in ("student", "best")]
    aucs = [PUBLISHED[name]["engines"]["litert-int8"]["auc"]["value"] for name in ("student", "best")]

    assert sizes[0] < 0.8 * sizes[1]
    assert aucs[0] > aucs[1] - 0.015


def test_it_still_answers_the_test_images_as_published(faces: Dataset) -> None:
    judgements, _ = judge("litert-int8", faces.pixels)

    results = np.array([judgement.result == "FAKE" for judgement in judgements])
    # Another processor may round one image on the edge the other way.
    assert np.mean(results == faces.labels) == pytest.approx(ALIKE["accuracy"]["value"], abs=0.005)


def test_int8_follows_float32_in_probability_and_in_its_maps(faces: Dataset) -> None:
    (int8, int8_maps), (float32, float32_maps) = (
        judge(engine, faces.pixels[:128]) for engine in ("litert-int8", "litert-float32")
    )

    apart = [abs(a.fake_probability - b.fake_probability) for a, b in zip(int8, float32, strict=True)]
    alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(int8_maps, float32_maps, strict=True)]
    assert np.median(apart) < 0.03
    assert np.mean(apart) < 0.06
    assert np.median(alike) > 0.9


def judge(engine: str, pixels: NDArray[np.uint8]) -> tuple[list[Judgement], NDArray[np.float32]]:
    """The judgement and the map of each."""
    opened = bundle.load(FOLDER)
    card, output = opened.card.engines[engine], engines.start(opened, engine, threads=2, pool=1).run(pixels)
    return [verdict.judge(logit, card.calibration, card.thresholds) for logit in output.logits.tolist()], output.maps
