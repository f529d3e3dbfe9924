"""A trained model becomes a bundle: weights for each engine, calibrated on that engine's own scores."""

import csv
import hashlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from detector import bundle, engines, explain, verdict
from detector.bundle import Card, EngineCard, FileCard
from detector.explain import Head
from detector.preprocess import InputSpec
from detector.verdict import Calibration, Thresholds
from training import metrics
from training.data import Dataset
from training.prepare import LABELS
from training.recipe import Recipe

_FILES = {
    "litert-int8": "litert-int8.tflite",
    "litert-float32": "litert-float32.tflite",
    "keras": "keras.weights.h5",
}
_REPRESENTATIVES = 200
_LAST_FLOAT_LAYER = "conv_dw_1_"

_ORIGINS = {
    "ffhq-stylegan": (
        "FFHQ photographs and StyleGAN faces of the Kaggle set '140k real and fake faces' "
        "(256 x 256 JPEG; CC BY-NC per photo, research and test use)"
    ),
}
_LIMITS = (
    "It knows the traces of the images it was trained on; other generators, face swaps, retouching and "
    "edits may pass unseen.",
    "Strong compression, scaling, screenshots and filters remove these traces; scores of such images mean less.",
    "Photographs from other sources than the training's may be called fake more often than the test shows.",
    "'Real' means that no known trace was found; it never proves that a photograph is authentic.",
    "Probabilities assume as many fakes as photographs; where fakes are rare, most alarms can be false.",
)


def write_bundle(
    recipe: Recipe,
    backbone: keras.Model,
    model: keras.Model,
    train: Dataset,
    validation: Dataset | None,
    *,
    origin: str,
    folder: Path,
) -> Card:
    """Write every engine's file and the card; without validation images nothing is calibrated."""
    folder.mkdir(parents=True, exist_ok=True)
    _round_kernels(backbone)
    (folder / "head.npz").write_bytes(explain.dump_head(read_head(recipe, model)))
    _write_keras(backbone, folder / _FILES["keras"])
    (folder / _FILES["litert-float32"]).write_bytes(_convert(backbone))
    (folder / _FILES["litert-int8"]).write_bytes(_quantise(backbone, _pick(train)))
    card = _versioned(
        Card(
            name=recipe.name,
            version="",
            recipe=recipe.name,
            input=InputSpec(size=recipe.input_size),
            scaling=recipe.scaling,
            classes=LABELS,
            head=_file_card(folder, "head.npz"),
            engines={name: _uncalibrated(_file_card(folder, file)) for name, file in _FILES.items()},
            trained_on=_describe(train, origin),
            limits=_LIMITS,
        )
    )
    bundle.save(folder, card)
    if validation is not None:
        card = _calibrate(folder, card, validation)
        bundle.save(folder, card)
    return card


