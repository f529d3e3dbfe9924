from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from detector import faces, haar
from detector.faces import Face
from tests.detector import pictures

SETS = ("ffhq-stylegan/real", "ffhq-stylegan/fake", "web-candid/real", "utkface/real", "sd3/fake")
YUNET = "weights/face_detection_yunet_2026may.onnx"


@pytest.mark.parametrize("name", SETS)
def test_the_face_of_a_tight_crop_is_found_and_the_crop_left_whole(shared_data: Path, name: str) -> None:
    crops = pictures.read_faces(shared_data / "faces" / name, 16)

    found = [faces.find(crop) for crop in crops]

    assert sum(map(bool, found)) >= 14
    assert all(
        faces.crop(crop, boxes[0]).shape == crop.shape for crop, boxes in zip(crops, found, strict=True) if boxes
    )


@pytest.mark.parametrize("name", SETS)
def test_yunet_finds_the_same_faces_where_haar_does(shared_data: Path, name: str) -> None:
    for crop in pictures.read_faces(shared_data / "faces" / name, 8):
        by_yunet, by_haar = faces.find(crop, shared_data / YUNET), faces.find(crop)

        assert by_yunet
        assert not by_haar or _overlap(by_yunet[0], by_haar[0]) > 0.4


def test_every_photograph_has_its_face(shared_data: Path) -> None:
    for folder in ("real", "fake"):
        for photograph in pictures.read_faces(shared_data / "photos" / folder, 4):
            (face, *_), (expected, *_) = faces.find(photograph), faces.find(photograph, shared_data / YUNET)
            assert _overlap(face, expected) > 0.5


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


def test_beside_a_face_that_leaves_room_smaller_ones_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[tuple[int, float]] = []

    def look(image: NDArray[np.uint8], search: object, least: float, most: float | None = None) -> list[haar.Box]:
        searched.append((len(image), least))
        scale = len(image) / (256 if len(image) in (256, 128) else 250)
        return [(0.0, 60.0 * scale, 130.0 * scale)]

    monkeypatch.setattr(haar, "_look", look)
    haar.find(np.zeros((256, 256, 3), dtype=np.uint8))
    haar.find(np.zeros((250, 200, 3), dtype=np.uint8))

    # At half size for a large face in either; beside that of the first is room for one of 90 pixels.
    assert searched == [(128, 64), (256, 90), (125, 50)]


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
