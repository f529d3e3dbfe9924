"""What a counterpart and its photograph have in common: the part and the scale of the photograph that is remade."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

# Sides that a 256-pixel face is scaled to before it is remade, so that a generator's last stage meets features of
# several sizes. Half of the views keep their pixels.
_SIDES = (256, 256, 256, 224, 192, 176)
_GRID = 8  # of the generators: sides of a view are multiples of it


@dataclass(frozen=True)
class View:
    """A photograph scaled to `side` x `side` pixels and cut at `top`, `left`, to the largest multiple of 8."""

    side: int
    top: int
    left: int

    def cut(self, photograph: Pixels) -> Pixels:
        """The view of uint8 (size, size, 3): uint8 (n, n, 3), where n is a multiple of 8."""
        if self.side != len(photograph):
            photograph = cv2.resize(photograph, (self.side, self.side), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        n = (self.side - max(self.top, self.left)) // _GRID * _GRID
        return np.ascontiguousarray(photograph[self.top : self.top + n, self.left : self.left + n])


def draw_view(rng: np.random.Generator) -> View:
    """A random scale, and a random offset against the JPEG grid and the generator's own."""
    top, left = rng.integers(0, _GRID, size=2).tolist()
    return View(int(rng.choice(_SIDES)), top, left)
