"""Every layer of MobileNet tuned for synthesis traces, on [-1, 1] input, with a linear head.

Data: as for `paper`, at its split: of the 13,119 images a fifth chooses the epoch and calibrates. A folder {real,fake}
of your own is split by its groups where ARGS is left out.
Duration: three hours on 2 cores, minutes on a GPU. Expected: AUC 0.997 after one epoch.
Command: make train RECIPE=finetuned DATA=folder/openforensics ARGS="--split paper"

Tried on 1,800 faces of ffhq-stylegan, by AUC on the validation images: this 0.978; with crops of 192 pixels instead
of whole faces 0.957; with flips and recolouring alone 0.961 (the training images are soon learnt by heart); with a
second cosine of 14 epochs 0.976.
"""

from training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="finetuned",
    input_size=256,
    scaling="signed",
    head="linear",
    dropout=0.3,
    label_smoothing=0.05,
    augmentation="trace_keeping",
    mixing="rectangles",
    # Keras' 0.99 lags behind by three epochs of so few images: validation loss then jumps up to 2.9.
    batch_norm_momentum=0.9,
    average_decay=0.97,
    batch_size=32,
    seed=20,
    stages=(
        Stage(epochs=1, learning_rate=1e-3, trains_backbone=False, schedule="constant"),
        Stage(epochs=25, learning_rate=3e-4, trains_backbone=True, schedule="cosine", weight_decay=1e-3),
    ),
    fit_splits=("train",),
)
