"""Finds the images of a data folder in the layouts that people have, with label, source, generator and group.

| layout | is told by | group |
|---|---|---|
| plain | `real/` or `fake/` | column `group` or `source_video` of `groups.csv`, else none |
| several sources | sub-folders in one of these layouts | theirs |
| Kaggle "140k real and fake faces", "Deepfake and real images" | plain ones in `train/`, `valid/`, `test/` | none |
| FaceForensics++ frames | `original_sequences/`, `manipulated_sequences/` | the pair of videos that were swapped |
| Celeb-DF frames | `Celeb-real/`, `Celeb-synthesis/` | the person whose video it was |
| DFDC frames | `metadata.json` | the original video |

Frames lie in a folder named after their video; what lies in folders named `masks`, which show where a face was
swapped, is passed over, and so are files that are no images by their name. Letter case of the folders does not matter.
A set's own split into train and test is not taken over: it knows nothing of near-duplicates over its borders; several
sources may lie in each part of it. A source is called like its folder, which must stay: the name is part of its groups.
"""

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from training import sources

_SPLITS = {"train", "training", "valid", "validation", "val", "test", "testing"}
_IMAGES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".heic", ".heif", ".jfif"}
_WRAPPERS = {"real_vs_fake", "real-vs-fake", "dataset"}  # folders of Kaggle's archives that name no source
_DFDC_LABELS = {"REAL": "real", "FAKE": "fake"}


@dataclass(frozen=True)
class Entry:
    """One file and what its place in the layout says; `group` is empty where the place says nothing."""

    path: str
    label: str
    source: str
    generator: str
    group: str = ""


def find(folder: Path) -> list[Entry]:
    """All images under `folder`, sorted by path; raises ValueError where no layout fits or one is broken."""
    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}.")
    entries = _find_sources(folder, Path(os.path.abspath(folder)).name)
    if not entries:
        raise ValueError(_refuse(folder))
    return sorted((_relative(entry, folder) for entry in entries), key=lambda entry: entry.path)


def _find_sources(folder: Path, name: str) -> list[Entry]:
    """One source, or those that lie in its folders side by side."""
    entries = list(_find_source(folder, name))
    if not entries:
        for child in _list_folders(folder):
            found = list(_find_source(child, child.name))
            # A source passed over in silence would be missed by nobody.
            if not found and _list_images(child):
                raise ValueError(_refuse(child))
            entries += found
    return entries


def _find_source(folder: Path, name: str) -> Iterator[Entry]:
    children = {child.name.lower(): child for child in _list_folders(folder)}
    if children.keys() & {"original_sequences", "manipulated_sequences"}:
        yield from _find_faceforensics(children, name)
    elif children.keys() & {"celeb-real", "celeb-synthesis"}:
        yield from _find_celeb_df(children, name)
    elif (folder / "metadata.json").is_file():
        yield from _find_dfdc(folder, name)
    elif children.keys() & {"real", "fake"}:
        yield from _find_plain(folder, children, name)
    elif children.keys() & _SPLITS:
        for split in sorted(children.keys() & _SPLITS):
            found = _find_sources(children[split], name)
            if not found and _list_images(children[split]):
                raise ValueError(_refuse(children[split]))
            yield from found
    elif len(children) == 1:
        (child,) = children.values()
        yield from _find_source(child, name if child.name.lower() in _WRAPPERS else child.name)


def _find_plain(folder: Path, children: dict[str, Path], name: str) -> Iterator[Entry]:
    groups = _read_groups(folder / "groups.csv")
    for label in sorted(children.keys() & {"real", "fake"}):
        for path in _list_images(children[label]):
            place = f"{label}/{path.relative_to(children[label]).as_posix()}"
            if groups and place not in groups:
                raise ValueError(f"{folder / 'groups.csv'} gives no group for {place}.")
            # A group that is called like its only image says nothing: the image's bytes decide, as without a table.
            group = "" if groups.get(place) == path.name else groups.get(place, "")
            yield Entry(str(path), label, name, sources.name_generator(name, label, place), group)


def _find_faceforensics(children: dict[str, Path], name: str) -> Iterator[Entry]:
    """Frames at original_sequences/ORIGIN/.../033/*, manipulated_sequences/METHOD/.../033_097/*.

    The actors of its DeepFakeDetection part (01__scene, 01_02__scene__take) were all swapped with each other, so
    there the group is the actor whose video it was.
    """
    found = [
        (label, part.name, path)
        for label, sequences in (("real", "original_sequences"), ("fake", "manipulated_sequences"))
        for part in (_list_folders(children[sequences]) if sequences in children else ())
        for path in _list_frames(part)
    ]
    partners: dict[str, str] = {}
    for _, _, path in found:
        video, actors, others = path.parent.name, *path.parent.name.partition("__")[::2]
        one, _, other = actors.partition("_")
        if not one.isdigit():
            raise ValueError(f"{path} lies in no folder named after its video, so it cannot be kept in one split.")
        if other and not others and {partners.setdefault(one, other), partners.setdefault(other, one)} != {one, other}:
            raise ValueError(
                f"{path}: one of the videos {video} was also swapped with a third, unlike FaceForensics++."
            )
    for label, part, path in found:
        first = path.parent.name.partition("_")[0]
        group = "_".join(sorted((first, partners[first]))) if first in partners else first
        yield Entry(str(path), label, name, part if label == "fake" else "", group)


def _find_celeb_df(children: dict[str, Path], name: str) -> Iterator[Entry]:
    """Frames at Celeb-real/id0_0000/*, Celeb-synthesis/id0_id1_0000/*, YouTube-real/00000/*."""
    for part, label in (("celeb-real", "real"), ("youtube-real", "real"), ("celeb-synthesis", "fake")):
        for path in _list_frames(children[part]) if part in children else ():
            if path.parent == children[part]:
                raise ValueError(f"{path} lies in no folder named after its video, so it cannot be kept in one split.")
            generator = "Celeb-DF" if label == "fake" else ""
            yield Entry(str(path), label, name, generator, path.parent.name.split("_")[0])


def _find_dfdc(folder: Path, name: str) -> Iterator[Entry]:
    """Frames at VIDEO/* for each VIDEO.mp4 of metadata.json."""
    try:
        videos = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        facts = [(video, _DFDC_LABELS[fact["label"]], fact.get("original") or video) for video, fact in videos.items()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{folder / 'metadata.json'} is not DFDC's: it names a label, REAL or FAKE, for each video."
        ) from error
    for video, label, original in facts:
        for path in _list_images(folder / Path(video).stem):
            yield Entry(str(path), label, name, "DFDC" if label == "fake" else "", Path(original).stem)


def _read_groups(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns = set(reader.fieldnames or ())
        column = next((name for name in ("group", "source_video") if name in columns), None)
        if column is None or "path" not in columns:
            raise ValueError(f"{path} needs the columns path and group (or source_video).")
        return {row["path"]: row[column] for row in reader}


def _refuse(folder: Path) -> str:
    return (
        f"{folder} is in none of the known layouts. Give a folder with 'real' and 'fake' in it, or one with "
        "such a folder for each source; the others are listed in training/layouts.py."
    )


def _list_folders(folder: Path) -> list[Path]:
    return sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))


def _list_images(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in _IMAGES and not path.name.startswith(".")
    )


def _list_frames(folder: Path) -> list[Path]:
    places = ((path, path.relative_to(folder).as_posix().lower()) for path in _list_images(folder))
    return [path for path, place in places if "masks" not in place.split("/")]


def _relative(entry: Entry, folder: Path) -> Entry:
    return replace(entry, path=Path(entry.path).relative_to(folder).as_posix())
