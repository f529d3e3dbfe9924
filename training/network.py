"""A recipe's backbone with its head on top, ready to be trained."""

from pathlib import Path

import keras

from detector import architecture
from training.recipe import Recipe


def build(
    recipe: Recipe, weights: Path | None, name: str = "classifier", *, any_size: bool = False
) -> tuple[keras.Model, keras.Model]:
    """The backbone and the classifier around it; `weights` None starts at random, a bundle's weights where it ended.

    With `any_size` it takes windows as well as whole images, and has the same weights in the same order. A linear head
    gives logits (n, 1), a dense one the paper's softmax (n, 2), real before fake.
    """
    keras.utils.set_random_seed(recipe.seed)
    is_bundle = weights is not None and weights.name.endswith(".weights.h5")
    backbone = architecture.build_backbone(
        input_size=None if any_size else recipe.input_size,
        scaling=recipe.scaling,
        network=recipe.network,
        frozen=not recipe.tunes_backbone,
        weights=None if is_bundle else weights,
    )
    if is_bundle:
        backbone.load_weights(weights)
    for layer in find_body(backbone).layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = recipe.batch_norm_momentum
    pooled = keras.layers.GlobalAveragePooling2D(name="gap")(backbone.output)
    return backbone, keras.Model(backbone.input, add_head(recipe, pooled), name=name)


def find_body(model: keras.Model) -> keras.Model:
    return find_bodies(model)[0]


def find_bodies(model: keras.Model) -> list[keras.Model]:
    """The networks in a classifier, or in several that are one model."""
    inner = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    return [body for layer in inner for body in find_bodies(layer) or [layer]]


def add_head(recipe: Recipe, pooled: keras.KerasTensor) -> keras.KerasTensor:
    """The recipe's head on features (n, channels)."""
    if recipe.head == "linear":
        return keras.layers.Dense(1, name="logit")(keras.layers.Dropout(recipe.dropout)(pooled))
    hidden = keras.layers.Dense(128, activation="relu", name="hidden")(pooled)
    return keras.layers.Dense(2, activation="softmax", name="softmax")(keras.layers.Dropout(recipe.dropout)(hidden))
