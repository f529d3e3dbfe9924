"""Bytes in, verdicts with evidence out: the pure engine, without Django, Celery, environment or HTTP."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector import bundle, decode, engines, preprocess, verdict
from detector.bundle import Card
from detector.engines import Engine
from detector.preprocess import InputSpec
from detector.verdict import Judgement

__all__ = ["Detector", "Prediction"]


@dataclass(frozen=True)
class Prediction(Judgement):
    """A judgement with its raw logit and its map, float32 (rows, columns), positive towards fake."""

    logit: float
    map: NDArray[np.float32]


class Detector:
    """One model under one engine; every method may be called from several threads."""

    def __init__(self, card: Card, engine: Engine) -> None:
        self.card = card
        self._engine = engine
        self._engine_card = card.engines[engine.name]

    @classmethod
    def open(cls, folder: Path, engine: str = "litert-int8", *, threads: int = 1, pool: int = 1) -> "Detector":
        """Load a bundle; raises the leaves of BundleError.

        `threads` is how many CPU threads one forward pass takes, `pool` how many passes may run at a time.
        """
        opened = bundle.load(folder)
        return cls(opened.card, engines.start(opened, engine, threads=threads, pool=pool))

    @property
    def version(self) -> str:
        return self.card.version

    @property
    def engine_name(self) -> str:
        return self._engine.name

    @property
    def input_spec(self) -> InputSpec:
        return self.card.input

    @property
    def best_batch(self) -> int:
        return self._engine.best_batch

    def prepare(self, content: bytes) -> NDArray[np.uint8]:
        """An image file's bytes as uint8 (size, size, 3) RGB 0-255; raises the leaves of DecodeError."""
        return preprocess.fit(decode.decode(content), self.card.input)

    def analyse(self, pixels: NDArray[np.uint8]) -> list[Prediction]:
        """Judge prepared images uint8 (n, size, size, 3), in their order."""
        if len(pixels) == 0:
            return []
        output = self._engine.run(pixels)
        return [self._predict(float(logit), map_) for logit, map_ in zip(output.logits, output.maps, strict=True)]

    def _predict(self, logit: float, map_: NDArray[np.float32]) -> Prediction:
        judgement = verdict.judge(logit, self._engine_card.calibration, self._engine_card.thresholds)
        return Prediction(**vars(judgement), logit=logit, map=map_)
