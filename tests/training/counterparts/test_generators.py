import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from training.counterparts import autoencoders, esrgan, self_blend, taef2

Pixels = NDArray[np.uint8]


def draw_smooth(seed: int, size: int) -> Pixels:
    coarse = np.random.default_rng(seed).integers(0, 256, size=(8, 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def measure_psnr(one: Pixels, other: Pixels) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def test_taef2_gives_what_the_original_gives(shared_data: Path) -> None:
    model = taef2.load_taef2(shared_data / "weights" / "taef2_autoencoder_fp16.npz")
    with np.load(shared_data / "weights" / "taef2_check.npz") as check:
        output, latent = model.predict_on_batch(check["input"])

        assert np.abs(latent - check["latent"]).max() < 1e-3
        assert np.abs(output - check["output"]).max() < 1e-3


def write_doubling_model(folder: Path) -> Path:
    """A TensorFlow.js model that enlarges by the nearest pixel and passes each colour on."""
    kernel = np.eye(3, dtype=np.float32).reshape(1, 1, 3, 3)
    (folder / "weights.bin").write_bytes(kernel.tobytes() + np.zeros(3, dtype=np.float32).tobytes())
    convolution = {"filters": 3, "kernel_size": [1, 1], "padding": "same", "activation": "linear"}
    layers = [
        {"class_name": "InputLayer", "name": "in", "config": {}, "inbound_nodes": []},
        {
            "class_name": "UpSampling2D",
            "name": "up",
            "config": {"size": [2, 2], "interpolation": "nearest"},
            "inbound_nodes": [[["in", 0, 0, {}]]],
        },
        {"class_name": "Conv2D", "name": "out", "config": convolution, "inbound_nodes": [[["up", 0, 0, {}]]]},
    ]
    config = {"layers": layers, "input_layers": [["in", 0, 0]], "output_layers": [["out", 0, 0]]}
    weights = [{"name": "out/kernel", "shape": [1, 1, 3, 3]}, {"name": "out/bias", "shape": [3]}]
    described = {
        "modelTopology": {"model_config": {"config": config}},
        "weightsManifest": [{"paths": ["weights.bin"], "weights": weights}],
    }
    (folder / "model.json").write_text(json.dumps(described))
    return folder / "model.json"


def test_super_resolution_halves_a_view_and_enlarges_it(tmp_path: Path) -> None:
    remake = esrgan.open_remake(write_doubling_model(tmp_path))
    view = draw_smooth(1, 64)

    (enlarged,) = remake([view], np.random.default_rng(0))

    assert enlarged.shape == view.shape
    assert np.array_equal(enlarged[0::2, 0::2], enlarged[1::2, 1::2])
    assert measure_psnr(enlarged, view) > 20


def test_a_file_that_is_no_layers_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"format": "graph-model"}')

    with pytest.raises(ValueError, match="not a TensorFlow"):
        esrgan.open_remake(tmp_path / "model.json")


def test_a_self_blended_face_differs_within_the_face_and_little_outside() -> None:
    view = draw_smooth(2, 256)
    changes = [np.abs(self_blend.blend(view, np.random.default_rng(seed)).astype(int) - view) for seed in range(12)]

    assert all(change.max() > 3 for change in changes)
    # Half of the time the rest of the photograph is what changes, in colour or compression.
    quiet = [change[:16].mean() < 0.5 for change in changes]
    assert any(quiet)
    assert all(
        change[100:180, 90:170].mean() > change[:16].mean()
        for change, is_quiet in zip(changes, quiet, strict=True)
        if is_quiet
    )


@pytest.mark.parametrize("name", autoencoders.NAMES)
def test_an_autoencoder_gives_an_image_of_the_same_size(name: str) -> None:
    assert autoencoders.build(name).predict_on_batch(np.zeros((1, 32, 40, 3), dtype=np.float32)).shape == (1, 32, 40, 3)


def test_pixel_shuffle_lays_channels_out_in_squares() -> None:
    channels = np.arange(4, dtype=np.float32).reshape(1, 1, 1, 4)

    assert np.array_equal(autoencoders._PixelShuffle()(channels), [[[[0], [1]], [[2], [3]]]])


def test_an_autoencoder_learns_to_reconstruct(tmp_path: Path) -> None:
    photographs = np.stack([draw_smooth(seed, 64) for seed in range(4)])

    autoencoders.fit("shuffle", photographs, tmp_path / "shuffle.weights.h5", steps=12)
    remade = autoencoders.open_remake(tmp_path / "shuffle.weights.h5")(list(photographs), np.random.default_rng(0))

    untrained = autoencoders.build("shuffle").predict_on_batch(photographs.astype(np.float32) / 255)
    before = measure_psnr(np.clip(255 * untrained, 0, 255).astype(np.uint8), photographs)
    assert measure_psnr(np.stack(remade), photographs) > before + 1
