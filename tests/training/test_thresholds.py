import shutil
from pathlib import Path

import numpy as np
import pytest

from detector import bundle
from training import thresholds
from training.score_rows import ScoreRow

FOLDS = {"gan": "ffhq-stylegan", "diffusion": "sd3", "swap": "dfdc-faceswap", "blended": "openforensics"}


@pytest.fixture
def rows() -> list[ScoreRow]:
    """400 fakes of each family left out and 400 photographs of two sources, whose scores overlap by a tenth."""
    rng = np.random.default_rng(11)
    made = []
    for number in range(400):
        digest = f"{number:064x}"
        for fold, source in FOLDS.items():
            score = float(rng.uniform(0.4, 1))
            made.append(ScoreRow(f"{fold}{digest}", source, "fake", fold, "validation", fold, score))
            for photographs in ("webcam", "headshots"):
                score = float(rng.uniform(0, 0.6))
                made.append(ScoreRow(f"{photographs}{digest}", photographs, "real", "", "validation", fold, score))
    return made


def test_thresholds_and_scale_come_from_what_no_fold_trained_on(
    rows: list[ScoreRow], smoke_run: Path, textures: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(smoke_run / "bundle", folder)
    before = bundle.load(folder).card

    card = thresholds.apply_unseen(folder, rows, textures)

    assert bundle.load(folder).card == card
    assert card.version != before.version
    for name, engine in card.engines.items():
        # Of uniform scores over 0.6, 5 % of the fakes lie under 0.43, 1 % of the photographs over 0.594.
        assert engine.thresholds.real_below <= min(before.engines[name].thresholds.real_below, 0.43)
        assert engine.thresholds.fake_from >= max(before.engines[name].thresholds.fake_from, 0.59)
        assert engine.strength_scale is not None
        assert (
            engine.strength_scale[0].likelihood_ratio.value < 0.5 < 2 < engine.strength_scale[-1].likelihood_ratio.value
        )


def test_of_few_families_there_is_no_scale(
    rows: list[ScoreRow], smoke_run: Path, textures: Path, tmp_path: Path
) -> None:
    shutil.copytree(smoke_run / "bundle", tmp_path / "bundle")

    card = thresholds.apply_unseen(tmp_path / "bundle", [row for row in rows if row.fold in ("gan", "swap")], textures)

    assert all(engine.strength_scale is None for engine in card.engines.values())


def test_a_photograph_counts_once_in_the_scale(rows: list[ScoreRow]) -> None:
    scale = thresholds.fit_unseen_scale(rows)

    assert sum(band.reals for band in scale) == 800
    assert sum(band.fakes for band in scale) == 1600


def test_scores_that_a_fold_has_seen_do_not_count(rows: list[ScoreRow]) -> None:
    seen = [ScoreRow(f"s{n:063x}", "utkface", "real", "", "validation", "gan", 0.99, is_seen=True) for n in range(50)]

    assert thresholds.fit_unseen_scale([*rows, *seen]) == thresholds.fit_unseen_scale(rows)
