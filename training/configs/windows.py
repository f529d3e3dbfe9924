"""`best` on windows of 128 pixels in a fifth of its steps from ImageNet: what the ablation table changes one by one.

A quarter of the pixels lets ten trainings fit into half an hour. Swaps, reenactment and blended faces are left out,
since a window of one may hold nothing but photograph.
Data: as for `best`. Duration: two minutes on 2 cores.
Command: python -m training.ablation --data ../shared/data/faces
"""

from dataclasses import replace

from training.configs import best
from training.recipe import Stage

RECIPE = replace(
    best.RECIPE,
    name="windows",
    input_size=128,
    average_decay=0.98,
    stages=(
        Stage(epochs=1, learning_rate=1e-3, trains_backbone=False, schedule="constant"),
        Stage(epochs=4, learning_rate=3e-4, trains_backbone=True, schedule="cosine", weight_decay=1e-3),
    ),
    mixture=replace(
        best.MIXTURE,
        images_per_epoch=3072,
        emphasis={},
        left_out=(*best.MIXTURE.left_out, "swap", "reenactment", "blended", "dfdc-faceswap/real"),
        whole=(),
        paired=(),
    ),
)
