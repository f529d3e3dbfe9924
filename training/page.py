"""An evaluation becomes one self-contained HTML page; it shows faces, so it stays in the run folder."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import jinja2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector.card import Interval
from training import calibration, scoring, slices, sources, tables
from training.results import Report, Scored
from training.unseen import read_unseen

_RESULTS = Path(__file__).resolve().parent.parent / "models" / "results"
_WORST = 12
_PLOTS = ("confusion", "roc", "pr", "reliability", "risk", "robustness")
_PICTURE = 160


@dataclass(frozen=True)
class Mistake:
    """A picture judged wrong: JPEG data URIs of itself and of its map laid over it."""

    source: str
    sha256: str
    fake_probability: float
    picture: str
    map: str


def write(report: Report, scored: Scored, out: Path) -> None:
    """report.html beside the figures it shows, which it holds itself; what was never trained on comes first."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("training"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"share": _tell_share, "number": _tell_number, "told": tables.tell}
    chosen, unseen = scored.in_scope(), read_unseen(_RESULTS)
    text = environment.get_template("report.html").render(
        report=report,
        card=scored.card,
        engine=scored.engine,
        serves=scoring.SERVES,
        plots={name: _embed(out / f"{name}.png") for name in _PLOTS if (out / f"{name}.png").exists()},
        false_alarms=find_mistakes(chosen, label=0),
        misses=find_mistakes(chosen, label=1),
        caveat=slices.CAVEAT,
        unseen=unseen if unseen and unseen["recipe"] == report.recipe else None,
        summary=tables.tell_unseen(unseen) if unseen else "",
        families=sources.FAMILIES,
    )
    (out / "report.html").write_text(text, encoding="utf-8")


def find_mistakes(scored: Scored, *, label: int) -> list[Mistake]:
    """The images of a class on the wrong side of one half, the surest first."""
    probabilities = calibration.find_probabilities(scored.served, scored.engine.calibration)
    is_wrong = (scored.dataset.labels == label) & ((probabilities >= 0.5) != label)
    places = sorted(np.flatnonzero(is_wrong), key=lambda place: -abs(probabilities[place] - 0.5))[:_WORST]
    if not places:
        return []
    pixels = scored.dataset.pixels[places]
    maps = scoring.open_engine(scored.folder, scoring.SERVES).run(pixels).maps
    return [
        Mistake(
            source=scored.dataset.examples[place].source,
            sha256=scored.dataset.examples[place].sha256,
            fake_probability=float(probabilities[place]),
            picture=_encode(Image.fromarray(image)),
            map=_encode(lay_over(image, map_)),
        )
        for place, image, map_ in zip(places, pixels, maps, strict=True)
    ]


def lay_over(image: NDArray[np.uint8], map_: NDArray[np.float32]) -> Image.Image:
    """A signed map in cells over its greyed image: red moved the score towards fake, blue towards real."""
    grey = Image.fromarray(image).convert("L").convert("RGB")
    strength = np.clip(np.abs(map_) / max(float(np.abs(map_).max()), 1e-9), 0, 1)
    tint = np.where(map_[..., None] > 0, (200, 30, 30), (30, 70, 200)).astype(np.uint8)
    size = image.shape[1], image.shape[0]
    colours = Image.fromarray(tint).resize(size, Image.Resampling.NEAREST)
    mask = Image.fromarray((160 * strength).astype(np.uint8)).resize(size, Image.Resampling.NEAREST)
    return Image.composite(colours, grey, mask)


def _encode(image: Image.Image) -> str:
    stream = io.BytesIO()
    image.resize((_PICTURE, _PICTURE)).save(stream, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()


def _embed(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def _tell_share(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{100 * interval.value:.1f} % ({100 * interval.low:.1f}–{100 * interval.high:.1f})"


def _tell_number(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.value:.3f} ({interval.low:.3f}–{interval.high:.3f})"
