"""The paper's Xception: its table V, the recipe `paper` with another network under the same head.

With ImageNet weights (--weights PATH) its layers are frozen as in the paper; with --weights none all of them are
trained, to be set beside `paper` with --weights none.
Data: as for `paper`. Duration: four hours on 2 cores from scratch, minutes on a GPU.
Command: make train RECIPE=xception DATA=folder/openforensics ARGS="--split paper --weights none"
"""

from dataclasses import replace

from training.configs import paper

RECIPE = replace(paper.RECIPE, name="xception", network="xception")
