"""What the long runs are made of."""

import pytest

from benchmarks import systems
from detector import decode
from tests.api.conftest import picture


def test_padded_files_are_images_of_one_size_and_all_different() -> None:
    files = systems.Padded([picture("teal"), picture("red")], 7)

    made = files[0:7]

    assert len(files) == len(set(made)) == 7
    assert {len(content) for content in made} == {20_000}
    assert decode.read_header(made[5]).format == "JPEG"
    assert decode.decode(made[5]).shape == (30, 40, 3)


@pytest.mark.parametrize("rate", [0.0, -2.0, 1.5])
def test_a_slope_is_the_change_per_minute(rate: float) -> None:
    assert systems.slope([(minute, 100 + rate * minute) for minute in (0.0, 1.0, 2.5, 7.0)]) == pytest.approx(rate)
