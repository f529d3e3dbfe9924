import io
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import fftpack

from detector import evidence
from tests.detector import pictures


def test_the_hash_is_made_of_the_lowest_dct_coefficients(shared_data: Path) -> None:
    for picture in pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 20):
        assert evidence.perceptual_hash(picture) == _hash_by_scipy(picture)


def test_drawn_pictures_have_their_hash_too() -> None:
    for name, picture in pictures.draw_without_faces():
        if not name.startswith(("plain", "stripes")):  # there coefficients tie but for rounding
            assert evidence.perceptual_hash(picture) == _hash_by_scipy(picture), name


def test_a_copy_saved_and_scaled_is_near_and_another_picture_far(shared_data: Path) -> None:
    one, other = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 2)
    stream = io.BytesIO()
    Image.fromarray(one).resize((140, 140)).save(stream, "JPEG", quality=40)
    copy = np.asarray(Image.open(stream).convert("RGB"))

    assert _distance(one, copy) <= 4
    assert _distance(one, other) >= 12


def _distance(one: pictures.Picture, other: pictures.Picture) -> int:
    return (int(evidence.perceptual_hash(one), 16) ^ int(evidence.perceptual_hash(other), 16)).bit_count()


def _hash_by_scipy(picture: pictures.Picture) -> str:
    """By another library's DCT, in the order and with the scale of the Python package ImageHash."""
    grey = np.asarray(Image.fromarray(picture).convert("L").resize((32, 32), Image.Resampling.LANCZOS))
    lowest = fftpack.dct(fftpack.dct(grey, axis=0), axis=1)[:8, :8]
    bits = "".join("1" if above else "0" for above in (lowest > np.median(lowest)).ravel())
    return f"{int(bits, 2):016x}"
