"""How `best` fares with a kind of fake it never saw: without diffusion models, in a third of the epochs.

Data: as for `mixed`; it begins at ImageNet's weights. Duration: about 20 minutes on 2 cores.
Command: make train RECIPE=best_without_diffusion DATA=../shared/data/faces
"""

from training.configs import mixed

RECIPE = mixed.leave_out("diffusion", ("sd21/fake", "sd3/fake", "sdxl-flux/fake"))
