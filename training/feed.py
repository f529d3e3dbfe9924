"""Batches made by several processes at once, ahead of a device that trains faster than one can change images."""

import math
import os
import pickle
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector import engines
from training import data
from training.data import Batch, Dataset
from training.recipe import Recipe

_AHEAD = 3  # batches that each process may have ready
_MANY_CORES = 4


class Feed:
    """The same batches as `data.iterate` in the same order, in whole pixels; its processes end with it.

    They are started afresh, since a fork of a process in which TensorFlow, JAX or OpenCV has threads can wait for
    them for ever.
    """

    def __init__(self, dataset: Dataset, recipe: Recipe, processes: int) -> None:
        self._recipe, self._dataset = recipe, replace(dataset, pixels=np.empty(0, dtype=np.uint8))
        self._pixels = tempfile.TemporaryFile()  # noqa: SIM115  (as long as the processes)
        _map(self._pixels.fileno(), dataset.pixels.shape, "w+")[:] = dataset.pixels
        shape = (_AHEAD * processes, recipe.batch_size, recipe.input_size, recipe.input_size, 3)
        self._shared = tempfile.TemporaryFile(dir=_find_memory(int(np.prod(shape))))  # noqa: SIM115
        self._places = _map(self._shared.fileno(), shape, "w+")
        files = (self._pixels.fileno(), self._shared.fileno())
        work = (self._dataset, dataset.pixels.shape, recipe, shape, files)
        self._makers = [_Maker(work, files) for _ in range(processes)]

    def iterate(self, epoch: int) -> Iterator[Batch]:
        """One epoch of batches; a batch's pixels are overwritten when the next one is asked for."""
        orders = ((epoch, start) for start in data.list_starts(self._dataset, self._recipe, epoch))
        side = self._recipe.stage_at(epoch).window or self._recipe.input_size
        asked: deque[tuple[int, int]] = deque()  # maker and place, in the order of the batches
        for place in range(len(self._places)):
            self._ask(orders, asked, place)
        while asked:
            number, place = asked.popleft()
            targets = self._makers[number].take()
            yield self._places[place, : len(targets), :side, :side], targets
            self._ask(orders, asked, place)

    def _ask(self, orders: Iterator[tuple[int, int]], asked: deque[tuple[int, int]], place: int) -> None:
        """Has the next batch made in a place, always by the same process."""
        order = next(orders, None)
        if order is not None:
            number = place % len(self._makers)
            self._makers[number].ask((*order, place))
            asked.append((number, place))

    def close(self) -> None:
        for maker in self._makers:
            maker.end()
        self._pixels.close()
        self._shared.close()


class _Maker:
    """A process that makes the batches that it is asked for, one after the other."""

    def __init__(self, work: Any, files: tuple[int, ...]) -> None:
        command = [sys.executable, "-m", __name__]
        self._process = subprocess.Popen(  # noqa: S603 - this module itself
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=files
        )
        self.ask(work)

    def ask(self, order: Any) -> None:
        assert self._process.stdin is not None  # noqa: S101 - tells mypy
        pickle.dump(order, self._process.stdin)
        self._process.stdin.flush()

    def take(self) -> NDArray[np.float32]:
        assert self._process.stdout is not None  # noqa: S101
        targets: NDArray[np.float32] = pickle.load(self._process.stdout)  # noqa: S301 - our own process wrote it
        return targets

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def keep_busy(dataset: Dataset, recipe: Recipe) -> Iterator[Callable[[int], Iterator[Batch]] | None]:
    """Makes an epoch's batches by all cores but one, where there is a GPU to be kept busy and cores to do it; else
    None, and a thread beside the training does as well."""
    cores = len(os.sched_getaffinity(0))
    if cores < _MANY_CORES or not engines.has_gpu():
        yield None
        return
    feed = Feed(dataset, recipe, cores - 1)
    try:
        yield feed.iterate
    finally:
        feed.close()


def _find_memory(size: int) -> str | None:
    """A folder in memory with room for so many bytes, None where there is none."""
    memory = "/dev/shm"  # noqa: S108 - an unnamed file
    if os.path.isdir(memory) and os.access(memory, os.W_OK):
        found = os.statvfs(memory)
        return memory if found.f_bavail * found.f_frsize > 2 * size else None
    return None


def _map(file: int, shape: tuple[int, ...], mode: Any) -> NDArray[np.uint8]:
    if mode == "w+":
        os.posix_fallocate(file, 0, math.prod(shape))  # as in data.map_unnamed
    with open(file, "r+b", closefd=False) as opened:
        return np.memmap(opened, dtype=np.uint8, mode=mode, shape=shape)


def main() -> None:
    """Answer orders (epoch, start, place) from stdin with targets on stdout and pixels in the shared file."""
    cv2.setNumThreads(1)
    orders, answers = sys.stdin.buffer, sys.stdout.buffer
    dataset, pixels, recipe, shape, files = pickle.load(orders)  # noqa: S301 - from the process that started this one
    dataset = replace(dataset, pixels=_map(files[0], pixels, "r"))
    places = _map(files[1], shape, "r+")
    twins, present, order = data.find_twins(dataset, recipe), -1, np.empty(0, dtype=np.int64)
    while True:
        try:
            epoch, start, place = pickle.load(orders)  # noqa: S301
        except EOFError:
            return
        if epoch != present:
            present, order = epoch, data.order_epoch(dataset, recipe, epoch)
        batch, targets = data.make_batch(dataset, recipe, epoch, order, twins, start)
        places[place, : len(targets), : batch.shape[1], : batch.shape[2]] = np.clip(np.rint(batch), 0, 255)
        pickle.dump(targets, answers)
        answers.flush()


if __name__ == "__main__":
    main()
