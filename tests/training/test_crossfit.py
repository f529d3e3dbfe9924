import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from detector import decode
from training import crossfit, data, sources, train
from training.data import Dataset
from training.recipe import Mixture, Recipe

CLASSES = (("ffhq-stylegan", "real"), ("ffhq-stylegan", "fake"), ("sd3", "fake"), ("webcam", "real"))


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Forty images of each class; fakes are bright, those of diffusion less so."""
    rng = np.random.default_rng(5)
    for source, label in CLASSES:
        folder = tmp_path / "faces" / source / label
        folder.mkdir(parents=True)
        for number in range(40):
            level = {"real": 60, "fake": 160}[label] - 40 * (source == "sd3")
            noise = rng.integers(level, level + 60, size=(64, 64, 3), dtype=np.uint8)
            Image.fromarray(noise).save(folder / f"{number}.png")
    return tmp_path / "faces"


@pytest.fixture
def tiny(small_recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    mixture = Mixture(images_per_epoch=32, emphasis={}, left_out=(), whole=(), recropped=())
    made = replace(small_recipe, name="tiny", mixture=mixture)

    def leave_out(family: str, names: tuple[str, ...]) -> Recipe:
        return replace(made, mixture=replace(mixture, left_out=(family, *(f"{name}/real" for name in names))))

    monkeypatch.setitem(sys.modules, "training.configs.tiny", SimpleNamespace(RECIPE=made, leave_out=leave_out))
    monkeypatch.setattr(sources, "FAMILIES", {"gan": "GAN faces", "diffusion": "diffusion models"})
    return made


def build_brightness_model() -> keras.Model:
    pixels = keras.Input((64, 64, 3))
    mean = keras.layers.GlobalAveragePooling2D()(pixels)
    model = keras.Model(pixels, keras.layers.Dense(1)(mean))
    model.layers[-1].set_weights([np.full((3, 1), 1 / 30), np.array([-12.0])])
    return model


def test_every_family_is_scored_by_a_model_that_never_saw_it(
    faces: Path, tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "examination", SimpleNamespace(examine=_examine_whole))
    fitted: list[tuple[Recipe, set[tuple[str, str]]]] = []

    def fit(fold: Recipe, fitted_on: Dataset, weights: Path | None, folder: Path) -> keras.Model:
        folder.mkdir(exist_ok=True, parents=True)
        shown = {(one.source, one.label) for one in fitted_on.examples if fold.trains_on(one.source, one.label)}
        fitted.append((fold, shown))
        return build_brightness_model()

    monkeypatch.setattr(crossfit, "fit_fold", fit)
    monkeypatch.setattr(train, "find_pairs", lambda *_: None)

    scores = crossfit.crossfit("tiny", faces, tmp_path, None, tmp_path / "run")

    (first, _), (without_gan, gan_shown), (_, diffusion_shown) = fitted
    assert len(first.stages) == 1
    assert gan_shown == {("ffhq-stylegan", "real"), ("sd3", "fake")}
    assert diffusion_shown == {("ffhq-stylegan", "real"), ("ffhq-stylegan", "fake")}
    unseen = Counter((one.fold, one.source, one.label) for one in scores if not one.is_seen)
    assert set(unseen) == {
        *((fold, "webcam", "real") for fold in ("gan", "diffusion")),
        ("gan", "ffhq-stylegan", "fake"),
        ("diffusion", "sd3", "fake"),
    }
    assert {one.label for one in scores if one.is_seen} == {"real"}
    by_class = {label: [one.fake_probability for one in scores if one.label == label] for label in ("real", "fake")}
    assert max(by_class["real"]) < min(by_class["fake"])
    assert {one.split for one in scores} == {"validation", "test"}

    fitted.clear()
    assert crossfit.crossfit("tiny", faces, tmp_path, None, tmp_path / "run") == scores
    assert not fitted
    assert without_gan.mixture is not None


def _examine_whole(content: bytes, spec: object) -> SimpleNamespace:
    pixels = decode.decode(content)
    return SimpleNamespace(pixels=pixels[None], faces=())


def test_a_fold_begins_where_the_shared_first_stage_ended(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "history.csv").write_text("epochs")

    crossfit._share_first_stage(tmp_path / "shared", tmp_path / "gan")
    (tmp_path / "gan" / "history.csv").write_text("epochs of its own")
    crossfit._share_first_stage(tmp_path / "shared", tmp_path / "gan")

    assert (tmp_path / "gan" / "history.csv").read_text() == "epochs of its own"
