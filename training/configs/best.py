"""`together` goes on under the mean answer of itself, its companion and `mixed`, which err on different images.

Data: as for `mixed`. Duration: about an hour on 2 cores.
Command: make train RECIPE=best DATA=../shared/data/faces ARGS="--teacher runs/T/bundle runs/T/companion runs/M/bundle"
"""

from dataclasses import replace

from training.configs import mixed
from training.recipe import Stage

RECIPE = replace(
    mixed.RECIPE,
    name="best",
    stages=(Stage(epochs=10, learning_rate=3e-4, trains_backbone=True, schedule="cosine", weight_decay=1e-3),),
    teacher_share=0.7,
)
