"""What a file says about its origin: EXIF, a generator's texts, IPTC's source type, Content Credentials."""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image

from detector import decode, frames
from detector.evidence import credentials
from detector.evidence.credentials import AI_SOURCE_TYPES, Credentials

_MAX_LENGTH = 2000
_MAX_ENTRIES = 100

_XMP_SOURCE_TYPE = re.compile(r"DigitalSourceType[^>]{0,40}?[\"'>][^\"'<]*?/?(\w+)\s*[\"'<]", re.IGNORECASE)
# Keys under which generators leave their settings in a PNG: AUTOMATIC1111, ComfyUI, InvokeAI, NovelAI.
_GENERATOR_KEYS = ("parameters", "prompt", "workflow", "dream", "sd-metadata", "invokeai_metadata", "invokeai_graph")
_GENERATOR_SETTINGS = re.compile(r"\bsteps: \d+.{0,200}\b(sampler|cfg scale|seed)\b", re.IGNORECASE | re.DOTALL)
_GENERATOR_NAMES = re.compile(
    r"\b(midjourney|dall[-·.]?e|stable[ -]diffusion|comfyui|automatic1111|invokeai|novelai|adobe firefly|"
    r"openai|gpt-image|imagen|flux\.1|black forest labs|leonardo\.ai|ideogram)\b",
    re.IGNORECASE,
)
_NAMING_TAGS = ("Software", "Make", "Model", "Artist", "ImageDescription", "UserComment", "Credit", "Source", "Author")
# Entries that lead to others, GPS among them; what only the camera's maker can read; and a TIFF's XMP.
_POINTERS = {*(int(ifd) for ifd in ExifTags.IFD), int(ExifTags.Base.MakerNote), 0x02BC}


@dataclass(frozen=True)
class Declaration:
    """A statement in the file that a model made the image: where it stands, and its words."""

    place: str
    words: str


@dataclass(frozen=True)
class Provenance:
    """What the file says of itself; all of it but trusted credentials can be edited by anybody.

    `exif` and `texts` are by name, cut at 2,000 characters; EXIF's position is left out (see `position`). Of an
    animation or of several pages the first alone is judged; `frames` says how many there are.
    """

    format: str
    frames: int
    exif: Mapping[str, str]
    texts: Mapping[str, str]
    digital_source_type: str | None
    credentials: Credentials
    declarations: tuple[Declaration, ...]

    @property
    def is_declared_ai(self) -> bool:
        return bool(self.declarations)


def metadata(content: bytes) -> Provenance:
    """Read what a file says about its origin; raises the leaves of DecodeError."""
    with decode.open_image(content) as image:
        file_format = decode.name_of(image)
        count = frames.count(image, io.BytesIO(content))
        decode.load(image, content)  # a PNG's texts may stand behind its pixels
        exif, texts = _read_exif(image), _read_texts(image)
        source_type = _find_source_type(image)
    signed = credentials.read(content, file_format)
    declarations = tuple(_list_declarations(exif, texts, source_type, signed))
    return Provenance(file_format, count, exif, texts, source_type, signed, declarations)


def position(content: bytes) -> Mapping[str, str]:
    """EXIF's GPS entries by name, for those who ask for them; raises the leaves of DecodeError."""
    with decode.open_image(content) as image:
        return _name(_read_tags(image, ExifTags.IFD.GPSInfo), ExifTags.GPSTAGS)


def _read_exif(image: Image.Image) -> dict[str, str]:
    tags = _read_tags(image, None) | _read_tags(image, ExifTags.IFD.Exif)
    return _name({tag: value for tag, value in tags.items() if tag not in _POINTERS}, ExifTags.TAGS)


def _read_tags(image: Image.Image, ifd: ExifTags.IFD | None) -> dict[int, Any]:
    try:
        # The base class's reader, as in decode.
        exif = Image.Image.getexif(image)
        return dict(exif) if ifd is None else dict(exif.get_ifd(ifd))
    except decode.BROKEN:
        return {}  # broken metadata is no reason to refuse a sound picture


def _name(tags: Mapping[int, Any], names: Mapping[int, str]) -> dict[str, str]:
    return {names.get(tag, f"0x{tag:04x}"): _word(value) for tag, value in list(tags.items())[:_MAX_ENTRIES]}


def _word(value: Any) -> str:
    if isinstance(value, bytes):
        # UserComment begins with eight bytes that name its encoding.
        encoding = "utf-16" if value.startswith(b"UNICODE\0") else "utf-8"
        value = value.removeprefix(b"UNICODE\0").removeprefix(b"ASCII\0\0\0").decode(encoding, errors="replace")
    return "".join(letter for letter in str(value)[:_MAX_LENGTH] if letter.isprintable() or letter == "\n").strip()


def _read_texts(image: Image.Image) -> dict[str, str]:
    texts: Mapping[str, Any] = getattr(image, "text", None) or {}
    named = {key: text for key, text in texts.items() if key != "XML:com.adobe.xmp"}
    if comment := image.info.get("comment"):
        named["comment"] = comment
    return {_word(key)[:80]: _word(text) for key, text in list(named.items())[:_MAX_ENTRIES]}


def _find_source_type(image: Image.Image) -> str | None:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or ""
    text = packet.decode("utf-8", errors="replace") if isinstance(packet, bytes) else str(packet)
    found = _XMP_SOURCE_TYPE.search(text)
    return found and found[1]


def _list_declarations(
    exif: Mapping[str, str], texts: Mapping[str, str], source_type: str | None, signed: Credentials
) -> Iterator[Declaration]:
    if signed.is_declared_ai:
        yield Declaration("c2pa", ", ".join(signed.source_types))
    if source_type in AI_SOURCE_TYPES:
        yield Declaration("iptc", source_type)
    for key, text in texts.items():
        if key.lower() in _GENERATOR_KEYS or _GENERATOR_SETTINGS.search(text) or _names_a_generator(key, text):
            yield Declaration(f"text {key}", text[:200])
    for tag, value in exif.items():
        if _GENERATOR_SETTINGS.search(value) or _names_a_generator(tag, value):
            yield Declaration(f"exif {tag}", value[:200])


def _names_a_generator(key: str, value: str) -> bool:
    return key in _NAMING_TAGS and _GENERATOR_NAMES.search(value) is not None
