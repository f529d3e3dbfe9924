"""MobileNet as Keras layers, for training, export and the Keras engine; imports TensorFlow."""

from pathlib import Path

import keras

from detector.bundle import Scaling


def build_backbone(
    *, input_size: int, scaling: Scaling, frozen: bool = False, weights: Path | None = None
) -> keras.Model:
    """MobileNet v1 from pixels (n, size, size, 3) 0-255 RGB to its last feature map (n, size/32, size/32, 1024).

    `unit` scales to [0, 1] as the paper does, `signed` to [-1, 1] as the ImageNet weights expect.
    `frozen` also keeps the batch-norm statistics of the weights. Source: Howard et al., arXiv 1704.04861.
    """
    pixels = keras.Input((input_size, input_size, 3), dtype="float32", name="pixels")
    rescaling = {
        "unit": keras.layers.Rescaling(1 / 255),
        "signed": keras.layers.Rescaling(1 / 127.5, offset=-1.0),
    }
    mobilenet = keras.applications.MobileNet(
        include_top=False, weights=None if weights is None else str(weights), input_shape=(input_size, input_size, 3)
    )
    mobilenet.trainable = not frozen
    scaled = rescaling[scaling](pixels)
    features = mobilenet(scaled, training=False) if frozen else mobilenet(scaled)
    return keras.Model(pixels, features, name="backbone")
