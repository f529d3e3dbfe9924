import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector import errors
from detector.decode import MAX_BYTES, decode, read_header, unpack

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"]
WIDTH, HEIGHT = 60, 40


def draw(mode: str = "RGB") -> Image.Image:
    """Smooth ramps, so that lossy formats keep them close."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    ramps = np.stack([x * 4, y * 6, 255 - x * 4], axis=-1).astype(np.uint8)
    return Image.fromarray(ramps).convert(mode)


def encode(image: Image.Image, file_format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


@pytest.mark.parametrize("file_format", FORMATS)
def test_each_format_is_told_by_its_bytes_and_keeps_its_colours(file_format: str) -> None:
    content = encode(draw(), file_format)

    header, pixels = read_header(content), decode(content)

    assert (header.format, header.width, header.height) == (file_format, WIDTH, HEIGHT)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - np.asarray(draw()).astype(int)).mean() < 12


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "BMP", "WEBP"])
def test_lossless_formats_give_the_same_pixels(file_format: str) -> None:
    options = {"lossless": True} if file_format == "WEBP" else {}

    assert np.array_equal(decode(encode(draw(), file_format, **options)), np.asarray(draw()))


def test_a_header_is_read_from_a_stream_too() -> None:
    stream = io.BytesIO(encode(draw(), "PNG"))
    stream.seek(7)

    assert read_header(stream).width == WIDTH


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_exif_orientation_turns_pixels_and_the_announced_size(file_format: str, orientation: int) -> None:
    turns: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a.transpose(1, 0, 2), 2),
        8: lambda a: np.rot90(a, 1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encode(draw(), file_format, exif=exif.tobytes())

    header, pixels = read_header(content), decode(content)

    expected = turns[orientation](np.asarray(draw()))
    assert (header.height, header.width) == pixels.shape[:2] == expected.shape[:2]
    assert np.abs(pixels.astype(int) - expected.astype(int)).mean() < 4


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "AVIF"])
def test_an_orientation_in_xmp_alone_turns_nothing_as_in_browsers(file_format: str) -> None:
    content = encode(draw(), file_format, xmp=b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>')

    header = read_header(content)

    assert (header.height, header.width) == decode(content).shape[:2] == (HEIGHT, WIDTH)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of the damage
def test_broken_exif_does_not_cost_the_picture() -> None:
    content = encode(draw(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7fbroken")

    assert decode(content).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "RGB"])
def test_each_colour_mode_becomes_rgb(mode: str) -> None:
    file_format = "TIFF" if mode in ("CMYK", "YCbCr") else "PNG"
    image = draw(mode)

    assert np.array_equal(decode(encode(image, file_format)), np.asarray(image.convert("RGB")))


def test_a_cmyk_jpeg_becomes_rgb() -> None:
    pixels = decode(encode(draw("CMYK"), "JPEG", quality=95))

    assert np.abs(pixels.astype(int) - np.asarray(draw()).astype(int)).mean() < 4


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
def test_alpha_is_laid_on_white(file_format: str) -> None:
    rgba = np.zeros((4, 6, 4), dtype=np.uint8)
    rgba[:, :2] = (255, 0, 0, 255)
    rgba[:, 2:4] = (255, 0, 0, 0)
    rgba[:, 4:] = (0, 0, 0, 128)
    options = {"lossless": True, "exact": True} if file_format == "WEBP" else {}

    row = decode(encode(Image.fromarray(rgba), file_format, **options))[0]

    assert row[0].tolist() == [255, 0, 0]
    assert row[2].tolist() == [255, 255, 255]
    assert row[4].tolist() == [127, 127, 127]


def test_a_transparent_palette_colour_and_grey_alpha_are_laid_on_white() -> None:
    palette = Image.new("P", (3, 1), 1)
    palette.putpalette([0, 0, 0, 0, 0, 255])

    assert decode(encode(palette, "PNG", transparency=1))[0, 0].tolist() == [255, 255, 255]
    assert decode(encode(Image.new("LA", (3, 1), (0, 0)), "PNG"))[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_of_16_bits_the_upper_8_are_kept(file_format: str) -> None:
    values = np.array([[0, 255, 256, 32768, 65535]], dtype=np.uint16)

    pixels = decode(encode(Image.fromarray(values), file_format))

    assert pixels[0, :, 0].tolist() == [0, 0, 1, 128, 255]
    assert (pixels == pixels[:, :, :1]).all()


def test_of_a_16_bit_rgb_png_the_upper_8_bits_are_kept() -> None:
    row = struct.pack(">6H", 0x1234, 0x5678, 0x9ABC, 0xFFFF, 0x0000, 0x80FF)
    content = _png(width=2, height=1, bit_depth=16, colour_type=2, rows=b"\0" + row)

    assert decode(content).tolist() == [[[0x12, 0x56, 0x9A], [0xFF, 0x00, 0x80]]]


def test_32_bit_float_pixels_are_refused() -> None:
    content = encode(Image.fromarray(np.ones((3, 3), dtype=np.float32)), "TIFF")

    with pytest.raises(errors.UnsupportedFormat):
        decode(content)


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_of_an_animation_the_first_frame_is_taken(file_format: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue", "blue")]

    pixels = decode(encode(frames[0], file_format, save_all=True, append_images=frames[1:]))

    assert np.abs(pixels.astype(int) - (255, 0, 0)).max() < 10


def test_an_empty_file_is_called_empty() -> None:
    for call in (read_header, decode):
        with pytest.raises(errors.EmptyFile):
            call(b"")


@pytest.mark.parametrize(
    "content",
    [b"\0", b"GIF", b"hello, I am a picture", b"%PDF-1.7\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>", bytes(999)],
)
def test_what_is_no_image_is_called_unsupported(content: bytes) -> None:
    with pytest.raises(errors.UnsupportedFormat):
        decode(content)


@pytest.mark.parametrize("file_format", ["ICO", "PPM", "PCX", "TGA", "PDF", "JPEG2000", "EPS"])
def test_formats_that_nobody_asked_for_stay_shut(file_format: str) -> None:
    content = encode(draw(), file_format)

    with pytest.raises(errors.UnsupportedFormat):
        read_header(content)


def test_a_file_over_20_mb_is_refused_before_it_is_looked_at() -> None:
    for call in (read_header, decode):
        with pytest.raises(errors.FileTooLarge):
            call(b"\xff\xd8\xff" + bytes(25 * 1024 * 1024))
    assert decode(encode(draw(), "PNG") + bytes(MAX_BYTES - 20_000)).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (10_000, 5_001), (12_000, 9_000)])
def test_a_png_that_promises_too_many_pixels_is_refused_by_its_header(width: int, height: int) -> None:
    content = _png(width=width, height=height, bit_depth=8, colour_type=2, rows=b"")

    for call in (read_header, decode):
        with pytest.raises(errors.TooManyPixels):
            call(content)


def test_fifty_megapixels_are_still_taken() -> None:
    content = _png(width=10_000, height=5_000, bit_depth=1, colour_type=0, rows=bytes(1251 * 5_000))

    assert read_header(content).width == 10_000


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_half_a_file_is_called_truncated(file_format: str, kept: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, size=(128, 128, 3), dtype=np.uint8)
    whole = encode(Image.fromarray(noise), file_format)

    with pytest.raises(errors.TruncatedImage):
        decode(whole[: int(len(whole) * kept)])


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of the damage
@pytest.mark.parametrize("file_format", FORMATS)
def test_any_cut_and_any_damage_ends_in_pixels_or_in_a_decode_error(file_format: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, size=(32, 32, 3), dtype=np.uint8)
    whole = encode(Image.fromarray(noise), file_format)
    rng = np.random.default_rng(1)

    for cut in rng.integers(1, len(whole), size=60):
        _decode_or_refuse(whole[:cut])
    for _ in range(150):
        damaged = bytearray(whole)
        for position in rng.integers(0, len(whole), size=4):
            damaged[position] = rng.integers(0, 256)
        _decode_or_refuse(bytes(damaged))


def test_damage_inside_a_whole_file_is_called_undecodable() -> None:
    header = _png(width=8, height=8, bit_depth=8, colour_type=2, rows=b"")[:33]

    with pytest.raises(errors.UndecodableImage):
        decode(header + _chunk(b"IDAT", b"no zlib stream at all") + _chunk(b"IEND", b""))


def test_every_error_has_a_code_and_a_sentence_that_says_what_to_do() -> None:
    leaves = [leaf for branch in errors.DetectorError.__subclasses__() for leaf in branch.__subclasses__()]

    assert len({leaf.code for leaf in leaves}) == len(leaves) == 11
    for leaf in leaves:
        assert str(leaf()) == leaf.message
        assert leaf.message.count(".") >= 2


def _decode_or_refuse(content: bytes) -> None:
    try:
        assert decode(content).shape[2] == 3
    except errors.DecodeError as refusal:
        assert refusal.code  # noqa: PT017 - either way out is right, any other exception is not


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(*, width: int, height: int, bit_depth: int, colour_type: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bit_depth, colour_type, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(("short_side", "reduction"), [(600, 1), (400, 1), (300, 2), (151, 2), (150, 4), (1, 8)])
def test_a_large_jpeg_is_unpacked_to_the_least_that_is_enough(short_side: int, reduction: int) -> None:
    content = encode(draw().resize((800, 600)), "JPEG", quality=90)

    decoded = unpack(content, short_side=short_side)

    assert decoded.reduction == reduction
    assert (decoded.width, decoded.height) == (800, 600)
    assert decoded.pixels.shape == (600 // reduction, 800 // reduction, 3)
    whole = np.asarray(Image.fromarray(decode(content)).reduce(reduction)).astype(int)
    assert np.abs(decoded.pixels.astype(int) - whole).mean() < 1


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_turned_jpeg_is_unpacked_smaller_and_upright(mode: str, progressive: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encode(draw(mode).resize((803, 601)), "JPEG", exif=exif.tobytes(), progressive=progressive)

    decoded = unpack(content, short_side=300)

    assert (decoded.width, decoded.height, decoded.reduction) == (601, 803, 2)
    assert decoded.pixels.shape == (402, 301, 3)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
def test_other_formats_are_unpacked_whole(file_format: str) -> None:
    decoded = unpack(encode(draw(), file_format), short_side=1)

    assert decoded.reduction == 1
    assert (decoded.width, decoded.height) == (WIDTH, HEIGHT)


def test_a_large_jpeg_that_ends_early_is_told_from_a_sound_one() -> None:
    content = encode(draw().resize((800, 600)), "JPEG", quality=90)

    with pytest.raises(errors.TruncatedImage):
        unpack(content[: len(content) // 2], short_side=100)
