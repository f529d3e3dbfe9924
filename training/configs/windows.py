"""`best` on windows of 128 pixels in a fifth of its steps from ImageNet: what the ablation table changes one by one.

A quarter of the pixels lets ten trainings fit into half an hour. Face swaps are left out, since a window of one may
hold nothing but photograph.
Data: as for `mixed`. Duration: two minutes on 2 cores.
Command: python -m training.ablation --data ../shared/data/faces
"""

from dataclasses import replace

from training.configs import mixed
from training.recipe import Stage

RECIPE = replace(
    mixed.RECIPE,
    name="windows",
    input_size=128,
    average_decay=0.98,
    stages=(
        Stage(epochs=1, learning_rate=1e-3, trains_backbone=False, schedule="constant"),
        Stage(epochs=4, learning_rate=3e-4, trains_backbone=True, schedule="cosine", weight_decay=1e-3),
    ),
    mixture=replace(
        mixed.MIXTURE,
        images_per_epoch=3072,
        emphasis={},
        left_out=(*mixed.MIXTURE.left_out, "dfdc-faceswap/fake", "dfdc-faceswap/real"),
        whole=(),
        paired=(),
    ),
)
