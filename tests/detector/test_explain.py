import keras
import numpy as np
import tensorflow as tf

from detector import bundle, explain
from detector.explain import Head
from tests.detector.conftest import Sample


def test_the_map_is_activation_times_gradient_of_the_keras_model(sample: Sample) -> None:
    """Held against TensorFlow's own differentiation, for the linear and for the paper's head."""
    pooling = next(i for i, layer in enumerate(sample.model.layers) if layer.name == "gap")
    backbone = keras.Model(sample.model.input, sample.model.layers[pooling].input)
    opened = bundle.load(sample.folder)
    head = explain.load_head(opened.verify(opened.card.head))
    features = backbone(sample.images.pixels.astype(np.float32), training=False)

    with tf.GradientTape() as tape:
        tape.watch(features)
        logits = _logits(sample.model.layers[pooling:], features)
    expected = tf.reduce_sum(features * tape.gradient(logits, features), axis=-1).numpy()
    output = explain.score(features.numpy(), head)

    assert np.abs(output.maps - expected).max() < 1e-4
    assert np.abs(output.logits - logits.numpy()).max() < 1e-4
    assert np.ptp(output.logits) > 1e-3  # images that all score alike would prove nothing


def test_the_cells_of_a_linear_heads_map_sum_to_the_logit_less_the_bias() -> None:
    rng = np.random.default_rng(0)
    head = Head(weights=rng.normal(size=16).astype(np.float32), bias=0.7)

    output = explain.score(rng.random((5, 8, 8, 16), dtype=np.float32), head)

    assert np.allclose(output.maps.sum(axis=(1, 2)), output.logits - 0.7, atol=1e-5)


def test_a_linear_heads_logit_follows_from_the_pooled_features() -> None:
    rng = np.random.default_rng(0)
    head = Head(weights=rng.normal(size=16).astype(np.float32), bias=0.7)
    features = rng.random((5, 8, 8, 16), dtype=np.float32)

    output = explain.score(features, head)

    assert output.pooled.shape == (5, 16)
    assert np.allclose(output.pooled, features.mean(axis=(1, 2)), atol=1e-6)
    assert np.allclose(output.pooled @ head.weights + 0.7, output.logits, atol=1e-5)


def test_a_cell_that_alone_speaks_for_fake_is_where_the_map_is_positive() -> None:
    features = np.zeros((1, 4, 4, 2), dtype=np.float32)
    features[0, 1, 2] = (5, 0)
    features[0, 3, 0] = (0, 5)

    map_ = explain.score(features, Head(weights=np.array([1, -1], dtype=np.float32), bias=0.0)).maps[0]

    assert map_[1, 2] > 0 > map_[3, 0]
    assert np.count_nonzero(map_) == 2


def test_a_head_survives_its_file() -> None:
    rng = np.random.default_rng(0)
    head = Head(
        weights=rng.normal(size=3).astype(np.float32),
        bias=1.5,
        hidden_weights=rng.normal(size=(4, 3)).astype(np.float32),
        hidden_bias=rng.normal(size=3).astype(np.float32),
    )
    features = rng.random((2, 3, 3, 4), dtype=np.float32)

    again = explain.load_head(explain.dump_head(head))

    assert np.array_equal(explain.score(features, again).maps, explain.score(features, head).maps)


def _logits(layers: list[keras.Layer], features: tf.Tensor) -> tf.Tensor:
    for layer in layers[:-1]:
        features = layer(features, training=False)
    kernel, bias = layers[-1].kernel, layers[-1].bias
    outputs = tf.matmul(features, kernel) + bias
    # Before the softmax: its logit is the difference of its two inputs.
    return outputs[:, 0] if outputs.shape[1] == 1 else outputs[:, 1] - outputs[:, 0]
