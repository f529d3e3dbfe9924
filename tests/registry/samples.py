"""Bundles to import: the one that ships under another name, with another calibration."""

import hashlib
import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from detector import bundle
from detector.card import Card, FileCard
from detector.verdict import Calibration

Entry = TypeVar("Entry", bound=FileCard)

ENGINE = "litert-int8"


def make(folder: Path, *, name: str = "other", bias: float = 30.0) -> Card:
    """One engine alone; with this bias it calls everything fake."""
    shipped = bundle.load(settings.BUNDLE).card
    engine = replace(shipped.engines[ENGINE], calibration=Calibration(temperature=1.0, bias=bias))
    folder.mkdir(parents=True)
    for file in (engine.file, shipped.head.file):
        shutil.copy(settings.BUNDLE / file, folder / file)
    return write_card(folder, replace(shipped, name=name, engines={ENGINE: engine}, novelty=None, spectrum=None))


def write_card(folder: Path, card: Card) -> Card:
    card = replace(card, version=bundle.derive_version(card))
    bundle.save(folder, card)
    return card


def pack(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return packed.getvalue()


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def rehash(folder: Path, *, spectrum: FileCard | None = None) -> Card:
    """A card that fits the folder's files, whatever they hold."""

    def renew(entry: Entry) -> Entry:
        return replace(entry, sha256=hashlib.sha256((folder / entry.file).read_bytes()).hexdigest())

    card = bundle.load(folder).card
    engines = {ENGINE: renew(card.engines[ENGINE])}
    return write_card(
        folder, replace(card, head=renew(card.head), engines=engines, spectrum=spectrum and renew(spectrum))
    )
