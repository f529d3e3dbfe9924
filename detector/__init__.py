"""Bytes in, verdicts with evidence out: the pure engine, without Django, Celery, environment or HTTP."""

from collections.abc import Sequence
from pathlib import Path

from detector import assessment, bundle, engines, examination, novelty
from detector.assessment import Assessment
from detector.card import Card
from detector.engines import Engine
from detector.examination import Examined
from detector.novelty import Novelty
from detector.preprocess import InputSpec

__all__ = ["Assessment", "Detector", "Examined"]


# Of the engine, to be assessed in one call.
_BATCHES = 16


class Detector:
    """One model under one engine; every method may be called from several threads."""

    def __init__(
        self, card: Card, engine: Engine, novelty: Novelty | None = None, face_model: Path | None = None
    ) -> None:
        self.card = card
        self._engine = engine
        self._novelty = novelty
        self._face_model = face_model
        self._engine_card = card.engines[engine.name]

    @classmethod
    def open(
        cls,
        folder: Path,
        engine: str = "litert-int8",
        *,
        threads: int = 1,
        pool: int = 1,
        face_model: Path | None = None,
    ) -> "Detector":
        """Load a bundle; raises the leaves of BundleError.

        `threads` is how many CPU threads one forward pass takes, `pool` how many passes may run at a time.
        `face_model` is the file of a YuNet; without one, BlazeFace finds the faces.
        """
        opened = bundle.load(folder)
        entry = opened.card.novelty
        known = None if entry is None else novelty.load(opened.verify(entry))
        return cls(opened.card, engines.start(opened, engine, threads=threads, pool=pool), known, face_model)

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
    def best_group(self) -> int:
        """How many images to assess in one call: some of the engine's batches, for faces and re-encodings to fill."""
        return _BATCHES * self._engine.best_batch

    def examine(self, content: bytes) -> Examined:
        """An image file decoded once, with its faces cut out and its quality; raises the leaves of DecodeError."""
        return examination.examine(content, self.card.input, self._face_model)

    def assess(self, images: Sequence[Examined]) -> list[Assessment]:
        """Assess examined images in their order."""
        return assessment.assess(images, self._engine, self._engine_card, self._novelty)
