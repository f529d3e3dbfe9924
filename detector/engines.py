"""The ways to run a model's forward pass: LiteRT (int8, float32) and Keras, behind one protocol."""

import importlib
import queue
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from detector import explain
from detector.bundle import Bundle
from detector.explain import Head, Output

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter


class Engine(Protocol):
    """Runs any number of images at once; `best_batch` of them in one call is quickest for each."""

    name: str
    best_batch: int

    def run(self, batch: NDArray[np.uint8]) -> Output:
        """Score uint8 (n, size, size, 3) RGB 0-255; safe to call from several threads."""
        ...


def start(bundle: Bundle, name: str, *, threads: int, pool: int) -> Engine:
    """Open one engine of a bundle; raises BundleMissing, BundleCorrupt, EngineUnknown.

    `threads` is how many CPU threads one forward pass takes, `pool` how many passes may run at a time; one image
    that finds all of the pool idle takes the threads of all.
    """
    model = bundle.verify(bundle.card.engine(name))
    head = explain.load_head(bundle.verify(bundle.card.head))
    if name == "keras":
        return KerasEngine(bundle, head)
    return LiteRTEngine(name, model, head, threads=threads, pool=pool)


class LiteRTEngine:
    """A pool of interpreters; one is never shared, since an interpreter is not thread-safe."""

    # int8 with its first blocks in float, 2 threads on two idle cores, images/s at batch 1, 2, 4, 8, 16: 494, 498, 475,
    # 403, 362. Larger batches leave the cache.
    best_batch = 2

    def __init__(self, name: str, model: bytes, head: Head, *, threads: int, pool: int) -> None:
        self.name = name
        self._model = model
        self._head = head
        self._threads = threads
        self._pool = pool
        # Each place holds its own interpreters by batch size and threads: resizing one anew for every call is slower.
        self._places: queue.LifoQueue[dict[tuple[int, int], Interpreter]] = queue.LifoQueue()
        for _ in range(pool):
            self._places.put({})

    def run(self, batch: NDArray[np.uint8]) -> Output:
        place = self._places.get()
        try:
            step = 1 if len(batch) == 1 else self.best_batch
            is_alone = step == 1 and self._places.qsize() == self._pool - 1
            threads = self._threads * self._pool if is_alone else self._threads
            outputs = [self._forward(place, batch[i : i + step], step, threads) for i in range(0, len(batch), step)]
        finally:
            self._places.put(place)
        return explain.join(outputs)

    def _forward(
        self, place: dict[tuple[int, int], "Interpreter"], images: NDArray[np.uint8], size: int, threads: int
    ) -> Output:
        if (size, threads) not in place:
            place[size, threads] = self._allocate(size, images.shape[1:], threads)
        interpreter = place[size, threads]
        inlet, outlet = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        # In place: fresh arrays of this size cost page faults. Rows past the images keep what they had.
        interpreter.tensor(inlet["index"])()[: len(images)] = images
        interpreter.invoke()
        return explain.score(interpreter.tensor(outlet["index"])()[: len(images)], self._head)

    def _allocate(self, size: int, shape: tuple[int, ...], threads: int) -> "Interpreter":
        # Processes that only decode import this package too, and have no use for LiteRT.
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

        interpreter = Interpreter(model_content=self._model, num_threads=threads)
        interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], (size, *shape), strict=True)
        interpreter.allocate_tensors()
        return interpreter


def has_gpu() -> bool:
    """Whether Keras' backend has a device beside the CPU; imports Keras."""
    import keras  # noqa: PLC0415  (as the engine does: only who asks)

    if keras.backend.backend() == "torch":  # whose devices Keras does not list
        return bool(importlib.import_module("torch").cuda.is_available())
    return any(not name.lower().startswith("cpu") for name in keras.distribution.list_devices())


# Set by judgement, not measured: a GPU wants hundreds of images at once.
_GPU_BATCH = 128


class KerasEngine:
    """Keras on TensorFlow, JAX or PyTorch (KERAS_BACKEND), for GPU workers and as the reference for the others."""

    name = "keras"
    best_batch = 32

    def __init__(self, bundle: Bundle, head: Head) -> None:
        # TensorFlow takes seconds and a gigabyte: only who asks for this engine imports it.
        import keras  # noqa: PLC0415

        from detector import architecture  # noqa: PLC0415

        self._ops = keras.ops
        if has_gpu():
            self.best_batch = _GPU_BATCH

        card = bundle.card
        self._head = head
        self._backbone: Any = architecture.build_backbone(
            input_size=card.input.size, scaling=card.scaling, network=card.network
        )
        self._backbone.load_weights(Path(bundle.folder) / card.engines[self.name].file)
        self._compute = self._compile(keras.backend.backend())

    def run(self, batch: NDArray[np.uint8]) -> Output:
        step = self.best_batch
        return explain.join(
            [explain.score(self._forward(batch[i : i + step]), self._head) for i in range(0, len(batch), step)]
        )

    def _forward(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        # The bytes travel to the device, not four times as many; back comes float32 whatever it computed in.
        features = self._compute(images)
        return np.asarray(self._ops.convert_to_numpy(features), dtype=np.float32)[: len(images)]

    def _compile(self, backend: str) -> Callable[[Any], Any]:
        """From bytes to a tensor of features, as the backend runs it best; on JAX there may be more than asked for."""

        def compute(images: Any) -> Any:
            pixels = self._ops.cast(self._ops.convert_to_tensor(images), "float32")
            return self._ops.cast(self._backbone(pixels, training=False), "float32")

        # By default a GPU may round the factors of a product to 10 bits, which moves a logit by a hundredth.
        if backend == "jax":
            jax = importlib.import_module("jax")
            compiled = jax.jit(jax.default_matmul_precision("float32")(compute))
            return lambda images: compiled(_fill_up(images))
        if backend == "torch":
            torch = importlib.import_module("torch")
            torch.backends.cudnn.allow_tf32 = False
            return cast(Callable[[Any], Any], torch.no_grad()(compute))
        importlib.import_module("tensorflow").config.experimental.enable_tensor_float_32_execution(False)
        return compute


def _fill_up(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Black images behind, up to a power of two: each number of images takes seconds to compile, so few shall do."""
    missing = (1 << (len(images) - 1).bit_length()) - len(images)
    return np.pad(images, ((0, missing), (0, 0), (0, 0), (0, 0)))
