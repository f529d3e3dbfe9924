"""The face sets that this project trains and measures on: origins, families of fakes, licences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from training import videos

Family = Literal["gan", "swap", "reenactment", "blended", "diffusion", "edit"]


@dataclass(frozen=True)
class Source:
    """A set of faces: where its photographs and its fakes come from, in words that a card can print.

    `methods` gives the generator and family of each fake by the first part of its file name, where a set has several.
    `groups_of` names the set whose groups (people, videos) this one shares.
    """

    reals: str
    fakes: str
    family: Family | None
    licence: str
    methods: Mapping[str, tuple[str, Family]] = field(default_factory=dict)
    groups_of: str = ""


# Those that this project claims to find; each is left out of training once, to measure fakes of an unseen family.
FAMILIES: dict[Family, str] = {
    "gan": "GAN faces",
    "diffusion": "diffusion models",
    "swap": "face swaps",
    "reenactment": "reenactment",
    "blended": "blended GAN faces",
}

_FFPP: Mapping[str, tuple[str, Family]] = {
    "Deepfakes": ("FaceForensics++ Deepfakes", "swap"),
    "FaceSwap": ("FaceForensics++ FaceSwap", "swap"),
    "Face2Face": ("FaceForensics++ Face2Face", "reenactment"),
    "NeuralTextures": ("FaceForensics++ NeuralTextures", "reenactment"),
}

KNOWN: dict[str, Source] = {
    "openforensics": Source(
        "Open Images", "GAN faces blended into photographs (OpenForensics)", "blended", "research only"
    ),
    "ffhq-stylegan": Source("FFHQ", "StyleGAN", "gan", "CC BY-NC (per photo)"),
    "ffpp": Source(
        "YouTube (FaceForensics++)", "four manipulations of FaceForensics++", "swap", "research only", _FFPP
    ),
    "ffpp-nt": Source(
        "YouTube (FaceForensics++)",
        "FaceForensics++ NeuralTextures",
        "reenactment",
        "research only",
        groups_of="ffpp",
    ),
    "dfdc-faceswap": Source("DFDC actors", "DFDC face swaps", "swap", "research only"),
    "dfdc-faceswap-more": Source("DFDC actors", "DFDC face swaps", "swap", "research only", groups_of="dfdc-faceswap"),
    "unsplash-stylegan2": Source("Unsplash portraits", "StyleGAN2", "gan", "Unsplash licence; samples CC BY-NC"),
    "stylegan2-ffhq": Source("", "StyleGAN2", "gan", "CC BY-NC"),
    "tpdne-stylegan2": Source("", "StyleGAN2 (thispersondoesnotexist)", "gan", "CC BY-NC"),
    "tpdne-stylegan2-more": Source(
        "", "StyleGAN2 (thispersondoesnotexist, generated.photos)", "gan", "CC BY-NC", groups_of="tpdne-stylegan2"
    ),
    "gan-portraits": Source("", "a GAN's studio portraits", "gan", "research use"),
    "sd21": Source("", "Stable Diffusion 2.1", "diffusion", "research use"),
    "sd3": Source("", "Stable Diffusion 3", "diffusion", "CC0"),
    "sdxl-flux": Source("", "SDXL and FLUX", "diffusion", "MIT"),
    "celeba-aifaces": Source("CelebA", "AI portraits", "gan", "research only"),
    "headshots": Source("club portraits of athletes", "", None, "research only"),
    "official-portraits": Source("members of the US Congress", "", None, "mostly public domain"),
    "webcam": Source("webcams, about 17 people", "", None, "research only"),
    "web-portraits": Source("portraits and selfies of the web", "", None, "research use"),
    "utkface": Source("UTKFace", "", None, "research only"),
    "lfw-grey": Source("LFW, grey", "", None, "research only"),
    "portraits-photoshop": Source("studio portraits", "Photoshop composites", "edit", "research only"),
}


def name_generator(source: str, label: str, path: str = "") -> str:
    """The generator of a fake of a known source, by its file name where the source has several; else empty."""
    if label != "fake" or source not in KNOWN:
        return ""
    method = KNOWN[source].methods.get(PurePath(path).name.partition("_")[0])
    return method[0] if method else KNOWN[source].fakes


def find_family(source: str, label: str, generator: str) -> Family | None:
    """The family of fakes that an image belongs to; None for photographs and unknown sources."""
    if label != "fake" or source not in KNOWN:
        return None
    families = dict(KNOWN[source].methods.values())
    return families.get(generator, KNOWN[source].family)


def name_group(source: str, group: str, path: str = "") -> str:
    """The name of an image's group, unique over all sources but those that share their people or videos."""
    shared = name_space(source)
    if shared == "ffpp":
        group = videos.find_run(group, PurePath(path).name.partition("_")[0])
    return f"{shared}/{group}"


def name_space(source: str) -> str:
    """The source whose people or videos a source shares, itself where it shares none."""
    return (KNOWN[source].groups_of if source in KNOWN else "") or source


def list_trained_on(text: str) -> set[str]:
    """The known sources that a bundle's card says it was trained on."""
    return {name for name in KNOWN if f"{name} (" in text}
