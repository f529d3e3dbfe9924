import io

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from detector import errors, evidence
from detector.evidence.provenance import position
from tests.detector.test_decode import encode

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" {attribute}>{element}'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
PICTURE = Image.new("RGB", (32, 32), "teal")


def with_exif(**tags: str) -> bytes:
    exif = Image.Exif()
    for name, value in tags.items():
        exif[ExifTags.Base[name]] = value
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (47.0, 22.0, 0.0), 3: "E", 4: (8.0, 32.0, 0.0)})
    return encode(PICTURE, "JPEG", exif=exif.tobytes())


def with_text(**texts: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key.replace("_", "-"), text)
    return encode(PICTURE, "PNG", pnginfo=info)


def test_exif_is_told_by_name_and_without_the_position() -> None:
    content = with_exif(Make="Canon", Model="EOS R5", Software="Lightroom 13", DateTime="2026:01:02 03:04:05")

    told = evidence.metadata(content)

    assert told.format == "JPEG"
    assert told.exif["Model"] == "EOS R5"
    assert told.exif["Software"] == "Lightroom 13"
    assert "GPS" not in str(told.exif)
    assert "47" not in str(told)
    assert not told.is_declared_ai


def test_the_position_is_told_to_those_who_ask() -> None:
    assert position(with_exif(Make="Canon"))["GPSLatitudeRef"] == "N"
    assert position(encode(PICTURE, "PNG")) == {}


@pytest.mark.parametrize(
    "packet",
    [
        PACKET.format(attribute=f'Iptc4xmpExt:DigitalSourceType="{IPTC}trainedAlgorithmicMedia"', element=""),
        PACKET.format(
            attribute="",
            element=f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>",
        ),
        PACKET.format(
            attribute="", element=f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{IPTC}trainedAlgorithmicMedia"/>'
        ),
        PACKET.format(attribute="Iptc4xmpExt:DigitalSourceType='trainedAlgorithmicMedia'", element=""),
    ],
    ids=["attribute", "element", "resource", "bare"],
)
@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "TIFF"])
def test_iptcs_source_type_in_xmp_declares_ai(packet: str, file_format: str) -> None:
    option = {"tiffinfo": {700: packet.encode()}} if file_format == "TIFF" else {"xmp": packet.encode()}
    told = evidence.metadata(encode(PICTURE, file_format, **option))

    assert told.digital_source_type == "trainedAlgorithmicMedia"
    assert [declaration.place for declaration in told.declarations] == ["iptc"]
    assert told.is_declared_ai


def test_xmp_of_a_png_is_read_and_a_camera_is_no_declaration() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt(
        "XML:com.adobe.xmp", PACKET.format(attribute=f'a:DigitalSourceType="{IPTC}digitalCapture"', element="")
    )

    told = evidence.metadata(encode(PICTURE, "PNG", pnginfo=info))

    assert told.digital_source_type == "digitalCapture"
    assert told.texts == {}
    assert not told.is_declared_ai


@pytest.mark.parametrize(
    ("texts", "is_declared"),
    [
        ({"parameters": "a portrait\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42"}, True),
        ({"parameters": "a portrait, " * 400 + "\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42"}, True),
        ({"parameters": '{"sui_image_params": {"prompt": "a cat", "seed": 1, "steps": 20, "cfgscale": 7.0}}'}, True),
        ({"parameters": '{"prompt": "a cat", "sampler": "dpmpp_2m_sde_gpu", "seed": "1", "steps": 30}'}, True),
        ({"prompt": '{"3": {"class_type": "KSampler"}}', "workflow": "{}"}, True),
        ({"prompt": '{"6": {"inputs": {"text": "' + "a cat, " * 600 + '"}, "class_type": "CLIPTextEncode"}}'}, True),
        ({"workflow": '{"last_node_id": 9, "last_link_id": 9, "nodes": [{"id": 7, "type": "KSampler"}]}'}, True),
        ({"Dream": '"a cat [dog]" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms'}, True),
        ({"Dream": '"a cat" -s50 -W512 -H512 -C7.5 -Ak_lms -S42'}, True),
        ({"sd_metadata": "{}"}, True),
        ({"Software": "NovelAI"}, True),
        ({"Author": "DALL·E"}, True),
        ({"Description": "steps: 30, cfg scale: 5"}, True),
        ({"Software": "GIMP 3.0"}, False),
        ({"Comment": "Midjourney taught me nothing; a photograph of mine"}, False),
        ({"Title": "three steps: up, down, across"}, False),
        ({"Title": "Steps: 3 from the seed to the tree"}, False),
        ({"Workflow": "Lightroom export"}, False),
        ({"workflow": '{"steps": ["develop", "export"]}'}, False),
        ({"prompt": "Photograph something blue"}, False),
        ({"Parameters": "ISO 100, f/8, 1/250 s"}, False),
        ({"Dream": "The lake at night - S of Zurich"}, False),
        ({"Author": "Estudio Imagen"}, False),
    ],
)
def test_a_generators_texts_in_a_png_declare_ai(texts: dict[str, str], is_declared: bool) -> None:
    told = evidence.metadata(with_text(**texts))

    assert list(told.texts) == [key.replace("_", "-") for key in texts]
    assert told.is_declared_ai is is_declared


