import numpy as np
import pytest

from training import duplicates


def turn(hexadecimal: str, bits: int) -> str:
    return f"{int(hexadecimal, 16) ^ ((1 << bits) - 1):016x}"


@pytest.mark.parametrize(("bits", "are_near"), [(0, True), (duplicates.NEAR, True), (duplicates.NEAR + 1, False)])
def test_hashes_are_near_up_to_so_many_differing_bits(bits: int, are_near: bool) -> None:
    found = list(duplicates.find_pairs(["8000000000000000", turn("8000000000000000", bits)]))

    assert found == ([(0, 1)] if are_near else [])


def test_every_pair_is_named_once_and_the_earlier_first() -> None:
    one, far = "ffff0000ffff0000", "0123456789abcdef"

    assert list(duplicates.find_pairs([one, far, turn(one, 1), one])) == [(0, 2), (0, 3), (2, 3)]


def test_it_finds_what_comparing_all_with_all_finds() -> None:
    rng = np.random.default_rng(4)
    values = [int(value) for value in rng.integers(0, 2**63, size=60)]
    values += [value ^ (1 << int(bit)) for value, bit in zip(values, rng.integers(0, 64, size=60), strict=True)]

    found = set(duplicates.find_pairs([f"{value:016x}" for value in values], near=30))

    assert found == {(a, b) for b in range(120) for a in range(b) if (values[a] ^ values[b]).bit_count() <= 30}


def test_nothing_and_one_image_have_no_pairs() -> None:
    assert list(duplicates.find_pairs([])) == []
    assert list(duplicates.find_pairs(["0123456789abcdef"])) == []


@pytest.mark.parametrize(
    ("bits", "shift", "are_twins"),
    [
        (duplicates.NEAR, 200, True),
        (duplicates.FAR, 14, True),
        (duplicates.FAR, 15, False),
        (duplicates.FAR + 2, 0, False),
    ],
)
def test_between_near_and_far_the_thumbnails_decide(bits: int, shift: int, are_twins: bool) -> None:
    thumbnails = [np.full((16, 16, 3), shade, np.uint8) for shade in (40, 40 + shift)]

    found = list(duplicates.find_twins(["8000000000000000", turn("8000000000000000", bits)], thumbnails))

    assert found == ([(0, 1)] if are_twins else [])


def test_a_thumbnail_is_the_mean_of_its_parts() -> None:
    image = np.zeros((32, 64, 3), np.uint8)
    image[:16] = 200

    small = duplicates.shrink(image)

    assert small.shape == (16, 16, 3)
    assert small[:8].min() == 200
    assert small[8:].max() == 0
