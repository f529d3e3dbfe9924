import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training import layouts, sources
from training.layouts import Entry


def fill(folder: Path, *places: str) -> Path:
    """Small images at these places; a layout is told by names, so all may look the same."""
    for place in places:
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((8, 8, 3), dtype=np.uint8)).save(path)
    return folder


def test_a_folder_of_real_and_fake_is_a_source_named_after_itself(tmp_path: Path) -> None:
    folder = fill(tmp_path / "mine", "real/a.jpg", "Fake/deep/b.PNG")
    (folder / "real" / "notes.txt").write_text("no image")
    fill(folder, "real/.hidden.jpg", ".cache/real/c.jpg")

    assert layouts.find(folder) == [
        Entry("Fake/deep/b.PNG", "fake", "mine", ""),
        Entry("real/a.jpg", "real", "mine", ""),
    ]


@pytest.mark.parametrize("column", ["group", "source_video"])
def test_groups_come_from_a_table(column: str, tmp_path: Path) -> None:
    folder = fill(tmp_path, "real/a.jpg", "fake/b.jpg")
    (folder / "groups.csv").write_text(f"path,label,{column}\nreal/a.jpg,real,one\nfake/b.jpg,fake,two\n")

    assert {entry.path: entry.group for entry in layouts.find(folder)} == {"real/a.jpg": "one", "fake/b.jpg": "two"}


def test_a_group_called_like_its_only_image_is_none(tmp_path: Path) -> None:
    folder = fill(tmp_path, "real/a.jpg", "fake/b.jpg")
    (folder / "groups.csv").write_text("path,group\nreal/a.jpg,a.jpg\nfake/b.jpg,two\n")

    assert {entry.path: entry.group for entry in layouts.find(folder)} == {"real/a.jpg": "", "fake/b.jpg": "two"}


def test_a_fake_of_faceforensics_is_named_after_the_method_in_its_file_name(tmp_path: Path) -> None:
    methods = ("Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures")
    folder = fill(
        tmp_path / "ffpp", "real/youtube_train_roi_0.jpg", *(f"fake/{name}_train_roi_7.jpg" for name in methods)
    )

    found = {
        entry.generator: sources.find_family("ffpp", entry.label, entry.generator) for entry in layouts.find(folder)
    }

    assert found == {
        "": None,
        "FaceForensics++ Deepfakes": "swap",
        "FaceForensics++ FaceSwap": "swap",
        "FaceForensics++ Face2Face": "reenactment",
        "FaceForensics++ NeuralTextures": "reenactment",
    }


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("path,video\nreal/a.jpg,one\n", "columns"),
        ("path,source_video\nreal/a.jpg,one\n", "no group for fake/b.jpg"),
    ],
)
def test_a_table_of_groups_must_name_every_image(table: str, complaint: str, tmp_path: Path) -> None:
    fill(tmp_path, "real/a.jpg", "fake/b.jpg")
    (tmp_path / "groups.csv").write_text(table)

    with pytest.raises(ValueError, match=complaint):
        layouts.find(tmp_path)


def test_kaggles_140k_faces_are_found_in_their_wrappings(tmp_path: Path) -> None:
    places = [
        f"real_vs_fake/real-vs-fake/{split}/{label}/0.jpg"
        for split in ("train", "valid", "test")
        for label in ("real", "fake")
    ]
    folder = fill(tmp_path / "140k", *places)

    found = layouts.find(folder)

    assert [entry.path for entry in found] == sorted(places)
    assert {entry.source for entry in found} == {"140k"}
    assert all(entry.label in Path(entry.path).parts for entry in found)


def test_kaggles_deepfake_and_real_images_are_found_whatever_their_letter_case(tmp_path: Path) -> None:
    places = [
        f"Dataset/{split}/{label}/{label}_0.jpg"
        for split in ("Train", "Test", "Validation")
        for label in ("Real", "Fake")
    ]
    folder = fill(tmp_path / "deepfake-and-real", *places)

    assert {(entry.path, entry.label, entry.source) for entry in layouts.find(folder)} == {
        (place, place.split("/")[2].lower(), "deepfake-and-real") for place in places
    }


