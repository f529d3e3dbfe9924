import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector import decode as decode_module
from detector import errors
from detector.decode import MAX_BYTES, decode, read_header, unpack
from tests.conftest import ROOT

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"]
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
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
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

    with pytest.raises(errors.UnsupportedKind):
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


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (10_000, 10_001), (12_000, 9_000)])
def test_a_png_that_promises_too_many_pixels_is_refused_by_its_header(width: int, height: int) -> None:
    content = _png(width=width, height=height, bit_depth=8, colour_type=2, rows=b"")

    for call in (read_header, decode):
        with pytest.raises(errors.TooManyPixels):
            call(content)


@pytest.mark.filterwarnings("error")
def test_a_hundred_megapixels_are_still_taken() -> None:
    content = _png(width=10_000, height=10_000, bit_depth=1, colour_type=0, rows=bytes(1251 * 10_000))

    assert read_header(content).width == 10_000
    assert unpack(content, short_side=1000).pixels.shape == (1250, 1250, 3)


HUNDRED_MEGAPIXELS = """
import io, resource, sys
from pathlib import Path
from PIL import Image
from detector import decode
content = Path(sys.argv[1]).read_bytes()
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, used + 2**30))
print(decode.unpack(content, short_side=1468).pixels.shape, decode.decode(content).shape)
"""


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_hundred_megapixels_need_no_more_than_a_gigabyte(mode: str, tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(encode(Image.new(mode, (10_000, 10_000)), "PNG", compress_level=1))

    ended = subprocess.run(
        [sys.executable, "-c", HUNDRED_MEGAPIXELS, tmp_path / "large.png"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert ended.stdout == "(2500, 2500, 3) (10000, 10000, 3)\n"


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

    assert len({leaf.code for leaf in leaves}) == len(leaves) == 12
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
def test_other_formats_of_no_more_than_50_megapixels_are_unpacked_whole(file_format: str) -> None:
    decoded = unpack(encode(draw(), file_format), short_side=1)

    assert decoded.reduction == 1
    assert (decoded.width, decoded.height) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
def test_of_a_larger_one_means_of_the_same_pixels_are_left(file_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In strips, whose borders leave no trace; WebP by another decoder."""
    picture = np.random.default_rng(0).integers(0, 256, (301, 203, 4), dtype=np.uint8)
    content = encode(Image.fromarray(picture), file_format, **({"lossless": True} if file_format == "WEBP" else {}))
    whole = decode(content)
    monkeypatch.setattr(decode_module, "_LARGE_FROM", 1_000)
    monkeypatch.setattr(decode_module, "_STRIP_PIXELS", 5_000)

    decoded = unpack(content, short_side=100)

    assert np.array_equal(decode(content), whole)
    assert (decoded.width, decoded.height, decoded.reduction) == (203, 301, 2)
    assert np.array_equal(decoded.pixels, np.asarray(Image.fromarray(whole).reduce(2)))


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_only_its_end_is_read(mode: str, progressive: bool) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (61, 83, 3), dtype=np.uint8)
    thumbnail = b"Exif\0\0" + encode(draw(), "JPEG")  # whose end is not the picture's
    content = encode(Image.fromarray(noise).convert(mode), "JPEG", progressive=progressive, exif=thumbnail)
    assert content.endswith(b"\xff\xd9")

    assert np.array_equal(decode(content[:-2]), decode(content))
    assert np.array_equal(decode(content[:-1]), decode(content))
    for lost in (*range(3, 40), len(content) // 3):
        with pytest.raises(errors.TruncatedImage):
            decode(content[:-lost])


def test_a_progressive_jpeg_that_lacks_whole_scans_is_truncated() -> None:
    content = encode(draw().resize((300, 200)), "JPEG", progressive=True)
    scans = [place for place in range(len(content)) if content[place : place + 2] == b"\xff\xda"]
    tables = content.rfind(b"\xff\xc4", 0, scans[-1])

    assert len(scans) > 5
    with pytest.raises(errors.TruncatedImage):
        decode(content[: min(tables, scans[-1])])


def test_a_kind_that_cannot_be_read_is_not_called_damaged() -> None:
    layout = struct.pack("<III", 0x7C00, 0x3E0, 0x1F)  # five bits a channel in pixels of 32
    header = struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, 32, 3, 16, 0, 0, 0, 0)
    bitmap = struct.pack("<2sIHHI", b"BM", 66 + 16, 0, 0, 66) + header + layout + bytes(16)
    avif = encode(draw(), "AVIF")
    of_tomorrow = avif.replace(b"av01", b"av99")

    for content, name in ((bitmap, "BMP"), (of_tomorrow, "AVIF")):
        with pytest.raises(errors.UnsupportedKind, match=f"a kind of {name} image that we cannot read"):
            decode(content)
    with pytest.raises(errors.TruncatedImage):
        decode(avif[: len(avif) // 2])


def test_the_primary_image_of_a_heic_is_taken() -> None:
    stream = io.BytesIO()
    teal, red = (Image.new("RGB", (64, 64), colour) for colour in ("teal", "red"))
    red.save(stream, "HEIF", save_all=True, append_images=[teal], primary_index=1, quality=90)

    decoded = unpack(stream.getvalue())

    assert (decoded.frames, decoded.is_animated) == (2, False)
    assert np.abs(decoded.pixels.astype(int) - (0, 128, 128)).max() < 6


def test_an_avif_of_green_blue_and_red_planes_has_its_colours() -> None:
    """Its planes are those of the colours themselves, for a codec that finds luminance and two differences in them."""
    green, blue, red = (np.asarray(draw()).astype(float)[..., channel] / 4 + 96 for channel in (1, 2, 0))
    disguised = (green + 1.402 * (red - 128), green - 0.344136 * (blue - 128) - 0.714136 * (red - 128))
    layers = np.stack([*disguised, green + 1.772 * (blue - 128)], axis=-1).round().astype(np.uint8)
    content = encode(Image.fromarray(layers), "AVIF", quality=100, subsampling="4:4:4", speed=10)
    place = content.index(b"colrnclx") + 12
    content = content[:place] + b"\0\0" + content[place + 2 :]  # matrix coefficients: identity

    pixels = decode(content).astype(int)

    assert np.abs(pixels - np.stack([red, green, blue], axis=-1)).max() < 5


def test_a_large_jpeg_that_ends_early_is_told_from_a_sound_one() -> None:
    content = encode(draw().resize((800, 600)), "JPEG", quality=90)

    with pytest.raises(errors.TruncatedImage):
        unpack(content[: len(content) // 2], short_side=100)
