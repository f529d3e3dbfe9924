"""The paper's recipe with its input scale mended: [-1, 1], which the ImageNet weights were trained on, for [0, 1].

Everything else is the recipe `paper`, so the difference between the two is what the scale costs the paper.
Data, duration: as for `paper`.
Command: make train RECIPE=paper_scaled DATA=folder/openforensics ARGS="--split paper"
"""

from dataclasses import replace

from training.configs import paper

RECIPE = replace(paper.RECIPE, name="paper_scaled", scaling="signed")
