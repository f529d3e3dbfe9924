"""A trained backbone becomes the files the engines open: Keras weights, LiteRT in float32 and in int8."""

import csv
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from detector.preprocess import InputSpec
from training import robustness
from training.data import Dataset

_REPRESENTATIVES = 200
_LAST_FLOAT_LAYER = "conv_dw_1_"


def write_keras(backbone: keras.Model, path: Path) -> None:
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


def convert(backbone: keras.Model) -> bytes:
    """The backbone as a LiteRT graph in float32."""
    converted: bytes = tf.lite.TFLiteConverter.from_keras_model(backbone).convert()
    return converted


def quantise(backbone: keras.Model, representatives: NDArray[np.uint8]) -> bytes:
    """The backbone as a LiteRT graph in int8 from its first pointwise layer on; float pixels in, float features out.

    The first two layers see the finest structure and lose the most in eight bits, and cost as much in int8. For the
    rest `rounding` keeps what eight bits would take.
    """
    with warnings.catch_warnings():
        # Said of every integer graph, though the representative images have given the statistics; and of the
        # interpreter that the pinned TensorFlow's own quantiser still uses.
        warnings.filterwarnings("ignore", message=r"\s*(Statistics for quantized|Warning: tf.lite.Interpreter)")
        first_block = _list_first_block(_open_quantiser(backbone, representatives, kept_in_float=[]))
        quantiser = _open_quantiser(backbone, representatives, kept_in_float=first_block)
        converted: bytes = quantiser.get_nondebug_quantized_model()
    return converted


def pick_representatives(train: Dataset, spec: InputSpec) -> NDArray[np.uint8]:
    """Equally many training images of both classes, half of them degraded, uint8 (n, size, size, 3).

    Ranges taken from clean images alone clip what compression and noise bring. Examples lie in order of their
    hash, so that even steps are a fair draw from every source.
    """
    picked = []
    for label in (0, 1):
        places = np.flatnonzero(train.labels == label)
        step = max(1, 2 * len(places) // _REPRESENTATIVES)
        for order, place in enumerate(places[::step][: _REPRESENTATIVES // 2]):
            name = robustness.MIX if order % 2 else robustness.CLEAN
            picked.append(robustness.view(name, np.asarray(train.pixels[place]), train.examples[place].sha256, spec))
    return np.stack(picked)


def _list_first_block(quantiser: Any) -> list[str]:
    """The names the converter gives to the layers up to the last that stays in float."""
    quantiser.run()
    statistics = io.StringIO()
    quantiser.layer_statistics_dump(statistics)
    names = [row["tensor_name"] for row in csv.DictReader(io.StringIO(statistics.getvalue()))]
    # Only MobileNet's first blocks are known to need it.
    return names[: 1 + next((i for i, name in enumerate(names) if _LAST_FLOAT_LAYER in name), -1)]


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
