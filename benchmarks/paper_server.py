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

from detector.architecture import add_head, build_backbone


def make_app() -> Flask:
    app = Flask(__name__)
    model = add_head(build_backbone(input_size=256, scaling="unit", frozen=True), "dense", dropout=0.5)

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
