"""FaceForensics++ videos of face crops, estimated from the number in a crop's group.

The crops of `ffpp` are numbered in the order of their videos, but videos without a crop were skipped, so a crop's
number lies above its video's, by up to 21. How far was measured on near-duplicate pairs of a fake and its photograph,
and on the photographs of `ffpp-nt`, which bear their video's own number. After the correction half of 1,238 pairs
differ by at most 0.7 and 95 % by at most 2.2, so the group is a run of 20 videos and not one video.
"""

from collections.abc import Mapping

import numpy as np

_RUN = 20
_NUMBERS = range(145, 1000, 90)
_DRIFTS: Mapping[str, tuple[int, ...]] = {
    "youtube": (1, 2, 3, 3, 5, 6, 7, 7, 7, 7),
    "Face2Face": (2, 8, 12, 16, 17, 19, 21, 21, 17, 18),
    "NeuralTextures": (2, 8, 10, 12, 14, 19, 16, 17, 13, 14),
    "Deepfakes": (1, 6, 8, 8, 6, 8, 9, 8, 8, 8),
    "FaceSwap": (2, 5, 11, 11, 12, 15, 15, 14, 15, 10),
}


def find_run(group: str, method: str = "") -> str:
    """The run of videos of a group `ff-NUMBER`, and any other group as it is; `method` is the first part of the
    crop's file name, empty where the number is the video's own."""
    number = group.removeprefix("ff-")
    if number == group or not number.isdigit():
        return group
    drift = float(np.interp(int(number), list(_NUMBERS), _DRIFTS[method])) if method in _DRIFTS else 0.0
    return f"videos-{int((int(number) - drift) // _RUN)}"
