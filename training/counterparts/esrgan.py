"""Super-resolution counterparts: a photograph halved, then enlarged by ESRGAN as npm's @upscalerjs packages ship it.

The packages (MIT) hold a Keras 2 layer graph and its float32 weights in TensorFlow.js' format.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_LAYERS: dict[str, Callable[[dict[str, Any]], keras.Layer]] = {
    "Conv2D": lambda config: keras.layers.Conv2D(
        config["filters"], config["kernel_size"], padding=config["padding"], activation=config["activation"]
    ),
    "Activation": lambda config: keras.layers.Activation(config["activation"]),
    "Concatenate": lambda config: keras.layers.Concatenate(),
    "Add": lambda config: keras.layers.Add(),
    "UpSampling2D": lambda config: keras.layers.UpSampling2D(config["size"], interpolation=config["interpolation"]),
}


def open_remake(path: Path) -> Callable[[list[Pixels], np.random.Generator], list[Pixels]]:
    """A function from views uint8 (n, n, 3) of one shape, n even, to the same enlarged from their halves.

    `path` is a `model.json` for twice the size. Raises OSError, and ValueError where it is no such model.
    """
    model = _load_model(path)

    def remake(views: list[Pixels], rng: np.random.Generator) -> list[Pixels]:
        halves = [
            cv2.resize(view, (view.shape[1] // 2, view.shape[0] // 2), interpolation=int(rng.choice(_REDUCTIONS)))
            for view in views
        ]
        output = model.predict_on_batch(np.stack(halves).astype(np.float32) / 255)
        return list(np.clip(np.rint(255 * output), 0, 255).astype(np.uint8))

    return remake


_REDUCTIONS = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)


def _load_model(path: Path) -> keras.Model:
    described = json.loads(path.read_text(encoding="utf-8"))
    try:
        config = described["modelTopology"]["model_config"]["config"]
        manifest = described["weightsManifest"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a TensorFlow.js layers model. Give the model.json of an ESRGAN.") from error
    weights = _read_weights(path.parent, manifest)
    tensors: dict[str, keras.KerasTensor] = {}
    for layer in config["layers"]:
        name, kind = layer["name"], layer["class_name"]
        if kind == "InputLayer":
            tensors[name] = keras.Input((None, None, 3), name=name)
            continue
        if kind not in _LAYERS:
            raise ValueError(f"{path} has a layer of the unknown kind {kind}.")
        inputs = [tensors[node[0]] for node in layer["inbound_nodes"][0]]
        made = _LAYERS[kind](layer["config"])
        tensors[name] = made(inputs[0] if len(inputs) == 1 else inputs)
        if kind == "Conv2D":
            made.set_weights([weights[f"{name}/kernel"], weights[f"{name}/bias"]])
    return keras.Model(tensors[config["input_layers"][0][0]], tensors[config["output_layers"][0][0]])


def _read_weights(folder: Path, manifest: list[dict[str, Any]]) -> dict[str, NDArray[np.float32]]:
    """Every array by its name; they lie one after the other in the shards of their group."""
    weights = {}
    for group in manifest:
        content = b"".join((folder / shard).read_bytes() for shard in group["paths"])
        start = 0
        for entry in group["weights"]:
            count = int(np.prod(entry["shape"]))
            weights[entry["name"]] = np.frombuffer(content, np.float32, count, start).reshape(entry["shape"])
            start += 4 * count
    return weights
