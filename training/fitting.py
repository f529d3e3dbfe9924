"""Runs a recipe's stages over a model, epoch by epoch, and can go on where it was interrupted."""

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss, roc_auc_score
from tqdm import tqdm

from training import data, distillation, network, stepping
from training.averaging import Average
from training.data import Batch, Dataset
from training.distillation import Teacher
from training.recipe import Recipe, Stage
from training.stepping import Stepper


@dataclass(frozen=True)
class Run:
    """A model, what it learns from and is chosen by, and the folder that holds how far it came."""

    recipe: Recipe
    model: keras.Model
    train: Dataset
    validation: Dataset | None
    folder: Path
    teacher: Teacher | None = None
    companion: keras.Model | None = None  # trained beside the model, which learns from its answers too
    feed: Callable[[int], Iterator[Batch]] | None = None  # an epoch's batches, where something else makes them

    @cached_property
    def whole(self) -> keras.Model:
        """What is trained: the model, its companion's logits (n, 1) beside its own."""
        if self.companion is None:
            return self.model
        pixels = self.model.input
        return keras.Model(pixels, keras.ops.concatenate([self.model(pixels), self.companion(pixels)], axis=-1))

    def iterate(self, epoch: int) -> Iterator[Batch]:
        return self.feed(epoch) if self.feed else data.iterate(self.train, self.recipe, epoch)


@dataclass(frozen=True)
class Epoch:
    """One line of history.csv; validation columns are empty where the recipe holds none out."""

    epoch: int
    learning_rate: float
    loss: float
    accuracy: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    validation_auc: float | None = None


def fit(run: Run) -> list[Epoch]:
    """Train to the end, or on from the folder's checkpoint, and leave the chosen epoch's weights in the model.

    With validation images the epoch of the highest AUC is chosen (the earlier loss decides a tie), without
    them the last.
    """
    for line in advance(run):
        tqdm.write("  ".join(f"{key} {value:.4g}" for key, value in asdict(line).items() if value is not None))
    _load_arrays(run.folder / "chosen.npz", run.model.weights)
    if run.companion is not None:
        _load_arrays(run.folder / "companion.npz", run.companion.weights)
    return _read_history(run.folder)


def advance(run: Run) -> Iterator[Epoch]:
    """Run the epochs that the folder's history lacks; each is on disk before it is yielded."""
    history = _read_history(run.folder)
    start = len(history)
    average = Average(run.whole, run.recipe.average_decay)
    for epoch, stage, first in _plan(run.recipe):
        if epoch < start:
            continue
        if epoch in (first, start):
            compile_stage(run.whole, run.recipe, stage)
            run.model.jit_compile = run.whole.jit_compile
            if epoch == start > 0:
                _restore(run, average, start, with_optimizer=epoch > first)
            stepper = stepping.start(run.whole, run.recipe, average, run.teacher)
        history.append(_run_epoch(run, stepper, stage, epoch, first))
        _save(run, average, history)
        yield history[-1]


def predict_logits(model: keras.Model, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Logits float64 (n,) of the fake class, for either head."""
    outputs = np.concatenate(
        [model.predict_on_batch(pixels[i : i + 32].astype(np.float32)) for i in range(0, len(pixels), 32)]
    ).astype(np.float64)
    if outputs.shape[1] == 1:
        return outputs[:, 0]
    return np.log(np.maximum(outputs[:, 1], 1e-12)) - np.log(np.maximum(outputs[:, 0], 1e-12))


def _plan(recipe: Recipe) -> Iterator[tuple[int, Stage, int]]:
    """Every epoch with its stage and the stage's first epoch."""
    first = 0
    for stage in recipe.stages:
        for epoch in range(first, first + stage.epochs):
            yield epoch, stage, first
        first += stage.epochs


def compile_stage(model: keras.Model, recipe: Recipe, stage: Stage) -> None:
    for body in network.find_bodies(model):
        body.trainable = stage.trains_backbone
    if stage.weight_decay:
        optimizer = keras.optimizers.AdamW(stage.learning_rate, weight_decay=stage.weight_decay, global_clipnorm=1.0)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    else:
        optimizer = keras.optimizers.Adam(stage.learning_rate)
    if recipe.companion:
        loss = distillation.CompanionCrossEntropy(recipe.teacher_share, recipe.label_smoothing)
    elif recipe.head == "linear":
        loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing)
    else:
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)
    # XLA makes this network about ten times slower on a CPU; JAX has nothing else.
    compiled = keras.config.backend() == "jax"
    model.compile(optimizer, loss, metrics=[stepping.find_right], jit_compile=compiled)
    optimizer.build(model.trainable_variables)


