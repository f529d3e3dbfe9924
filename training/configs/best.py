"""Every layer of MobileNet tuned on many kinds of fakes and photographs, taught by three networks that err apart.

It begins where `together` ended, and learns from the mean logit of that run, of its companion, which sees twice as
fine, and of `mixed`. Of what their mean knows more, little arrives: all of them know the training images. What it
gains is that its answers hold:

| validation images, clean / degraded | `mixed` | `together` | this | mean of the three |
|---|---|---|---|---|
| AUC | 0.958 / 0.940 | 0.956 / 0.940 | 0.957 / 0.943 | 0.967 / 0.954 |
| AUC, ffhq-stylegan | 0.964 / 0.927 | 0.968 / 0.939 | 0.969 / 0.936 | 0.979 / 0.949 |
| AUC, dfdc-faceswap | 0.918 / 0.892 | 0.914 / 0.892 | 0.911 / 0.892 | 0.931 / 0.912 |
| log loss, every source in its right | 0.220 / 0.265 | 0.222 / 0.267 | 0.216 / 0.256 | |
| definite verdicts at the same bounds, % | 46 / 41 | 51 / 44 | 57 / 49 | |

The epoch was chosen by AUC over as many images of every source, clean and degraded: 0.979, where `mixed` has 0.974.
Data: as for `mixed`. Duration: about 40 minutes on 2 cores.
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
