"""The paper's server: Flask, one Keras model, a temporary file for each request, `model.predict` on one image.

The weights are random: only the time is measured, and it does not depend on them.
"""

import os
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from flask import Flask, request

from training import network, recipe


def make_app() -> Flask:
    app = Flask(__name__)
    _, model = network.build(recipe.find("paper"), weights=None)

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/predict")
    def predict() -> dict[str, object]:
        with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
            request.files["image"].save(file.name)
            image = keras.utils.load_img(file.name, target_size=(256, 256))
        real, fake = model.predict(np.expand_dims(keras.utils.img_to_array(image), 0), verbose=0)[0]
        return {"result": "FAKE" if fake > real else "REAL", "confidence": 100 * float(max(real, fake))}

    return app


if __name__ == "__main__":
    make_app().run("127.0.0.1", int(sys.argv[1]))
