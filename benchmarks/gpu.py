"""The Keras engine on a GPU: images a second by batch and precision, waiting for pixels, and whether it agrees."""

import importlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import cast

import numpy as np
from numpy.typing import NDArray

from detector import bundle, decode, engines, preprocess
from detector.engines import Engine, KerasEngine
from tests.system import ROOT

CORES = len(os.sched_getaffinity(0))
BATCHES = (1, 8, 32, 128, 512)
SECONDS = 2.0
_TURNS = 12  # over the images, while the device waits or does not
PRECISIONS = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


def measure(images: Sequence[bytes]) -> dict[str, float]:
    """Ends the program where Keras sees no GPU."""
    import keras  # noqa: PLC0415  (seconds and a gigabyte, for this section alone)

    if not engines.has_gpu():
        sys.exit(f"Keras sees no GPU through {keras.backend.backend()}; KERAS_BACKEND names another way to it.")
    opened = bundle.load(ROOT / "models" / "best")
    prepare = partial(_prepare, spec=opened.card.input)
    pixels = np.stack([prepare(image) for image in images[: BATCHES[-1]]])
    reference = engines.start(opened, "litert-float32", threads=CORES, pool=1).run(pixels).logits
    figures: dict[str, float] = {}
    for name, policy in PRECISIONS.items():
        keras.config.set_dtype_policy(policy)
        engine = cast(KerasEngine, engines.start(opened, "keras", threads=1, pool=1))
        for size in BATCHES:
            engine.best_batch = size
            figures[f"gpu_{name}_{size}"] = rate(engine, pixels[:size])
        figures[f"gpu_{name}_difference"] = float(np.abs(engine.run(pixels).logits - reference).max())
        if name == "float32":
            figures["gpu_waiting"] = waiting(engine, images, prepare)
    keras.config.set_dtype_policy("float32")
    return figures


def describe() -> str:
    """The device's name, and what Keras runs on."""
    import keras  # noqa: PLC0415

    backend = keras.backend.backend()
    if backend == "torch":
        name = importlib.import_module("torch").cuda.get_device_name()
    elif backend == "jax":
        name = importlib.import_module("jax").devices()[0].device_kind
    else:
        tensorflow = importlib.import_module("tensorflow")
        name = tensorflow.config.experimental.get_device_details(tensorflow.config.list_physical_devices("GPU")[0])[
            "device_name"
        ]
    return f"{name}, Keras on {backend}"


def rate(engine: Engine, pixels: NDArray[np.uint8]) -> float:
    for _ in range(3):
        engine.run(pixels)  # warm
    started, runs = time.perf_counter(), 0
    while time.perf_counter() - started < SECONDS:
        engine.run(pixels)
        runs += 1
    return runs * len(pixels) / (time.perf_counter() - started)


def waiting(engine: Engine, images: Sequence[bytes], prepare: "partial[NDArray[np.uint8]]") -> float:
    """The share of the time in which the device waits for pixels, while threads decode as a worker's do."""
    waited, started = 0.0, time.perf_counter()
    with ThreadPoolExecutor(CORES) as decoding:
        prepared: Iterator[NDArray[np.uint8]] = decoding.map(prepare, [*images] * _TURNS)
        first = np.stack(list(islice(prepared, BATCHES[-1])))
        engine.run(first)
        started = time.perf_counter()
        while True:
            asked = time.perf_counter()
            group = list(islice(prepared, BATCHES[-1]))
            waited += time.perf_counter() - asked
            if not group:
                return waited / (time.perf_counter() - started)
            engine.run(np.stack(group))


def _prepare(content: bytes, spec: preprocess.InputSpec) -> NDArray[np.uint8]:
    return preprocess.fit(decode.decode(content), spec)
