"""Examples become pixels and pixels become batches, through the same decoder that serves."""

import hashlib
import json
import math
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from detector import decode, examination, faces, preprocess
from detector.preprocess import InputSpec
from training import augment, mixing
from training.counterparts.pairs import Pairs
from training.prepare import LABELS, Example
from training.recipe import Framing, Recipe, Split, Stage

Batch = tuple[NDArray[Any], NDArray[np.float32]]  # pixels (n, size, size, 3) 0-255, targets (n, 1)

_FEW_PIXELS = 176  # a side; less than the smallest face box of 256-pixel images framed like FFHQ

# The published sets are of squares of at most so many pixels a side, each filled by its face. In the framing `whole`
# no face is looked for where an image is like them. Of all others, frames of videos (from 320 x 240 pixels) and large
# photographs, training sees the square that serving would cut.
_CROP_SIDE = 350


@dataclass(frozen=True)
class Dataset:
    """Images of one or more splits: pixels uint8 (n, size, size, 3) RGB 0-255, labels int (n,), 1 is fake.

    `squares` has the sides, in pixels of the file, of the squares that were cut from their images, by SHA-256; `pairs`
    are photographs with their counterparts, beside them.
    """

    examples: list[Example]
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    squares: Mapping[str, int] = field(default_factory=dict)
    pairs: Pairs | None = None

    def __len__(self) -> int:
        return len(self.examples)


def load(
    folder: Path,
    examples: Sequence[Example],
    splits: Sequence[Split],
    spec: InputSpec,
    recropped: Sequence[str] = (),
    framing: Framing = "whole",
    cache: Path | None = None,
) -> Dataset:
    """Decode every image of the splits once, into an unnamed file on disk that outgrows memory safely.

    What is no face crop, and in the framing `face` every image, is cut to its largest face as serving cuts it; those of
    the `recropped` sources are cut to their face box. In a `cache` folder the pixels are kept for the next time.
    """
    chosen = [example for example in examples if example.split in splits]
    labels = np.array([LABELS.index(example.label) for example in chosen], dtype=np.int64)
    shape = (len(chosen), spec.size, spec.size, 3)
    if cache is None:
        pixels = map_unnamed(shape)
        squares = _decode(folder, chosen, pixels, spec, recropped, framing)
        return Dataset(chosen, pixels, labels, squares)
    key = hashlib.sha256(repr([spec, framing, recropped, [example.sha256 for example in chosen]]).encode()).hexdigest()
    place = cache / key[:16]
    if not (place / "squares.json").is_file():
        place.mkdir(parents=True, exist_ok=True)
        written = np.memmap(place / "pixels", dtype=np.uint8, mode="w+", shape=shape)
        squares = _decode(folder, chosen, written, spec, recropped, framing)
        written.flush()
        (place / "squares.json").write_text(json.dumps(squares), encoding="utf-8")
    pixels = np.memmap(place / "pixels", dtype=np.uint8, mode="r", shape=shape)
    return Dataset(chosen, pixels, labels, json.loads((place / "squares.json").read_text(encoding="utf-8")))


def _decode(
    folder: Path,
    examples: Sequence[Example],
    pixels: NDArray[np.uint8],
    spec: InputSpec,
    recropped: Sequence[str],
    framing: Framing,
) -> dict[str, int]:
    """Fill uint8 (n, size, size, 3) with the images; returns the sides of the squares that were cut, by SHA-256."""
    squares: dict[str, int] = {}
    for row, example in zip(pixels, tqdm(examples, desc="decode", unit="image"), strict=True):
        content = (folder / example.path).read_bytes()
        if example.source in recropped:
            row[:] = preprocess.fit(_cut_to_face(decode.decode(content)), spec)
        elif framing == "whole" and is_crop(example):
            row[:] = preprocess.fit(decode.decode(content), spec)
        else:
            examined = examination.examine(content, spec)
            row[:] = examined.pixels[0]
            if examined.faces:
                square = faces.frame(examined.width, examined.height, examined.faces[0])
                squares[example.sha256] = square.width
    return squares