def test_faceforensics_keeps_the_two_videos_of_a_swap_together(tmp_path: Path) -> None:
    folder = fill(
        tmp_path / "ff++",
        "original_sequences/youtube/c23/frames/033/0.png",
        "original_sequences/youtube/c23/frames/097/0.png",
        "original_sequences/youtube/c23/frames/500/0.png",
        "original_sequences/actors/c23/frames/01__exit/0.png",
        "manipulated_sequences/Deepfakes/c23/frames/033_097/0.png",
        "manipulated_sequences/Face2Face/c23/frames/097_033/0.png",
        "manipulated_sequences/DeepFakeDetection/c23/frames/01_02__exit__ABC/0.png",
    )

    found = {Path(entry.path).parent.name: entry for entry in layouts.find(folder)}

    assert {found[video].group for video in ("033", "097", "033_097", "097_033")} == {"033_097"}
    assert found["500"].group == "500"
    assert found["01__exit"].group == found["01_02__exit__ABC"].group == "01"
    assert {entry.generator for entry in found.values()} == {"", "Deepfakes", "Face2Face", "DeepFakeDetection"}
    assert found["033"].label == "real"
    assert found["033_097"].label == "fake"


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("manipulated_sequences/Deepfakes/frames/0.png", "named after its video"),
        ("manipulated_sequences/Deepfakes/033_100/0.png", "third"),
    ],
)
def test_faceforensics_frames_that_would_leak_over_a_split_are_refused(
    place: str, complaint: str, tmp_path: Path
) -> None:
    fill(tmp_path, "original_sequences/youtube/033/0.png", "manipulated_sequences/Deepfakes/033_097/0.png", place)

    with pytest.raises(ValueError, match=complaint):
        layouts.find(tmp_path)


@pytest.mark.parametrize("masks", ["Deepfakes/masks/videos", "Deepfakes/c23/masks", "Deepfakes/c23/Masks"])
def test_masks_of_swaps_are_no_fakes(masks: str, tmp_path: Path) -> None:
    frame = "manipulated_sequences/Deepfakes/c23/frames/000_003/000.png"
    fill(tmp_path, "original_sequences/youtube/c23/frames/000/000.png", frame)
    fill(tmp_path, f"manipulated_sequences/{masks}/000_003/000.png")

    assert [entry.path for entry in layouts.find(tmp_path) if entry.label == "fake"] == [frame]


def test_masks_beside_celeb_dfs_frames_are_no_fakes(tmp_path: Path) -> None:
    fill(tmp_path, "Celeb-real/frames/id0_0001/0.png", "Celeb-synthesis/frames/id0_id1_0001/0.png")
    fill(tmp_path, "Celeb-synthesis/masks/id0_id1_0001/0.png")

    assert [entry.path.split("/")[:2] for entry in layouts.find(tmp_path)] == [
        ["Celeb-real", "frames"],
        ["Celeb-synthesis", "frames"],
    ]


def test_faces_in_masks_are_faces(tmp_path: Path) -> None:
    fill(tmp_path, "real/masks/0.jpg", "fake/masks/0.jpg")

    assert len(layouts.find(tmp_path)) == 2


def test_celeb_df_is_grouped_by_the_person_whose_video_it_was(tmp_path: Path) -> None:
    folder = fill(
        tmp_path,
        "Celeb-real/id0_0001/0.jpg",
        "Celeb-synthesis/id0_id1_0001/0.jpg",
        "Celeb-synthesis/id1_id0_0001/0.jpg",
        "YouTube-real/00007/0.jpg",
    )

    assert {(entry.path.split("/")[1], entry.label, entry.group) for entry in layouts.find(folder)} == {
        ("id0_0001", "real", "id0"),
        ("id0_id1_0001", "fake", "id0"),
        ("id1_id0_0001", "fake", "id1"),
        ("00007", "real", "00007"),
    }


def test_celeb_df_frames_without_a_folder_for_their_video_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, "Celeb-real/id0_0001.jpg", "Celeb-synthesis/id0_id1_0001/0.jpg")

    with pytest.raises(ValueError, match="named after its video"):
        layouts.find(tmp_path)


