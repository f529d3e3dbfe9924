import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector.card import EngineCard
from detector.explain import Output
from detector.verdict import Calibration, Thresholds
from training import audit, prepare, probes, shortcuts
from training.data import Dataset
from training.prepare import Example
from training.recipe import Mixture, Recipe
from training.shortcuts import Check

RNG = np.random.default_rng(11)
LABELS = np.tile([0, 1], 200)
EVEN = np.full(400, 1 / 400)
ALONE = [str(number) for number in range(400)]


def example(label: str, source: str, number: int = 0, **facts: object) -> Example:
    name = f"{source}/{label}/{number}"
    return replace(
        Example(name, f"{hash(name) % 2**64:016x}", label, source, "", name, "test", 64, 64, "PNG", 0, name),
        **facts,  # type: ignore[arg-type]
    )


def make_dataset(pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> Dataset:
    names = ("real", "fake")
    return Dataset([example(names[label], "one", number) for number, label in enumerate(labels)], pixels, labels)


def make_folder(folder: Path, images: dict[str, list[NDArray[np.uint8]]]) -> Path:
    for label, pixels in images.items():
        (folder / label).mkdir(parents=True)
        for number, image in enumerate(pixels):
            Image.fromarray(image).save(folder / label / f"{number}.png")
    return folder


class BrightnessReader:
    """An engine that finds fakes to be bright."""

    name, best_batch = "brightness", 8

    def run(self, batch: NDArray[np.uint8]) -> Output:
        logits = batch.mean(axis=(1, 2, 3), dtype=np.float32) - 128
        return Output(logits, np.zeros((len(batch), 1, 1), np.float32), logits[:, None])


class BlockReader:
    """An engine that finds fakes by the edges of JPEG's blocks."""

    name, best_batch = "blocks", 8

    def run(self, batch: NDArray[np.uint8]) -> Output:
        steps = np.abs(np.diff(batch.astype(np.float32).mean(axis=3), axis=2)).mean(axis=1)
        on_edge = np.arange(1, batch.shape[2]) % 8 == 0
        logits = steps[:, on_edge].mean(axis=1) - steps[:, ~on_edge].mean(axis=1)
        return Output(logits, np.zeros((len(batch), 1, 1), np.float32), logits[:, None])


@pytest.fixture(scope="module")
def card() -> EngineCard:
    return EngineCard("f", "0", Calibration(temperature=1.0, bias=0.0), Thresholds(0.5, 0.5))


def test_a_probe_of_noise_finds_nothing() -> None:
    found = probes.probe(RNG.normal(size=(400, 20)), LABELS, ALONE, EVEN)

    assert found.auc == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize(
    "shortcut",
    [LABELS + RNG.normal(size=400), RNG.normal(size=400) * (1 + 3 * LABELS)],
    ids=["a shift, for the line", "a spread, for the trees"],
)
def test_a_probe_finds_what_either_classifier_can_find(shortcut: NDArray[np.float64]) -> None:
    features = np.column_stack([shortcut, RNG.normal(size=(400, 3))])

    found = probes.probe(features, LABELS, ALONE, EVEN)

    assert found.auc > 0.7
    assert np.mean((found.probabilities > 0.5) == LABELS) > 0.62


def test_a_probe_cannot_learn_a_group_by_heart() -> None:
    videos = np.arange(400) // 20
    labels = np.random.default_rng(3).permutation(np.tile([0, 1], 10))[videos]
    features = np.random.default_rng(5).normal(size=(20, 10))[videos]

    together = probes.probe(features, labels, [str(video) for video in videos], EVEN)
    torn = probes.probe(features, labels, ALONE, EVEN)

    assert torn.auc > 0.99
    assert together.auc < 0.75


def test_shuffled_labels_are_at_chance_even_where_the_true_ones_are_plain() -> None:
    features = np.column_stack([LABELS, RNG.normal(size=(400, 30))])

    assert probes.shuffle_labels(features, LABELS, ALONE, shuffles=50) == pytest.approx(0.5, abs=0.02)


def test_the_thumbnail_and_the_border_see_what_they_say() -> None:
    pixels = np.full((1, 64, 64, 3), 10, np.uint8)
    pixels[0, 0] = 200

    assert probes.shrink(pixels).shape == (1, 768)
    borders = probes.cut_borders(pixels)
    assert borders[0, :12].tolist() == [50.0] * 12
    assert borders[0, 12:24].tolist() == [2.0] * 12
    pixels[0, 1:-1, 1:-1] = 77
    assert np.array_equal(probes.cut_borders(pixels), borders)


def test_parts_are_the_sources_with_both_classes_and_the_others_together() -> None:
    examples = [example(label, "both") for label in ("real", "fake")]
    lone = [example("real", "photos"), example("fake", "generator")]

    assert audit.divide(examples + lone) == {"both": examples, audit.ONE_CLASS: lone}
    assert audit.divide([*examples, lone[0]]) == {"both": examples}


def test_weights_are_those_of_training() -> None:
    examples = [example("real", "large", n) for n in range(9)] + [example("real", "small", n) for n in range(4)]
    examples.append(example("fake", "other"))

    weights = prepare.weigh(examples, {"small": 3.0})

    assert weights[:9].sum() == pytest.approx(3 / 9)
    assert weights[9:13].sum() == pytest.approx(6 / 9)
    assert weights[13] == 1


def test_whatever_stands_on_two_sides_of_a_split_is_counted() -> None:
    clean = [example("real", "a", 1), example("fake", "a", 2)]
    copy = replace(clean[0], split="train", group="another")
    torn = replace(clean[1], split="train", sha256="other", phash="0" * 16)

    assert [check.figure for check in shortcuts.check_splits(clean)] == [0, 0, 0]
    checks = list(shortcuts.check_splits([*clean, copy, torn]))
    assert [check.figure for check in checks] == [1, 1, 1]
    assert all(check.has_failed for check in checks)


def test_scores_that_follow_the_codec_fail_and_others_do_not(card: EngineCard) -> None:
    ramp = np.linspace(0, 60, 64)[None, :, None] + np.linspace(0, 60, 64)[:, None, None]
    shades = 50 + 60 * LABELS[:60] + RNG.integers(0, 30, size=60)
    noise = RNG.normal(0, 4, size=(60, 64, 64, 3))
    tested = make_dataset(np.clip(ramp + shades[:, None, None, None] + noise, 0, 255).astype(np.uint8), LABELS[:60])
    weights = np.full(60, 1 / 60)

    def find_failed(engine: BrightnessReader | BlockReader) -> int:
        logits = engine.run(tested.pixels).logits.astype(np.float64)
        return sum(check.has_failed for check in shortcuts.check_codecs("p", engine, card, tested, logits, weights))

    assert find_failed(BrightnessReader()) == 0
    assert find_failed(BlockReader()) >= 2


def test_a_bundle_that_lives_on_the_probes_shortcut_loses_its_auc_among_images_alike() -> None:
    n = 4000
    labels = np.tile([0, 1], n // 2)
    rng = np.random.default_rng(8)
    shortcut, trace = (rng.normal(size=n) + labels for _ in range(2))
    probabilities = 1 / (1 + np.exp(-(shortcut - 0.5)))
    tested = Dataset([example("real", "a")] * n, np.zeros((n, 1, 1, 3), np.uint8), labels)
    found = Check("p", "AUC of the thumbnail", 0.76, None, 0.6, n)

    def lose(logits: NDArray[np.float64]) -> float:
        return shortcuts.check_dependence(found, probabilities, tested, logits, np.full(n, 1 / n)).figure

    assert lose(shortcut) > 0.2
    assert abs(lose(trace)) < 0.02


def test_what_is_only_reported_never_fails() -> None:
    over = Check("p", "n", 0.9, None, 0.6, 10, blocks=False)

    assert not over.has_failed
    assert replace(over, blocks=True).has_failed
    assert Check("p", "n", 0.47, 0.48, 0.52, 10).has_failed


def test_a_folder_with_a_shortcut_is_refused_with_a_sentence_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = RNG.integers(0, 256, size=(80, 64, 64, 3), dtype=np.uint8)
    coarse = [image[:8, :8].repeat(8, axis=0).repeat(8, axis=1) for image in noise[40:]]
    folder = make_folder(tmp_path / "faces", {"real": list(noise[:40]), "fake": coarse})
    monkeypatch.setattr(sys, "argv", ["audit", "--data", str(folder), "--out", str(tmp_path / "out")])

    with pytest.raises(SystemExit) as ended:
        audit.main()

    assert ended.value.code == 1
    assert "faces: AUC of the file facts is 1 on 80 images; allowed is at most 0.55." in capsys.readouterr().out
    written = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert not written["passed"]
    assert "FAILED" in (tmp_path / "out" / "audit.md").read_text()


def test_a_folder_without_a_shortcut_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(6).integers(0, 256, size=(1000, 8, 8, 3), dtype=np.uint8)
    folder = make_folder(tmp_path / "faces", {"real": list(noise[::2]), "fake": list(noise[1::2])})
    monkeypatch.setattr(sys, "argv", ["audit", "--data", str(folder), "--out", str(tmp_path / "out")])

    with pytest.raises(SystemExit) as ended:
        audit.main()

    assert ended.value.code == 0
    assert json.loads((tmp_path / "out" / "audit.json").read_text())["passed"]


def test_a_source_too_small_to_be_audited_is_refused_by_its_name(tmp_path: Path) -> None:
    for source, count in (("large", 20), ("small", 4)):
        noise = RNG.integers(0, 256, size=(2, count, 8, 8, 3), dtype=np.uint8)
        make_folder(tmp_path / "faces" / source, {"real": list(noise[0]), "fake": list(noise[1])})

    with pytest.raises(ValueError, match="small has real images of 4 groups; the audit needs 5 of each class"):
        audit.audit(tmp_path / "faces", None, None, tmp_path / "out")


def test_a_source_without_a_class_to_be_tested_on_is_refused_by_its_name(
    textures: Path, smoke_run: Path, small_recipe: Recipe, tmp_path: Path
) -> None:
    shutil.copytree(textures, tmp_path / "faces")
    for one in prepare.list_examples(textures):
        if (one.split, one.label) == ("test", "fake"):
            (tmp_path / "faces" / one.path).unlink()

    with pytest.raises(ValueError, match="faces: The test split holds no fake image"):
        audit.audit(tmp_path / "faces", smoke_run / "bundle", small_recipe, tmp_path / "out")


def test_a_bundle_is_audited_on_every_part_and_sources_of_one_class_do_not_block_by_their_pixels(
    textures: Path, smoke_run: Path, small_recipe: Recipe, tmp_path: Path
) -> None:
    for source, label in (("photos", "real"), ("generator", "fake"), ("unwanted", "fake")):
        images = RNG.integers(0, 256, size=(40, 64, 64, 3), dtype=np.uint8)
        make_folder(tmp_path / "faces" / source, {label: list(images // (2 if label == "fake" else 1))})
    make_folder(
        tmp_path / "faces" / "both",
        {label: [np.asarray(Image.open(path)) for path in (textures / label).iterdir()] for label in ("real", "fake")},
    )
    mixture = Mixture(images_per_epoch=64, emphasis={}, left_out=("unwanted/fake",), whole=(), recropped=())

    done = audit.audit(
        tmp_path / "faces", smoke_run / "bundle", replace(small_recipe, mixture=mixture), tmp_path / "out"
    )

    assert {check.part for check in done.checks} == {shortcuts.ALL, "both", audit.ONE_CLASS}
    names = [check.name for check in done.checks if check.part == shortcuts.ALL]
    assert sum(name.startswith("AUC of photographs of") for name in names) == len(names) - 4 > 0
    lone, both = ([check for check in done.checks if check.part == part] for part in (audit.ONE_CLASS, "both"))
    # Half as bright: the probe tells them all, so none are alike and nothing is said of the bundle among those.
    compared = {check.name for check in both if "images alike" not in check.name}
    assert {check.name for check in lone} == compared
    assert [check.name for check in lone if check.blocks] == [
        "change of AUC with the fakes as JPEG 95",
        "change of AUC with the reals as JPEG 95",
        "loss of accuracy with all as JPEG 90",
    ]
    assert all(check.n <= 80 for check in lone)