def score(folder: Path, engine: str, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Raw logits (n,) of a bundle's engine, as serving computes them."""
    started = engines.start(bundle.load(folder), engine, threads=2, pool=1)
    step = 8 * started.best_batch
    parts = [started.run(pixels[i : i + step]).logits for i in range(0, len(pixels), step)]
    return np.concatenate(parts).astype(np.float64)


def _round_kernels(backbone: keras.Model) -> None:
    """Keep 11 bits of every kernel weight, before anything is measured, so that the files pack to half."""
    for variable in backbone.trainable_variables + backbone.non_trainable_variables:
        if len(variable.shape) > 1:
            variable.assign(variable.numpy().astype(np.float16).astype(np.float32))


def read_head(recipe: Recipe, model: keras.Model) -> Head:
    if recipe.head == "linear":
        weights, bias = model.get_layer("logit").get_weights()
        return Head(weights=weights[:, 0], bias=float(bias[0]))
    hidden_weights, hidden_bias = model.get_layer("hidden").get_weights()
    weights, bias = model.get_layer("softmax").get_weights()
    # The logit of a two-way softmax is the difference of its inputs.
    return Head(
        weights=weights[:, 1] - weights[:, 0],
        bias=float(bias[1] - bias[0]),
        hidden_weights=hidden_weights,
        hidden_bias=hidden_bias,
    )


def _write_keras(backbone: keras.Model, path: Path) -> None:
    """Save weights and pack them: Keras itself writes HDF5 uncompressed and reads either."""
    loose = path.with_name("loose.weights.h5")
    backbone.save_weights(loose)
    with h5py.File(loose) as source, h5py.File(path, "w") as target:

        def copy(name: str, entry: Any) -> None:
            if isinstance(entry, h5py.Dataset):
                packed = {"compression": "gzip", "compression_opts": 9, "shuffle": True} if entry.size > 1 else {}
                target.create_dataset(name, data=entry[()], **packed)
            else:
                target.require_group(name).attrs.update(entry.attrs)

        source.visititems(copy)
        target.attrs.update(source.attrs)
    loose.unlink()


def _convert(backbone: keras.Model) -> bytes:
    """The backbone as a LiteRT graph in float32."""
    converted: bytes = tf.lite.TFLiteConverter.from_keras_model(backbone).convert()
    return converted


def _quantise(backbone: keras.Model, representatives: NDArray[np.uint8]) -> bytes:
    """The backbone as a LiteRT graph in int8, from its second block on; float pixels in, float features out.

    The first two convolutions see the finest structure and lose the most in eight bits: left in float they
    take 9 % of the speed and halve the variance that int8 adds to a logit (measured on validation images).
    """
    with warnings.catch_warnings():
        # Said of every integer graph, though the representative images have given the statistics; and of the
        # interpreter that the pinned TensorFlow's own quantiser still uses.
        warnings.filterwarnings("ignore", message=r"\s*(Statistics for quantized|Warning: tf.lite.Interpreter)")
        first_block = _list_first_block(_open_quantiser(backbone, representatives, kept_in_float=[]))
        quantiser = _open_quantiser(backbone, representatives, kept_in_float=first_block)
        converted: bytes = quantiser.get_nondebug_quantized_model()
    return converted


def _list_first_block(quantiser: Any) -> list[str]:
    """The names the converter gives to the layers up to the last that stays in float."""
    quantiser.run()
    statistics = io.StringIO()
    quantiser.layer_statistics_dump(statistics)
    names = [row["tensor_name"] for row in csv.DictReader(io.StringIO(statistics.getvalue()))]
    return names[: 1 + next(i for i, name in enumerate(names) if _LAST_FLOAT_LAYER in name)]


def _open_quantiser(backbone: keras.Model, representatives: NDArray[np.uint8], kept_in_float: list[str]) -> Any:
    def feed(images: NDArray[np.uint8]) -> Iterator[list[NDArray[np.float32]]]:
        yield from ([image[None].astype(np.float32)] for image in images)

    converter = tf.lite.TFLiteConverter.from_keras_model(backbone)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: feed(representatives)
    # The debugger is what can leave single layers alone; it wants an image to debug with.
    return tf.lite.experimental.QuantizationDebugger(
        converter=converter,
        debug_dataset=lambda: feed(representatives[:1]),
        debug_options=tf.lite.experimental.QuantizationDebugOptions(denylisted_nodes=kept_in_float),
    )


def _pick(train: Dataset) -> NDArray[np.uint8]:
    """Equally many training images of both classes, in order of their hash."""
    half = _REPRESENTATIVES // 2
    chosen = np.concatenate([np.flatnonzero(train.labels == label)[:half] for label in (0, 1)])
    representatives: NDArray[np.uint8] = train.pixels[chosen]
    return representatives


def _calibrate(folder: Path, card: Card, validation: Dataset) -> Card:
    calibrated = {}
    for name, engine in card.engines.items():
        logits = score(folder, name, validation.pixels)
        calibration = metrics.calibrate(logits, validation.labels)
        judged = [verdict.judge(float(logit), calibration, engine.thresholds) for logit in logits]
        probabilities = np.array([judgement.fake_probability for judgement in judged])
        thresholds = metrics.choose_thresholds(probabilities, validation.labels)
        calibrated[name] = replace(engine, calibration=calibration, thresholds=thresholds)
    return _versioned(replace(card, engines=calibrated))


def _versioned(card: Card) -> Card:
    return replace(card, version=bundle.derive_version(card))


def _file_card(folder: Path, name: str) -> FileCard:
    return FileCard(name, hashlib.sha256((folder / name).read_bytes()).hexdigest())


def _uncalibrated(file: FileCard) -> EngineCard:
    calibration, thresholds = Calibration(temperature=1.0, bias=0.0), Thresholds(real_below=0.5, fake_from=0.5)
    return EngineCard(file=file.file, sha256=file.sha256, calibration=calibration, thresholds=thresholds)


def _describe(train: Dataset, origin: str) -> str:
    fakes = int(np.sum(train.labels))
    words = _ORIGINS.get(origin, f"the folder '{origin}'")
    return f"{len(train):,} face images, {len(train) - fakes:,} real and {fakes:,} fake: {words}."
