"""What is known of the sets of faces that this project trains and measures on."""

from dataclasses import dataclass
from typing import Literal

Family = Literal["gan", "swap", "diffusion", "edit"]


@dataclass(frozen=True)
class Source:
    """A set of faces: where its photographs and its fakes come from, in words that a card can print."""

    reals: str
    fakes: str
    family: Family | None
    licence: str


# Those that this project claims to find.
FAMILIES: dict[Family, str] = {"gan": "GAN faces", "swap": "face swaps", "diffusion": "diffusion models"}

KNOWN: dict[str, Source] = {
    "ffhq-stylegan": Source("FFHQ", "StyleGAN", "gan", "CC BY-NC (per photo)"),
    "dfdc-faceswap": Source("DFDC actors", "DFDC face swaps", "swap", "research only"),
    "unsplash-stylegan2": Source("Unsplash portraits", "StyleGAN2", "gan", "Unsplash licence; samples CC BY-NC"),
    "stylegan2-ffhq": Source("", "StyleGAN2", "gan", "CC BY-NC"),
    "tpdne-stylegan2": Source("", "StyleGAN2 (thispersondoesnotexist)", "gan", "CC BY-NC"),
    "gan-portraits": Source("", "a GAN's studio portraits", "gan", "research use"),
    "sd21": Source("", "Stable Diffusion 2.1", "diffusion", "research use"),
    "sd3": Source("", "Stable Diffusion 3", "diffusion", "CC0"),
    "sdxl-flux": Source("", "SDXL and FLUX", "diffusion", "MIT"),
    "celeba-aifaces": Source("CelebA", "AI portraits", "gan", "research only"),
    "web-portraits": Source("portraits and selfies of the web", "", None, "research use"),
    "web-candid": Source("candid faces of the web", "", None, "research use"),
    "utkface": Source("UTKFace", "", None, "research only"),
    "lfw-grey": Source("LFW, grey", "", None, "research only"),
    "portraits-photoshop": Source("studio portraits", "Photoshop composites", "edit", "research only"),
}


def name_generator(source: str, label: str) -> str:
    """Who made a source's fakes; empty for photographs and unknown sources."""
    return KNOWN[source].fakes if label == "fake" and source in KNOWN else ""
