"""The paper's MobileNet to the letter: tables I and II, frozen ImageNet features under a dense head.

Data: DATA is the folder `openforensics` that ../shared/tools/gather_faces.py writes to a folder of your own, 17,492 of
the paper's 18,700 images. Split as the paper does, at random within each class (training.paper_split): 13,119 trained
on, 4,373 tested. It holds nothing else back, so the train and validation splits are trained on together and the
scores are not calibrated. Duration: a quarter of an hour on 2 cores. Expected: the paper says 96.1 % and AUC 0.991.
Command: make train RECIPE=paper DATA=folder/openforensics ARGS="--split paper"
"""

from training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="paper",
    input_size=256,
    scaling="unit",
    head="dense",
    dropout=0.5,
    label_smoothing=0.0,
    augmentation="zoom",
    mixing="none",
    batch_norm_momentum=0.99,
    average_decay=0.0,
    batch_size=32,
    seed=20,
    stages=(Stage(epochs=5, learning_rate=3e-4, trains_backbone=False, schedule="constant"),),
    fit_splits=("train", "validation"),
)