@pytest.mark.parametrize(
    "software",
    [
        "Midjourney v7",
        "Adobe Firefly 3",
        "DALL-E 3",
        "Dall E 3",
        "Stable Diffusion XL",
        "Imagen 3",
        "google imagen",
        "OpenAI",
    ],
)
def test_a_generators_name_in_exif_declares_ai(software: str) -> None:
    (declaration,) = evidence.metadata(with_exif(Software=software)).declarations

    assert (declaration.place, declaration.words) == ("exif Software", software)


def test_black_forest_labs_sign_as_the_maker() -> None:
    told = evidence.metadata(with_exif(Software="AI generated;txt2img;flux", Make="Black Forest Labs", Model="dev"))

    assert [declaration.place for declaration in told.declarations] == ["exif Make"]


@pytest.mark.parametrize(
    "words",
    [
        "Midjourney",
        "dalle3, a cat",
        "Stable Diffusion",
        "Stable Diffusion 1.5, a cat",
        "Made with stable diffusion",
        "Google Imagen 4",
        "Generated with Imagen 3",
        "Generated by Google Imagen",
        "Created with Ideogram",
        "Ideogram AI",
        "ideogram.ai",
        "Generated by OpenAI's DALL-E",
        "Image generated by OpenAI",
        "FLUX.1 [dev]",
    ],
)
def test_a_caption_that_names_its_generator_declares_ai(words: str) -> None:
    (declaration,) = evidence.metadata(with_exif(ImageDescription=words)).declarations

    assert (declaration.place, declaration.words) == ("exif ImageDescription", words)


@pytest.mark.parametrize(
    "tags",
    [
        {"ImageDescription": "Imagen tomada en Madrid, 2019"},
        {"ImageDescription": "Imagen 3 de 10"},
        {"ImageDescription": "A Chinese ideogram on a wall"},
        {"ImageDescription": "The Japanese ideogram ai, love"},
        {"ImageDescription": "Vista dalle mura, Lucca"},
        {"ImageDescription": "Il borgo visto dalle 3 torri"},
        {"ImageDescription": "Resting midjourney near Burgos"},
        {"ImageDescription": "Stable diffusion flame of a candle"},
        {"ImageDescription": "Sam Altman, head of OpenAI, in Berlin"},
        {"ImageDescription": "The founders of Black Forest Labs"},
        {"Software": "Editor de imagen 2.0"},
        {"Software": "Imagen AI"},  # retouches photographs
        {"Artist": "Estudio Imagen"},
        {"Artist": "Marie Dalle"},
    ],
    ids=lambda tags: next(iter(tags.values())),
)
def test_an_ordinary_photograph_declares_nothing(tags: dict[str, str]) -> None:
    assert evidence.metadata(with_exif(**tags)).declarations == ()


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["bare", "marked"])
@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "words",
    ["a woman, portrait Steps: 30, Sampler: DPM++ 2M, Seed: 1", "山の女、夕方\nSteps: 30, Sampler: DPM++ 2M, Seed: 1"],
    ids=["latin", "japanese"],
)
def test_a_comment_with_settings_in_exif_declares_ai(words: str, order: str, mark: str, file_format: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"UNICODE\0" + (mark + words).encode(order)

    told = evidence.metadata(encode(PICTURE, file_format, exif=exif.tobytes()))

    assert told.exif["UserComment"] == words
    assert told.is_declared_ai


def test_settings_behind_a_long_prompt_in_exif_declare_ai() -> None:
    told = evidence.metadata(with_exif(ImageDescription="a portrait, " * 400 + "Steps: 30, Sampler: Euler, Seed: 1"))

    assert len(told.exif["ImageDescription"]) <= 2000
    assert told.is_declared_ai


def test_endless_texts_are_cut_and_control_characters_dropped() -> None:
    told = evidence.metadata(with_text(Title="\x1b[31m" + "x" * 50_000))

    assert told.texts["Title"].startswith("[31mx")
    assert len(told.texts["Title"]) <= 2000


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of the damage
def test_broken_metadata_costs_nothing_but_itself() -> None:
    told = evidence.metadata(encode(PICTURE, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7fbroken"))

    assert told.exif == {}


def test_what_is_no_image_is_refused() -> None:
    for call in (evidence.metadata, evidence.jpeg, position):
        with pytest.raises(errors.UnsupportedFormat):
            call(b"hello")


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_bare_file_of_any_format_declares_nothing(file_format: str) -> None:
    stream = io.BytesIO()
    PICTURE.save(stream, file_format)

    told = evidence.metadata(stream.getvalue())

    assert (told.format, told.declarations, told.credentials.state) == (file_format, (), "none")


@pytest.mark.parametrize("packet", ["DigitalSourceType>" + "a" * 3_000_000, "DigitalSourceType>a " * 150_000])
def test_a_packet_of_xmp_made_to_take_for_ever_is_read_at_once(packet: str) -> None:
    assert evidence.metadata(encode(PICTURE, "WEBP", xmp=packet.encode())).digital_source_type is None


def test_a_png_tells_no_position_in_its_texts() -> None:
    exif = Image.open(io.BytesIO(with_exif(Make="Canon"))).info["exif"].removeprefix(b"Exif\0\0")
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type exif", f"\nexif\n{len(exif):8}\n{exif.hex()}\n")
    info.add_text("exif:GPSLatitude", "47/1, 22/1, 0/1")
    info.add_text("Title", "A picture")

    told = evidence.metadata(encode(PICTURE, "PNG", pnginfo=info))

    assert told.texts == {"Title": "A picture"}
    assert told.exif == {"Make": "Canon"}
