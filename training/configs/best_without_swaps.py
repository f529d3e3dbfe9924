"""How `best` fares with a kind of fake it never saw: without face swaps, in a third of the epochs.

The photographs that the swaps were made of are left out too, or the model would learn that such videos are real.
Data: as for `mixed`; it begins at ImageNet's weights. Duration: about 20 minutes on 2 cores.
Command: make train RECIPE=best_without_swaps DATA=../shared/data/faces
"""

from training.configs import mixed

RECIPE = mixed.leave_out("swaps", ("dfdc-faceswap/fake", "dfdc-faceswap/real"))
