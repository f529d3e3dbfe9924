"""From a folder {real,fake} to a measured bundle: recipes, training, calibration, export, figures."""

import os

# Before TensorFlow is imported anywhere below: its notices hide the progress bars.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
