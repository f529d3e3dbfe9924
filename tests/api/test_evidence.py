"""GET /api/v1/analyses/{id}/evidence."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import ExifTags, Image, PngImagePlugin

from batches import claims, likeness, results, store
from batches.models import Analysis
from batches.results import Scored
from detector import decode, faces, preprocess
from detector.card import FileCard
from detector.evidence import Band, dump_band, perceptual_hash, spectrum
from detector.faces import Face
from detector.preprocess import InputSpec
from registry import versions
from tests.api.conftest import client_of, picture
from tests.registry import samples


def send(client: Client, *contents: bytes) -> list[Analysis]:
    files = [SimpleUploadedFile(f"{place}.jpg", content) for place, content in enumerate(contents)]
    batch = client.post("/api/v1/batches", {"images": files}).json()["batch"]["id"]
    return list(Analysis.objects.filter(batch=batch).order_by("ordinal"))


def ask(client: Client, analysis: Analysis, **query: str) -> Any:
    return client.get(f"/api/v1/analyses/{analysis.id}/evidence", query)


def judge(*hashes: str, **rest: Any) -> None:
    """Gives the waiting analyses a result; the images have these hashes."""
    claim = claims.take("interactive", 100, owner="w1")
    results.record(
        claim, [Scored(0.75, "fake", [], "old-1", samples.ENGINE, 1, 1, perceptual_hash=one, **rest) for one in hashes]
    )


def grain(seed: int, side: int = 96) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 255, (12, 12, 3), dtype=np.uint8)).resize((side, side))


def save(image: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    output = io.BytesIO()
    image.save(output, format, **options)
    return output.getvalue()


def test_a_plain_photograph_shows_what_is_there_and_what_is_not(client: Client) -> None:
    [analysis] = send(client, save(grain(0), quality=80))

    found = ask(client, analysis).json()

    assert found["metadata"] == {}
    assert found["declared_ai"] is None
    assert found["c2pa"] == {"state": "none", "signer": None, "generator": None}
    assert found["jpeg"] == {"quality": 80, "subsampling": "4:2:0", "double_compression": False}
    assert len(found["spectrum"]["profile"]) == 128
    assert [found["spectrum"][name] for name in ("low", "middle", "high")] == [None] * 3
    assert found["similar"] == []


def test_of_an_animation_it_says_how_many_frames_there_are(client: Client) -> None:
    frames = [grain(seed) for seed in range(3)]
    [analysis] = send(client, save(frames[0], "GIF", save_all=True, append_images=frames[1:]))

    assert ask(client, analysis).json()["metadata"]["Frames"] == "3"


def test_the_place_is_for_staff_alone_and_only_where_it_is_asked_for(client: Client, owner: User) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "A Camera"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    [analysis] = send(client, save(grain(0), exif=exif))

    plain, refused = ask(client, analysis), ask(client, analysis, gps="1")
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    unasked, asked = ask(client, analysis), ask(client, analysis, gps="1")

    assert plain.json()["metadata"] == unasked.json()["metadata"] == {"Make": "A Camera"}
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert asked.json()["metadata"] == {"Make": "A Camera", "GPSLatitudeRef": "N"}


def test_a_generators_own_words_are_told_apart_from_the_score(client: Client) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", "a face, Steps: 20, Sampler: Euler, Seed: 1")
    [analysis] = send(client, save(grain(0), "PNG", pnginfo=texts))

    found = ask(client, analysis).json()

    words = "a face, Steps: 20, Sampler: Euler, Seed: 1"
    assert found["declared_ai"] == {"by": "text parameters", "detail": words}
    assert found["metadata"] == {"text parameters": words}
    assert found["jpeg"] is None


def test_the_spectrum_is_that_of_the_face_that_decided_beside_the_band_of_its_model(
    client: Client, tmp_path: Path
) -> None:
    image = np.asarray(grain(1, side=1200))
    image = np.asarray(np.where(np.arange(1200)[None, :, None] < 600, image, 128), dtype=np.uint8)
    [analysis] = send(client, save(Image.fromarray(image), "PNG"))
    card = samples.make(tmp_path / "bundle")
    curve = np.zeros(128, dtype=np.float32)
    (tmp_path / "bundle" / "spectrum.npz").write_bytes(dump_band(Band(curve, curve + 1, curve + 2)))
    card = samples.rehash(tmp_path / "bundle", spectrum=FileCard("spectrum.npz", ""))
    versions.take_in(tmp_path / "bundle", by=None)
    boxes = [{"x": 100, "y": 100, "width": 200, "height": 200}, {"x": 800, "y": 700, "width": 200, "height": 200}]
    scores = [{"fake_probability": 0.9, "verdict": "fake"}, {"fake_probability": 0.1, "verdict": "real"}]
    Analysis.objects.update(
        state="done",
        verdict="fake",
        fake_probability=0.9,
        model_version=card.version,
        faces=[box | score for box, score in zip(boxes, scores, strict=True)],
    )

    found = ask(client, analysis).json()["spectrum"]

    square = preprocess.fit(faces.crop(image, Face(**boxes[0])), InputSpec(card.input.size))
    assert found["profile"] == pytest.approx(spectrum(square).tolist(), abs=1e-3)
    assert [found[name] for name in ("low", "middle", "high")] == [[0.0] * 128, [1.0] * 128, [2.0] * 128]


def test_the_same_picture_saved_again_is_similar_and_another_is_not(client: Client) -> None:
    contents = [save(grain(0), quality=95), save(grain(0), quality=70), save(grain(1))]
    first, again, _ = send(client, *contents)
    judge(*(perceptual_hash(decode.decode(content)) for content in contents))

    [found] = ask(client, first).json()["similar"]

    assert found.pop("distance") <= likeness.FARTHEST
    assert found == {
        "analysis_id": str(again.id),
        "batch_id": str(again.batch_id),
        "filename": "1.jpg",
        "verdict": "fake",
        "fake_probability": 0.75,
    }


def test_an_image_that_still_waits_has_evidence_and_its_like_no_verdict(client: Client) -> None:
    [first], [again] = send(client, picture()), send(client, picture())

    [found] = ask(client, first).json()["similar"]

    assert (found["analysis_id"], found["distance"], found["verdict"]) == (str(again.id), 0, None)


def test_evidence_is_private(client: Client, stranger: User) -> None:
    [analysis] = send(client, picture())

    answer = ask(client_of(stranger), analysis)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert ask(Client(), analysis).status_code == 401


def test_a_file_that_is_gone_or_broken_is_told_by_its_code(client: Client) -> None:
    gone, broken = send(client, picture("red"), picture(size=(400, 400))[:2000])
    store.path_of(gone.image_id).unlink()

    answers = [ask(client, analysis) for analysis in (gone, broken)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (404, "file_missing"),
        (404, "truncated_image"),
    ]


def test_a_question_that_makes_no_sense_is_named_so(client: Client) -> None:
    [analysis] = send(client, picture())

    assert ask(client, analysis, gps="perhaps").json()["code"] == "invalid_request"
