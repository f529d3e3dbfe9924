"""Make counterparts of a folder's photographs with one method.

python -m training.counterparts METHOD --data DIR --out DIR [--per-source N] [--weights PATH]

| method | remakes a photograph by | weights |
|---|---|---|
| taef2 | the autoencoder of FLUX.2's latent space | ../shared/data/weights |
| esrgan | halving and super-resolution | model.json of npm's @upscalerjs/esrgan-slim or -medium for twice the size |
| self-blend | laying its face over itself | none |
| transposed, nearest, bilinear, shuffle | an auto-encoder of our own | trained first, kept in DIR/autoencoders |
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from detector.errors import DetectorError
from training import prepare
from training.counterparts import autoencoders, esrgan, self_blend, taef2
from training.counterparts.make import Remake, load_photograph, make

_PHOTOGRAPHS = 60  # of a source, that an auto-encoder is trained on
_ROOT = Path(__file__).resolve().parents[2]


def _open_taef2(weights: Path | None) -> Remake:
    shared = Path(os.environ.get("ASSAY_DATA", _ROOT.parent / "shared" / "data"))
    return taef2.open_remake(weights or shared / "weights" / "taef2_autoencoder_fp16.npz")


def _open_esrgan(weights: Path | None) -> Remake:
    if weights is None:
        raise ValueError("esrgan needs --weights: the model.json of npm's @upscalerjs/esrgan-slim for twice the size.")
    return esrgan.open_remake(weights)


METHODS: dict[str, Callable[[Path | None], Remake]] = {
    "taef2": _open_taef2,
    "esrgan": _open_esrgan,
    "self-blend": self_blend.open_remake,
}


def _fit_autoencoder(name: str, folder: Path, out: Path) -> Path:
    """The weights of an auto-encoder, trained first where they are not there yet."""
    path = out / "autoencoders" / f"{name}.weights.h5"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        photographs = [one for one in prepare.list_examples(folder) if one.label == "real" and one.split == "train"]
        chosen = prepare.take_some(photographs, _PHOTOGRAPHS)
        autoencoders.fit(name, np.stack([load_photograph(folder, one) for one in chosen]), path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("method", choices=(*METHODS, *autoencoders.NAMES))
    parser.add_argument("--data", type=Path, required=True, help="a folder in one of the layouts of training.layouts")
    parser.add_argument("--out", type=Path, required=True, help="a folder outside the repository")
    parser.add_argument("--per-source", type=int, default=160, help="photographs of a source and split, at most")
    parser.add_argument("--weights", type=Path, help="the generator's weights, where they are not at the usual place")
    arguments = parser.parse_args()
    try:
        if arguments.method in autoencoders.NAMES:
            weights = arguments.weights or _fit_autoencoder(arguments.method, arguments.data, arguments.out)
            remake = autoencoders.open_remake(weights)
        else:
            remake = METHODS[arguments.method](arguments.weights)
        count = make(arguments.data, arguments.out, arguments.method, remake, arguments.per_source)
    except (ValueError, OSError, KeyError, DetectorError) as error:
        sys.exit(f"counterparts: {error}")
    print(f"{count} counterparts in {arguments.out / arguments.method}")


if __name__ == "__main__":
    main()
