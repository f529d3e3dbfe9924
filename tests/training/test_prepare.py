import csv
import hashlib
import random
import shutil
import sys
from collections import Counter, defaultdict
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.training.test_robustness import make_example
from training import duplicates, prepare
from training.recipe import Split

MANIFESTS = Path(prepare.__file__).parent / "manifests"


def save(path: Path, pixels: NDArray[np.uint8], **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]


def draw(seed: int, size: int = 32) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, size=(size, size, 3), dtype=np.uint8)


def draw_landing_in(split: Split, shade: int) -> NDArray[np.uint8]:
    """The same picture as ever, with single pixels touched until its PNG file falls into the split."""
    smooth = np.asarray(Image.fromarray(draw(1, 8)).resize((64, 64), Image.Resampling.BICUBIC)).copy()
    for seed in range(1000):
        smooth[seed % 64, shade, 0] ^= 1
        stream = BytesIO()
        Image.fromarray(smooth).save(stream, "PNG")
        if prepare.split_of(hashlib.sha256(stream.getvalue()).hexdigest()) == split:
            return smooth
    raise AssertionError("no such picture")


def test_a_split_follows_from_the_bytes_and_not_from_name_or_company(textures: Path, tmp_path: Path) -> None:
    before = {example.sha256: example.split for example in prepare.list_examples(textures)}
    chosen = random.Random(3).sample(sorted((textures / "real").iterdir()), 9)
    for label in ("real", "fake"):
        (tmp_path / label).mkdir()
    for number, path in enumerate(chosen):
        shutil.copy(path, tmp_path / "real" / f"renamed-{number}.jpg")
    shutil.copy(next((textures / "fake").iterdir()), tmp_path / "fake" / "one.webp")

    found = prepare.list_examples(tmp_path)

    assert len(found) == 10
    for example in found:
        assert example.split == before[example.sha256]


def test_an_example_carries_the_facts_of_its_file(tmp_path: Path) -> None:
    save(tmp_path / "sd3" / "fake" / "a.jpg", draw(1)[:24], quality=83)
    save(tmp_path / "mine" / "real" / "b.png", draw(2))

    found = {example.label: example for example in prepare.list_examples(tmp_path)}

    fake, real = found["fake"], found["real"]
    assert (fake.source, fake.generator, fake.format, fake.jpeg_quality) == ("sd3", "Stable Diffusion 3", "JPEG", 83)
    assert (fake.width, fake.height, fake.path) == (32, 24, "sd3/fake/a.jpg")
    assert (real.source, real.generator, real.format, real.jpeg_quality) == ("mine", "", "PNG", 0)
    assert real.group == real.sha256
    assert len(real.phash) == 16


def test_copies_of_an_image_are_one_example(textures: Path, tmp_path: Path) -> None:
    shutil.copytree(textures, tmp_path, dirs_exist_ok=True)
    shutil.copy(tmp_path / "real" / "0.png", tmp_path / "real" / "copy.png")

    assert len(prepare.list_examples(tmp_path)) == len(prepare.list_examples(textures))


def test_one_image_under_both_labels_is_refused(textures: Path, tmp_path: Path) -> None:
    shutil.copytree(textures, tmp_path, dirs_exist_ok=True)
    shutil.copy(tmp_path / "real" / "0.png", tmp_path / "fake" / "same.png")

    with pytest.raises(ValueError, match="both labels"):
        prepare.list_examples(tmp_path)


