"""The paper's MobileNet to the letter: tables I and II, frozen ImageNet features under a dense head.

Data: a folder {real,fake}; ffhq-stylegan, 1,800 faces. The paper splits 75/25 and holds nothing else back,
so the train and validation splits are trained on together and the scores are not calibrated.
Duration: 2 minutes on 2 cores. Expected: 69 % accuracy, AUC 0.76 on so few images (the paper: 95.5 % on many more).
Command: make train RECIPE=paper DATA=../shared/data/faces/ffhq-stylegan
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
