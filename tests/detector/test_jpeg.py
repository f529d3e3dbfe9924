import io

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from detector import jpeg


def save(width: int, height: int, **how: object) -> bytes:
    noise = np.random.default_rng(width).integers(0, 256, (max(height // 9, 2), max(width // 9, 2), 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noise).resize((width, height)).save(stream, "JPEG", quality=80, **how)
    return stream.getvalue()


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("reduction", [1, 2, 4, 8])
@pytest.mark.parametrize(("width", "height"), [(256, 256), (333, 517), (1001, 250)])
def test_the_pixels_are_those_that_pillow_unpacks(
    width: int, height: int, reduction: int, subsampling: int, progressive: bool
) -> None:
    content = save(width, height, subsampling=subsampling, progressive=progressive)
    with Image.open(io.BytesIO(content)) as image:
        image.draft("RGB", (width // reduction, height // reduction))
        unpacked = jpeg.unpack(content, image.width, image.height)

        assert unpacked is not None
        assert np.array_equal(unpacked, np.asarray(image))


def test_what_libjpeg_objects_to_is_left_to_pillow() -> None:
    content = save(256, 256)

    assert jpeg.unpack(content[: len(content) // 2], 256, 256) is None
    assert jpeg.unpack(b"", 256, 256) is None
    assert jpeg.unpack(content, 512, 512) is None


def test_the_end_of_a_jpeg_is_restored_only_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header is quickly written; what it promises is not decoded to find out whether it is there."""
    stream = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(stream, "JPEG", progressive=True)
    content = stream.getvalue()

    assert jpeg.restore_end(content, 256 * 256) == content
    assert jpeg.restore_end(content[:-2], 256 * 256) == content
    monkeypatch.setattr(simplejpeg, "decode_jpeg", None)
    assert jpeg.restore_end(content[:-2], 256 * 256 - 1) == content[:-2]
    assert jpeg.restore_end(b"\xff\xd8\xff", 10**6) == b"\xff\xd8\xff"
