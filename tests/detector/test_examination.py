import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector import decode, errors, preprocess
from detector.examination import examine
from detector.preprocess import InputSpec
from tests.detector import pictures
from tests.detector.pictures import Picture

SPEC = InputSpec(128)


def encode(picture: Picture, file_format: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, file_format, **options)
    return stream.getvalue()


def test_a_face_crop_is_seen_as_training_sees_it(shared_data: Path) -> None:
    content = sorted((shared_data / "faces" / "ffhq-stylegan" / "real").iterdir())[0].read_bytes()

    examined = examine(content, SPEC)

    assert (examined.width, examined.height, examined.face_count) == (256, 256, 1)
    assert np.array_equal(examined.pixels[0], preprocess.fit(decode.decode(content), SPEC))
    assert examined.quality.jpeg_quality == 75
    assert 120 < examined.quality.face_px < 256


def test_without_a_face_the_whole_image_is_kept() -> None:
    for name, picture in pictures.draw_without_faces():
        examined = examine(encode(picture), SPEC)
        assert (examined.face_count, examined.faces, examined.quality.face_px) == (0, (), 0), name
        assert np.array_equal(examined.pixels, preprocess.fit(picture, SPEC)[None])


def test_every_face_has_its_square_largest_first(shared_data: Path) -> None:
    heads = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "fake", 3)

    examined = examine(encode(pictures.lay_out(heads, 280, (400, 1200))), SPEC)

    assert len(examined.faces) == examined.face_count == 3
    assert examined.pixels.shape == (3, 128, 128, 3)
    assert examined.quality.face_px == examined.faces[0].side


def test_faces_too_small_to_judge_are_counted_but_not_kept(shared_data: Path) -> None:
    yunet = shared_data / "weights" / "face_detection_yunet_2026may.onnx"
    heads = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "fake", 2)
    picture = pictures.lay_out(heads[:1], 110, (500, 900))
    picture[150:450, 20:320] = pictures.lay_out(heads[1:], 300, (300, 300))

    examined = examine(encode(picture), SPEC, yunet)

    assert examined.face_count == 2
    assert len(examined.faces) == len(examined.pixels) == 1
    assert examined.faces[0].x < 320


def test_where_all_faces_are_small_the_largest_is_kept(shared_data: Path) -> None:
    heads = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "fake", 2)

    examined = examine(encode(pictures.lay_out(heads, 100, (500, 700))), SPEC)

    assert len(examined.faces) == 1
    assert 40 < examined.quality.face_px < 96


def test_an_image_turned_by_exif_is_searched_upright(shared_data: Path) -> None:
    (head,) = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 1)
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = np.ascontiguousarray(np.rot90(pictures.lay_out([head], 300, (400, 700))))

    examined = examine(encode(lying, exif=exif.tobytes()), SPEC)

    assert (examined.width, examined.height) == (700, 400)
    assert examined.face_count == 1


def test_yunet_may_look_instead(shared_data: Path) -> None:
    heads = pictures.read_faces(shared_data / "faces" / "sdxl-flux" / "fake", 2)
    content = encode(pictures.lay_out(heads, 280, (400, 900)))

    assert examine(content, SPEC, shared_data / "weights" / "face_detection_yunet_2026may.onnx").face_count == 2


def test_what_is_no_image_is_refused_as_when_decoding() -> None:
    with pytest.raises(errors.UnsupportedFormat):
        examine(b"hello, I am a picture", SPEC)


@pytest.mark.parametrize("side", [2950, 1100, 500])
def test_a_face_in_a_large_jpeg_is_seen_as_in_the_whole_image(shared_data: Path, side: int) -> None:
    """A PNG is always decoded whole; at 500 pixels the JPEG's face needs the whole image too."""
    head = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 1)
    picture = pictures.lay_out(head, side, (3000, 4000))

    reduced, whole = examine(encode(picture, "JPEG", quality=95), SPEC), examine(encode(picture), SPEC)

    assert (reduced.width, reduced.height, reduced.face_count) == (4000, 3000, 1)
    face, same = reduced.faces[0], whole.faces[0]
    assert face.side == pytest.approx(same.side, rel=0.1)
    assert (face.x, face.y) == pytest.approx((same.x, same.y), abs=0.06 * side)
    assert reduced.quality.face_px == face.side
    assert reduced.pixels.shape == whole.pixels.shape


def test_a_reduced_photograph_gives_the_model_the_pixels_of_the_whole(shared_data: Path) -> None:
    for path in sorted((shared_data / "photos" / "real").iterdir())[:3]:
        photograph = Image.fromarray(decode.decode(path.read_bytes())).resize((3000, 3000))
        content = encode(np.asarray(photograph), "JPEG", quality=92)

        whole = preprocess.fit(decode.decode(content), SPEC).astype(int)
        reduced = preprocess.fit(decode.unpack(content, short_side=1468).pixels, SPEC).astype(int)

        assert np.abs(reduced - whole).mean() < 0.5
        assert np.abs(reduced - whole).max() < 12


def animate(first: Picture, *others: Picture, file_format: str = "GIF") -> bytes:
    further = [Image.fromarray(other) for other in others]
    return encode(first, file_format, save_all=True, append_images=further)


def test_every_frame_of_a_short_animation_is_examined(shared_data: Path) -> None:
    (head,) = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 1)
    empty = np.full_like(head, 128)

    examined = examine(animate(empty, head, empty, file_format="PNG"), SPEC, is_hashed=True)

    looks = (examined, *examined.later)
    assert [(look.place, look.face_count) for look in looks] == [(0, 0), (1, 1), (2, 0)]
    assert {(look.frames, look.frames_examined) for look in looks} == {(3, 3)}
    assert np.array_equal(examined.later[0].pixels[0], preprocess.fit(head, SPEC))
    assert examined.perceptual_hash == examine(encode(empty), SPEC, is_hashed=True).perceptual_hash


def test_of_a_long_animation_evenly_spaced_frames_are_examined() -> None:
    pages = [np.full((40, 40, 3), 10 * place, dtype=np.uint8) for place in range(24)]

    examined = examine(animate(*pages), SPEC)

    assert (examined.frames, examined.frames_examined) == (24, 16)
    assert examined.later[-1].place == 23
    assert np.abs(examined.later[-1].pixels.astype(int) - 230).max() < 3


def test_frames_up_to_the_first_broken_one_are_examined() -> None:
    rng = np.random.default_rng(0)
    content = animate(*(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8) for _ in range(4)), file_format="PNG")

    examined = examine(content[: len(content) * 5 // 8], SPEC)

    assert (examined.frames, examined.frames_examined) == (4, 2)


def test_of_pages_the_first_alone_is_examined() -> None:
    pages = [np.full((40, 40, 3), 10 * place, dtype=np.uint8) for place in range(3)]

    examined = examine(animate(*pages, file_format="TIFF"), SPEC)

    assert (examined.frames, examined.frames_examined, examined.later) == (3, 1, ())
