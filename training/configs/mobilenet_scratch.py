"""The paper's MobileNet from random weights: what `resnet50` and `xception` without ImageNet weights stand beside.

Data: as for `paper`. Duration: ten minutes on 2 cores.
Command: make train RECIPE=mobilenet_scratch DATA=../shared/data/faces/ffhq-stylegan ARGS="--weights none"
"""

from dataclasses import replace

from training.configs import paper

RECIPE = replace(paper.RECIPE, name="mobilenet_scratch")