def _run_epoch(run: Run, stepper: Stepper, stage: Stage, epoch: int, first: int) -> Epoch:
    steps = data.count_batches(run.train, run.recipe, epoch)
    batches = tqdm(run.iterate(epoch), total=steps, desc=f"epoch {epoch + 1}/{run.recipe.epochs}", unit="batch")
    for step, (pixels, targets) in enumerate(batches):
        rate = _rate(stage, ((epoch - first) * steps + step) / (stage.epochs * steps))
        if moments := stepper.step(pixels, targets, rate):
            batches.set_postfix(loss=f"{moments[0]:.3f}", accuracy=f"{moments[1]:.3f}")
    loss, accuracy = stepper.settle()
    return Epoch(epoch, rate, loss, accuracy)


def _rate(stage: Stage, progress: float) -> float:
    """The learning rate at 0 <= progress < 1: constant, or 5 % linear warm-up and half a cosine to 0."""
    if stage.schedule == "constant":
        return stage.learning_rate
    if progress < 0.05:
        return stage.learning_rate * (progress + 1e-3) / 0.05
    return stage.learning_rate * 0.5 * (1 + math.cos(math.pi * (progress - 0.05) / 0.95))


def _validate(line: Epoch, model: keras.Model, validation: Dataset) -> Epoch:
    logits = predict_logits(model, validation.pixels)
    return replace(
        line,
        validation_loss=float(log_loss(validation.labels, 1 / (1 + np.exp(-logits)))),
        validation_accuracy=float(np.mean((logits >= 0) == validation.labels)),
        validation_auc=float(roc_auc_score(validation.labels, logits)),
    )


def _save(run: Run, average: Average, history: list[Epoch]) -> None:
    """Write weights and optimizer before the history line that vouches for them, each by an atomic rename.

    They bear the number of lines, and those of the line before go last: the validation between takes long enough for
    somebody to interrupt it, and the epoch is then trained anew from where it began.
    """
    model, folder = run.model, run.folder
    present = [_name(folder, kind, len(history)) for kind in ("checkpoint", "average")]
    _save_arrays(present[0], [*run.whole.variables, *run.whole.optimizer.variables])
    with average.in_place():
        _save_arrays(present[1], run.whole.weights)
        if run.validation is not None:
            history[-1] = _validate(history[-1], model, run.validation)
        if _choose(history) == len(history) - 1:
            _save_arrays(folder / "chosen.npz", model.weights)
            if run.companion is not None:
                _save_arrays(folder / "companion.npz", run.companion.weights)
    fresh = folder / "history.csv.new"
    with fresh.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Epoch)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(line) for line in history)
    fresh.replace(folder / "history.csv")
    for older in (*folder.glob("checkpoint-*.npz"), *folder.glob("average-*.npz")):
        if older not in present:
            older.unlink()


def _choose(history: list[Epoch]) -> int:
    if history[-1].validation_auc is None:
        return len(history) - 1
    return max(range(len(history)), key=lambda i: (history[i].validation_auc or 0, -(history[i].validation_loss or 0)))


def _save_arrays(path: Path, variables: list[keras.Variable]) -> None:
    fresh = path.with_suffix(".new.npz")
    np.savez(fresh, *[variable.numpy() for variable in variables])
    fresh.replace(path)


def _restore(run: Run, average: Average, epochs: int, *, with_optimizer: bool) -> None:
    _load_arrays(_name(run.folder, "average", epochs), run.whole.weights)
    average.start()
    optimizer = run.whole.optimizer.variables if with_optimizer else []
    _load_arrays(_name(run.folder, "checkpoint", epochs), [*run.whole.variables, *optimizer])


def _name(folder: Path, kind: str, epochs: int) -> Path:
    return folder / f"{kind}-{epochs}.npz"


def _load_arrays(path: Path, variables: list[keras.Variable]) -> None:
    with np.load(path) as arrays:
        for index, variable in enumerate(variables):
            variable.assign(arrays[f"arr_{index}"])


def _read_history(folder: Path) -> list[Epoch]:
    path = folder / "history.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [
            Epoch(int(row.pop("epoch")), **{key: float(value) if value else None for key, value in row.items()})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]