@pytest.mark.parametrize("labels", [("real",), ("fake",)])
def test_a_folder_of_one_class_is_refused_with_what_it_needs(labels: tuple[str, ...], tmp_path: Path) -> None:
    for label in labels:
        save(tmp_path / label / "0.png", draw(0))

    with pytest.raises(ValueError, match="'real' and 'fake'"):
        prepare.list_examples(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"no image at all", b"\x89PNG\r\n\x1a\n", None], ids=["empty", "text", "start", "cut"]
)
def test_an_unreadable_file_is_refused_by_its_name(content: bytes | None, textures: Path, tmp_path: Path) -> None:
    shutil.copytree(textures, tmp_path, dirs_exist_ok=True)
    whole = (textures / "real" / "0.png").read_bytes()
    (tmp_path / "fake" / "broken.png").write_bytes(whole[: len(whole) // 2] if content is None else content)

    with pytest.raises(ValueError, match=r"fake/broken\.png cannot be read"):
        prepare.list_examples(tmp_path)


def test_the_command_refuses_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["prepare", "--data", str(tmp_path / "gone"), "--out", str(tmp_path / "m.csv")])

    with pytest.raises(SystemExit, match="prepare: There is no folder"):
        prepare.main()


def test_a_group_never_stands_on_two_sides(tmp_path: Path) -> None:
    rows = ["path,source_video"]
    for number in range(60):
        for label in ("real", "fake"):
            save(tmp_path / label / f"{number}.png", draw(2 * number + (label == "fake")))
            rows.append(f"{label}/{number}.png,video-{number // 3}")
    (tmp_path / "groups.csv").write_text("\n".join(rows) + "\n")

    found = prepare.list_examples(tmp_path)

    splits = defaultdict(set)
    for example in found:
        splits[example.group].add(example.split)
    assert len(found) == 120
    assert len(splits) == 20
    assert all(len(members) == 1 for members in splits.values())
    assert len({example.split for example in found}) == 3
    assert {example.group for example in found} == {f"{tmp_path.name}/video-{number}" for number in range(20)}


@pytest.mark.parametrize(
    ("one", "other", "groups"),
    [
        ("ffpp", "ffpp-nt", ("ff-110", "ff-110")),
        ("dfdc-faceswap", "dfdc-faceswap-more", ("aabqcugcpc", "aabqcugcpc")),
        # The number in a crop's name runs ahead of its video's.
        ("ffpp", "ffpp-nt", ("ff-412", "ff-401")),
    ],
)
def test_sets_of_the_same_videos_share_their_groups(
    one: str, other: str, groups: tuple[str, str], tmp_path: Path
) -> None:
    names = {"ffpp": "NeuralTextures_train_roi_3.png", "ffpp-nt": "401_0.png"}
    for number, (source, group) in enumerate(zip((one, other), groups, strict=True)):
        for label in ("real", "fake"):
            name = names.get(source, "0.png")
            save(tmp_path / source / label / name, draw(2 * number + (label == "fake")))
        rows = [f"{label}/{name},{group}" for label in ("real", "fake")]
        (tmp_path / source / "groups.csv").write_text("\n".join(["path,group", *rows]) + "\n")

    found = prepare.list_examples(tmp_path)

    assert len(found) == 4
    assert len({example.group for example in found}) == 1
    assert len({example.split for example in found}) == 1


def test_the_same_name_of_two_unrelated_sources_is_two_groups(tmp_path: Path) -> None:
    for number, source in enumerate(("mine", "yours")):
        save(tmp_path / source / "real" / "0.png", draw(2 * number))
        save(tmp_path / source / "fake" / "0.png", draw(2 * number + 1))
        (tmp_path / source / "groups.csv").write_text("path,group\nreal/0.png,ff-1\nfake/0.png,ff-1\n")

    assert {example.group for example in prepare.list_examples(tmp_path)} == {"mine/ff-1", "yours/ff-1"}


def test_a_name_as_long_as_a_hash_is_still_a_name() -> None:
    assert prepare.split_of("source/" + "v" * 57) in ("train", "validation", "test")


@pytest.mark.parametrize(("looser", "stricter"), [("train", "validation"), ("train", "test"), ("validation", "test")])
def test_a_near_duplicate_over_a_border_is_left_out_on_the_looser_side(
    looser: Split, stricter: Split, tmp_path: Path
) -> None:
    for shade, split in enumerate((looser, stricter)):
        save(tmp_path / "real" / f"{split}.png", draw_landing_in(split, shade))
    save(tmp_path / "fake" / "other.png", draw(9))

    found = {Path(example.path).stem: example.split for example in prepare.list_examples(tmp_path)}

    assert found[looser] == "left out"
    assert found[stricter] == stricter
    assert found["other"] != "left out"


def test_near_duplicates_within_a_split_both_stay(tmp_path: Path) -> None:
    for shade in (0, 1):
        save(tmp_path / "real" / f"{shade}.png", draw_landing_in("train", shade))
    save(tmp_path / "fake" / "other.png", draw(9))

    found = [example for example in prepare.list_examples(tmp_path) if example.label == "real"]

    assert [example.split for example in found] == ["train", "train"]
    assert list(duplicates.find_pairs([example.phash for example in found])) == [(0, 1)]


def test_the_same_photograph_with_another_face_in_it_is_a_near_duplicate(tmp_path: Path) -> None:
    """A changed middle moves more bits of the hash than saving anew does; the thumbnail shows the same surroundings."""
    photograph = np.asarray(Image.fromarray(draw(1, 8)).resize((256, 256), Image.Resampling.BICUBIC)).copy()
    for split in ("train", "test"):
        other = photograph.copy()
        if split == "test":
            other[104:152, 104:152] = 255 - other[104:152, 104:152]
        for seed in range(1000):
            other[0, seed % 256, 0] ^= 1
            stream = BytesIO()
            Image.fromarray(other).save(stream, "PNG")
            if prepare.split_of(hashlib.sha256(stream.getvalue()).hexdigest()) == split:
                break
        save(tmp_path / "real" / f"{split}.png", other)
    save(tmp_path / "fake" / "other.png", draw(9))

    found = {Path(example.path).stem: example for example in prepare.list_examples(tmp_path)}

    bits = (int(found["train"].phash, 16) ^ int(found["test"].phash, 16)).bit_count()
    assert duplicates.NEAR < bits <= duplicates.FAR
    assert found["train"].split == "left out"


def test_the_committed_manifest_is_what_the_faces_give(shared_data: Path, tmp_path: Path) -> None:
    prepare.write_manifest(prepare.list_examples(shared_data / "faces/ffhq-stylegan"), tmp_path / "m.csv")

    assert (tmp_path / "m.csv").read_text() == (MANIFESTS / "ffhq-stylegan.csv").read_text()


def test_an_image_is_split_the_same_among_few_sources_and_among_all(shared_data: Path) -> None:
    """The development faces are a part of the manifest's folder but for ffpp, whose files were saved anew."""
    with prepare.open_manifest(MANIFESTS / "faces.csv.gz") as file:
        listed = {row["sha256"]: row for row in csv.DictReader(file)}

    found = prepare.list_examples(shared_data / "faces")

    assert {one.source for one in found if one.sha256 not in listed} <= {"ffpp"}
    among_all = [(one, listed[one.sha256]) for one in found if one.sha256 in listed]
    for one, row in among_all:
        assert {**asdict(one), "split": ""} == {
            **row,
            "split": "",
            **{key: int(row[key]) for key in ("width", "height", "jpeg_quality")},
        }
        # Among more images more have a near-duplicate on a stricter side.
        assert row["split"] in (one.split, "left out")
    assert sum(row["split"] != one.split for one, row in among_all) < 0.01 * len(among_all)
    videos = {row["group"]: row["split"] for row in listed.values() if row["split"] != "left out"}
    assert all(videos[one.group] == one.split for one in found if one.source == "ffpp" and one.split != "left out")


@pytest.mark.parametrize(("name", "n"), [("ffhq-stylegan.csv", 1800), ("faces.csv.gz", 43849)])
def test_a_committed_manifest_splits_as_it_says(name: str, n: int) -> None:
    with prepare.open_manifest(MANIFESTS / name) as file:
        rows = list(csv.DictReader(file))

    kept = [row for row in rows if row["split"] != "left out"]
    assert len({row["sha256"] for row in rows}) == len(rows) == n
    assert all(row["split"] == prepare.split_of(row["group"]) for row in kept)
    assert len(rows) - len(kept) < 0.02 * len(rows)
    for split, share in (("train", 0.60), ("validation", 0.15), ("test", 0.25)):
        assert sum(row["split"] == split for row in kept) / len(kept) == pytest.approx(share, abs=0.02)


def test_the_committed_manifests_have_no_near_duplicates_over_a_border() -> None:
    with prepare.open_manifest(MANIFESTS / "faces.csv.gz") as file:
        kept = [row for row in csv.DictReader(file) if row["split"] != "left out"]

    pairs = list(duplicates.find_pairs([row["phash"] for row in kept]))
    assert pairs
    assert all(kept[one]["split"] == kept[other]["split"] for one, other in pairs)


def test_the_test_images_of_one_source_are_never_trained_on_in_company() -> None:
    splits = []
    for name in ("ffhq-stylegan.csv", "faces.csv.gz"):
        with prepare.open_manifest(MANIFESTS / name) as file:
            splits.append({row["sha256"]: row["split"] for row in csv.DictReader(file)})

    alone, together = splits
    assert all(together[sha256] in (split, "left out") for sha256, split in alone.items())


def test_every_sources_class_gives_at_most_so_many_images_and_always_the_same() -> None:
    examples = [
        replace(make_example(f"{number:064x}"), source=f"source {number % 3}", label=("real", "fake")[number % 2])
        for number in range(40)
    ]

    taken = prepare.take_some(examples, 4)

    assert set(Counter((one.source, one.label) for one in taken).values()) == {4}
    assert prepare.take_some(taken + examples[30:], 4) == taken


def test_a_manifest_that_cannot_be_written_is_refused_in_a_sentence(
    textures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["prepare", "--data", str(textures), "--out", str(tmp_path / "no" / "such.csv")])

    with pytest.raises(SystemExit, match=r"^prepare: .*such"):
        prepare.main()