def test_dfdc_is_labelled_and_grouped_by_its_metadata(tmp_path: Path) -> None:
    facts = {
        "a.mp4": {"label": "REAL", "split": "train", "original": None},
        "b.mp4": {"label": "FAKE", "split": "train", "original": "a.mp4"},
        "gone.mp4": {"label": "FAKE", "split": "train", "original": "a.mp4"},
    }
    fill(tmp_path / "part", "a/0.png", "b/0.png", "unlisted/0.png")
    (tmp_path / "part" / "metadata.json").write_text(json.dumps(facts))

    assert layouts.find(tmp_path) == [
        Entry("part/a/0.png", "real", "part", "", "a"),
        Entry("part/b/0.png", "fake", "part", "DFDC", "a"),
    ]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"a.mp4": {"split": "test"}}', '{"a.mp4": {"label": "maybe"}}', '{"a": 1}']
)
def test_dfdc_metadata_without_labels_is_refused(text: str, tmp_path: Path) -> None:
    fill(tmp_path, "a/0.png")
    (tmp_path / "metadata.json").write_text(text)

    with pytest.raises(ValueError, match=r"metadata\.json.* is not DFDC's"):
        layouts.find(tmp_path)


def test_several_sources_of_any_layout_stand_side_by_side(tmp_path: Path) -> None:
    fill(
        tmp_path,
        "sd3/fake/0.jpg",
        "holidays/real/0.jpg",
        "kaggle/Dataset/Train/Real/0.jpg",
        "celeb/Celeb-real/id0_0001/0.jpg",
    )

    assert [(entry.source, entry.label, entry.generator) for entry in layouts.find(tmp_path)] == [
        ("celeb", "real", ""),
        ("holidays", "real", ""),
        ("kaggle", "real", ""),
        ("sd3", "fake", "Stable Diffusion 3"),
    ]


def test_a_source_is_named_the_same_alone_and_in_company(tmp_path: Path) -> None:
    alone = fill(tmp_path, "faces/sd3/fake/0.jpg", "faces/sd3/real/0.jpg")

    assert {entry.source for entry in layouts.find(alone / "faces")} == {"sd3"}
    assert {entry.source for entry in layouts.find(alone / "faces" / "sd3")} == {"sd3"}


def test_no_source_is_passed_over_in_silence(tmp_path: Path) -> None:
    fill(tmp_path, "good/real/0.jpg", "good/fake/0.jpg", "odd/pictures/0.jpg")
    (tmp_path / "empty").mkdir()

    with pytest.raises(ValueError, match="odd is in none of the known layouts"):
        layouts.find(tmp_path)


@pytest.mark.parametrize("of_test", [("A",), ("A", "B")])
def test_several_sources_in_a_split_are_all_found(of_test: tuple[str, ...], tmp_path: Path) -> None:
    places = [f"train/{source}/{label}/0.jpg" for source in "AB" for label in ("real", "fake")]
    places += [f"test/{source}/{label}/1.jpg" for source in of_test for label in ("real", "fake")]
    fill(tmp_path, *places)

    found = {entry.path: entry.source for entry in layouts.find(tmp_path)}

    assert found == {place: place.split("/")[1] for place in places}


@pytest.mark.parametrize(("place", "named"), [("train/pictures/0.jpg", "pictures"), ("train/0.jpg", "train")])
def test_no_part_of_a_split_is_passed_over_in_silence(place: str, named: str, tmp_path: Path) -> None:
    fill(tmp_path, "test/real/0.jpg", "test/fake/0.jpg", place)
    (tmp_path / "valid").mkdir()

    with pytest.raises(ValueError, match=rf"{named} is in none of the known layouts"):
        layouts.find(tmp_path)


def test_a_folder_in_no_layout_or_no_folder_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none of the known layouts"):
        layouts.find(fill(tmp_path, "0.jpg"))
    with pytest.raises(ValueError, match="There is no folder"):
        layouts.find(tmp_path / "gone")


def test_what_is_known_of_a_set_of_faces_is_what_lies_there(shared_data: Path) -> None:
    found = {(entry.source, entry.label) for entry in layouts.find(shared_data / "faces")}

    known = {(name, "real") for name, source in sources.KNOWN.items() if source.reals}
    known |= {(name, "fake") for name, source in sources.KNOWN.items() if source.fakes}
    # More videos of dfdc-faceswap are gathered outside the folder that the tests read.
    assert known - found == {("dfdc-faceswap-more", "real"), ("dfdc-faceswap-more", "fake")}
    assert found <= known
    assert all((source.family is not None) == bool(source.fakes) for source in sources.KNOWN.values())
