"""A trained model teaches a smaller one: its weights to begin with, its answers beside the labels."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from detector import architecture, bundle
from training import calibration, network, scoring


class Teacher:
    """A bundle's serving engine as it answers; raises what bundle.load and engines.start do."""

    def __init__(self, folder: Path) -> None:
        self.bundle = bundle.load(folder)
        self._engine = scoring.open_engine(folder, scoring.SERVES)

    def soften(self, pixels: NDArray[np.float32], targets: NDArray[np.float32], share: float) -> NDArray[np.float32]:
        """Targets (n, 1) moved by `share` to the teacher's fake probabilities of pixels (n, size, size, 3) 0-255."""
        logits = scoring.score(self._engine, np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
        answers = calibration.find_probabilities(logits, self.bundle.card.engines[scoring.SERVES].calibration)
        return ((1 - share) * targets + share * answers[:, None]).astype(np.float32)

    def lend_weights(self, backbone: keras.Model) -> None:
        """Set the backbone's layers to those of the same name in the teacher's; each must be of the same shape."""
        card = self.bundle.card
        own = architecture.build_backbone(input_size=card.input.size, scaling=card.scaling, network=card.network)
        own.load_weights(self.bundle.folder / card.engines["keras"].file)
        of_teacher = {layer.name: layer for layer in network.find_body(own).layers}
        for layer in network.find_body(backbone).layers:
            layer.set_weights(of_teacher[layer.name].get_weights() if layer.name in of_teacher else layer.get_weights())