def map_unnamed(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """An array in an unnamed file, since it may outgrow memory; raises OSError where the disk has no room for it."""
    with tempfile.TemporaryFile() as file:
        # Without this a disk that fills up later ends the process by a signal, amid the writing.
        os.posix_fallocate(file.fileno(), 0, max(math.prod(shape), 1))
        return np.memmap(file, dtype=np.uint8, mode="w+", shape=shape)


def cut_out(folder: Path, example: Example, spec: InputSpec, framing: Framing = "whole") -> NDArray[np.uint8]:
    """The part of an image that `load` fits to the model's size, in pixels of the file."""
    content = (folder / example.path).read_bytes()
    image = decode.decode(content)
    is_whole = framing == "whole" and is_crop(example)
    found = () if is_whole else examination.examine(content, spec).faces
    return faces.crop(image, found[0]).copy() if found else image  # a view would hold all of the frame


def is_crop(example: Example) -> bool:
    """Whether an image is taken whole, as one that its face fills."""
    return example.width == example.height <= _CROP_SIDE


def add_degraded(dataset: Dataset, seed: int) -> Dataset:
    """The images, and once more each with its own fixed degradation."""
    degraded = [
        augment.degrade(image, np.random.default_rng((seed, place))) for place, image in enumerate(dataset.pixels)
    ]
    return Dataset(
        dataset.examples * 2, np.concatenate([dataset.pixels, degraded]), np.concatenate([dataset.labels] * 2)
    )


def thin_out(dataset: Dataset, most: int) -> Dataset:
    """At most so many images of each source's class, the first ones."""
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for place, example in enumerate(dataset.examples):
        seen[example.source, example.label] += 1
        if seen[example.source, example.label] <= most:
            kept.append(place)
    return Dataset([dataset.examples[place] for place in kept], dataset.pixels[kept], dataset.labels[kept])


def _cut_to_face(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The square around the largest face, in few enough pixels that either class is enlarged again."""
    found = faces.find(image)
    if found:
        face, (height, width) = found[0], image.shape[:2]
        side = min(int(1.1 * face.width), height, width)
        top = int(np.clip(face.y + (face.height - side) / 2, 0, height - side))
        left = int(np.clip(face.x + (face.width - side) / 2, 0, width - side))
        image = image[top : top + side, left : left + side]
    return cv2.resize(image, (_FEW_PIXELS, _FEW_PIXELS), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def iterate(dataset: Dataset, recipe: Recipe, epoch: int) -> Iterator[Batch]:
    """One epoch of augmented batches, the same for the same seed and epoch: pixels float32 0-255, targets (n, 1).

    The next batch is made while the present one is trained on.
    """
    order, twins = order_epoch(dataset, recipe, epoch), find_twins(dataset, recipe)
    starts = list_starts(dataset, recipe, epoch)
    batches = (make_batch(dataset, recipe, epoch, order, twins, start) for start in starts)
    with ThreadPoolExecutor(1, thread_name_prefix="batches") as pool:
        upcoming = pool.submit(next, batches, None)
        while (batch := upcoming.result()) is not None:
            upcoming = pool.submit(next, batches, None)
            yield batch


def make_batch(
    dataset: Dataset, recipe: Recipe, epoch: int, order: NDArray[np.int64], twins: dict[int, int], start: int
) -> Batch:
    """The batch whose first image is at a place of the epoch's order, its pairs last."""
    stage = recipe.stage_at(epoch)
    chosen = order[start : start + recipe.batch_size - 2 * stage.pairs]
    shown = [_show(dataset, recipe, epoch, order, twins, place) for place in range(start, start + len(chosen))]
    whole = recipe.mixture.whole if recipe.mixture else ()
    is_mixed = np.array([dataset.examples[index].source not in whole for index in chosen] + [False] * 2 * stage.pairs)
    for number in range(stage.pairs):
        shown += _show_pair(dataset, recipe, (recipe.seed, epoch, 2 * len(order) + start, number), stage)
    batch = np.stack([image for image, _ in shown]).astype(np.float32)
    targets = np.array([[target] for _, target in shown], dtype=np.float32)
    if is_mixed.any():
        seed = (recipe.seed, epoch, len(order) + start)
        batch[is_mixed], targets[is_mixed] = mixing.mix(recipe.mixing, batch[is_mixed], targets[is_mixed], seed)
    return batch, targets


def _show_pair(
    dataset: Dataset, recipe: Recipe, seed: tuple[int, ...], stage: Stage
) -> list[tuple[augment.Changed, float]]:
    """A photograph and its counterpart, changed alike, so that nothing but the generator tells them apart."""
    if dataset.pairs is None:
        raise ValueError(f"The recipe {recipe.name} trains on counterparts: name their folder with --counterparts.")
    pairs = dataset.pairs.of_paired_sources if stage.paired_sources else dataset.pairs
    pair = pairs.draw(stage.window or recipe.input_size, np.random.default_rng(seed))
    photograph, counterpart = (augment.apply(recipe.augmentation, image, seed) for image in pair)
    return [(photograph, 0.0), (counterpart, 1.0)]


def _show(
    dataset: Dataset, recipe: Recipe, epoch: int, order: NDArray[np.int64], twins: dict[int, int], place: int
) -> tuple[augment.Changed, float]:
    """The image at a place of the order, changed, and its target."""
    index = order[place]
    image, target = dataset.pixels[index], float(dataset.labels[index])
    if index in twins:
        rng = np.random.default_rng((recipe.seed, epoch, len(order), place))
        image, target = mixing.mix_pair(dataset.pixels[twins[index]], image, rng)
    # A fake behind its photograph goes through the same changes, so that nothing but the fake tells them apart.
    number = place - 1 if place and twins.get(index) == order[place - 1] else place
    window = recipe.stage_at(epoch).window or recipe.input_size
    if len(image) > window:
        whole = recipe.mixture.whole if recipe.mixture else ()
        rng = np.random.default_rng((recipe.seed, epoch, number, 0))
        image = augment.take_window(image, window, rng, central=dataset.examples[index].source in whole)
    return augment.apply(recipe.augmentation, image, (recipe.seed, epoch, number)), target


def find_twins(dataset: Dataset, recipe: Recipe) -> dict[int, int]:
    """The place of each fake of a paired source, and that of the photograph of the same name."""
    paired = recipe.mixture.paired if recipe.mixture else ()
    named: dict[tuple[str, str, str], int] = {}
    for place, example in enumerate(dataset.examples):
        if example.source in paired:
            named[example.label, example.source, Path(example.path).stem] = place
    return {
        place: named["real", source, stem]
        for (label, source, stem), place in named.items()
        if label == "fake" and ("real", source, stem) in named
    }


def list_starts(dataset: Dataset, recipe: Recipe, epoch: int) -> range:
    """Where the epoch's batches begin in its order; where pairs fill them, so many that the images are as many."""
    length, pairs = len(order_epoch(dataset, recipe, epoch)), recipe.stage_at(epoch).pairs
    if 2 * pairs == recipe.batch_size:
        # Each start is past the order: no image is taken from it, and every batch has a seed of its own.
        return range(length, 2 * length, recipe.batch_size)
    return range(0, length, recipe.batch_size - 2 * pairs)


def count_batches(dataset: Dataset, recipe: Recipe, epoch: int = 0) -> int:
    return len(list_starts(dataset, recipe, epoch))


def order_epoch(dataset: Dataset, recipe: Recipe, epoch: int) -> NDArray[np.int64]:
    """The places of an epoch's images, shuffled; with a mixture, its share of each source's class."""
    rng = np.random.default_rng((recipe.seed, epoch))
    if recipe.mixture is None:
        return rng.permutation(len(dataset))
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, example in enumerate(dataset.examples):
        if recipe.trains_on(example.source, example.label, example.generator):
            groups[example.label, example.source].append(place)
    shares = {
        (label, source): len(places) ** 0.5 * recipe.mixture.emphasis.get(source, 1.0)
        for (label, source), places in groups.items()
    }
    twins = find_twins(dataset, recipe)
    units: list[list[int]] = []
    for (label, source), places in groups.items():
        if label == "real" and source in recipe.mixture.paired and ("fake", source) in groups:
            continue  # they come with their fakes
        whole = sum(share for key, share in shares.items() if key[0] == label)
        count = max(1, round(recipe.mixture.images_per_epoch / 2 * shares[label, source] / whole))
        # Whole rounds first, so that no image of a small source is shown far more often than another.
        rounds = [rng.permutation(places) for _ in range(-(-count // len(places)))]
        units += [[twins[place], place] if place in twins else [place] for place in np.concatenate(rounds)[:count]]
    return np.array([place for unit in rng.permutation(len(units)) for place in units[unit]])
