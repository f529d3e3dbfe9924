"""One model teaches another: a trained one by its weights and answers, a companion by its answers as it learns."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from detector import architecture, bundle, explain
from training import network, scoring


class Teacher:
    """Bundles' serving engines as they answer together; raises what bundle.load and engines.start do."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._members = [(bundle.load(folder), scoring.open_engine(folder, scoring.SERVES)) for folder in folders]

    @property
    def versions(self) -> list[str]:
        return [member.card.version for member, _ in self._members]

    def soften(self, pixels: NDArray[np.float32], targets: NDArray[np.float32], share: float) -> NDArray[np.float32]:
        """Targets (n, 1) moved by `share` to the fake probabilities of pixels (n, size, size, 3) 0-255, which are those
        of the members' mean logit."""
        whole = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
        logits = []
        for member, engine in self._members:
            calibration = member.card.engines[scoring.SERVES].calibration
            logits.append(scoring.score(engine, whole) / calibration.temperature + calibration.bias)
        answers = expit(np.mean(logits, axis=0))
        moved: NDArray[np.float32] = ((1 - share) * targets + share * answers[:, None]).astype(np.float32)
        return moved

    def lend_weights(self, backbone: keras.Model, model: keras.Model) -> None:
        """Set the backbone's layers to those of the same name in the first member's, each of the same shape, and the
        model's head where all of the backbone is the same."""
        first, _ = self._members[0]
        card = first.card
        own = architecture.build_backbone(input_size=card.input.size, scaling=card.scaling, network=card.network)
        own.load_weights(first.folder / card.engines["keras"].file)
        of_teacher = {layer.name: layer for layer in network.find_body(own).layers}
        for layer in network.find_body(backbone).layers:
            layer.set_weights(of_teacher[layer.name].get_weights() if layer.name in of_teacher else layer.get_weights())
        if backbone.count_params() == own.count_params():
            head = explain.load_head(first.verify(card.head))
            model.get_layer("logit").set_weights([head.weights[:, None], np.array([head.bias])])


class CompanionCrossEntropy(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """Of logits (n, 2) the second learn targets (n, 1), the first those moved by `share` to the second's answers."""

    def __init__(self, share: float, label_smoothing: float) -> None:
        super().__init__()
        self.share = share
        self.label_smoothing = label_smoothing

    def call(self, targets: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
        ops = keras.ops
        labels = targets * (1 - self.label_smoothing) + self.label_smoothing / 2
        answers = ops.stop_gradient(ops.sigmoid(logits[:, 1:]))
        goals = ops.concatenate([(1 - self.share) * labels + self.share * answers, labels], axis=-1)
        return ops.sum(ops.binary_crossentropy(goals, logits, from_logits=True), axis=-1)
