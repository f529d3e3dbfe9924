"""The model's head in NumPy: the last feature map becomes a logit and the exact map of what moved it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Output:
    """Logits of the fake class float32 (n,) and signed maps float32 (n, rows, columns), positive towards fake.

    The cells of a map sum to the logit less the head's bias. `pooled` is the mean of the feature map,
    float32 (n, channels).
    """

    logits: Array
    maps: Array
    pooled: Array


@dataclass(frozen=True)
class Head:
    """Weights after global average pooling: channels -> (hidden, ReLU ->) one logit."""

    weights: Array
    bias: float
    hidden_weights: Array | None = None
    hidden_bias: Array | None = None


def load_head(content: bytes) -> Head:
    """Read what `dump_head` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return Head(
            weights=arrays["weights"],
            bias=float(arrays["bias"]),
            hidden_weights=arrays.get("hidden_weights"),
            hidden_bias=arrays.get("hidden_bias"),
        )


def dump_head(head: Head) -> bytes:
    """Write a head as an .npz archive."""
    arrays = {"weights": head.weights, "bias": np.float32(head.bias)}
    if head.hidden_weights is not None and head.hidden_bias is not None:
        arrays |= {"hidden_weights": head.hidden_weights, "hidden_bias": head.hidden_bias}
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # NumPy's stub takes the arrays for allow_pickle
    return stream.getvalue()


def score(features: Array, head: Head) -> Output:
    """Apply the head to feature maps float32 (n, rows, columns, channels).

    Each cell holds activation times the logit's gradient, summed over channels (HiResCAM, Draelos and
    Carin, arXiv 2011.08891). Behind average pooling the gradient is the same in every cell, and the head
    is linear on this side of its ReLUs, so the map is exact and needs no second pass.
    """
    n, rows, columns, channels = features.shape
    pooled = features.mean(axis=(1, 2))
    slopes, offsets = _linearise(pooled, head)
    cells = features.reshape(n, rows * columns, channels) @ slopes[:, :, None] / np.float32(rows * columns)
    maps = cells.reshape(n, rows, columns)
    return Output(logits=maps.sum(axis=(1, 2), dtype=np.float32) + offsets, maps=maps, pooled=pooled)


def join(outputs: Sequence[Output]) -> Output:
    """The outputs of one or more groups of images as that of all."""
    return Output(
        logits=np.concatenate([output.logits for output in outputs]),
        maps=np.concatenate([output.maps for output in outputs]),
        pooled=np.concatenate([output.pooled for output in outputs]),
    )


def _linearise(pooled: Array, head: Head) -> tuple[Array, Array]:
    """The head around these inputs: logit = slopes (n, channels) . pooled features + offsets (n,)."""
    if head.hidden_weights is None or head.hidden_bias is None:
        n = len(pooled)
        return np.broadcast_to(head.weights, (n, len(head.weights))), np.full(n, head.bias, dtype=np.float32)
    is_active = pooled @ head.hidden_weights + head.hidden_bias > 0
    open_weights = np.where(is_active, head.weights, np.float32(0))
    return open_weights @ head.hidden_weights.T, open_weights @ head.hidden_bias + np.float32(head.bias)
