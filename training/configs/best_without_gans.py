"""How `best` fares with a kind of fake it never saw: without GANs, in a third of the epochs, from ImageNet's weights.

Data: as for `mixed`. Duration: about 20 minutes on 2 cores.
Command: make train RECIPE=best_without_gans DATA=../shared/data/faces
"""

from training.configs import mixed

RECIPE = mixed.leave_out(
    "gans",
    (
        "ffhq-stylegan/fake",
        "unsplash-stylegan2/fake",
        "stylegan2-ffhq/fake",
        "tpdne-stylegan2/fake",
        "gan-portraits/fake",
    ),
)
