"""Examples become pixels and pixels become batches, through the same decoder that serves."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from detector import decode, preprocess
from detector.preprocess import InputSpec
from training import augment
from training.prepare import LABELS, Example
from training.recipe import Recipe, Split


@dataclass(frozen=True)
class Dataset:
    """Images of one or more splits: pixels uint8 (n, size, size, 3) RGB 0-255, labels int (n,), 1 is fake."""

    examples: list[Example]
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.examples)


def load(folder: Path, examples: Sequence[Example], splits: Sequence[Split], spec: InputSpec) -> Dataset:
    """Decode every image of the splits once, into an unnamed file on disk that outgrows memory safely."""
    chosen = [example for example in examples if example.split in splits]
    with tempfile.TemporaryFile() as file:
        shape = (len(chosen), spec.size, spec.size, 3)
        pixels = np.memmap(file, dtype=np.uint8, mode="w+", shape=shape)
    for row, example in zip(pixels, tqdm(chosen, desc=f"decode {'+'.join(splits)}", unit="image"), strict=True):
        row[:] = preprocess.fit(decode.decode((folder / example.path).read_bytes()), spec)
    labels = np.array([LABELS.index(example.label) for example in chosen], dtype=np.int64)
    return Dataset(chosen, pixels, labels)


def iterate(dataset: Dataset, recipe: Recipe, epoch: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """One epoch of augmented batches, the same for the same seed and epoch: pixels float32 0-255, targets (n, 1)."""
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(dataset))
    for start in range(0, len(order), recipe.batch_size):
        chosen = order[start : start + recipe.batch_size]
        images = [
            augment.apply(recipe.augmentation, dataset.pixels[index], (recipe.seed, epoch, int(index)))
            for index in chosen
        ]
        batch, targets = np.stack(images).astype(np.float32), dataset.labels[chosen, None].astype(np.float32)
        if recipe.mixes_patches:
            batch, targets = augment.mix_patches(batch, targets, (recipe.seed, epoch, len(order) + start))
        yield batch, targets


def count_batches(dataset: Dataset, recipe: Recipe) -> int:
    return -(-len(dataset) // recipe.batch_size)
