import shutil
from dataclasses import replace
from pathlib import Path

from detector import bundle
from training import reference


def test_an_older_bundle_gets_the_shares_that_training_writes_and_keeps_its_version(
    textures: Path, smoke_run: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(smoke_run / "bundle", tmp_path / "bundle")
    trained = bundle.load(folder).card
    older = {name: replace(entry, score_shares=None) for name, entry in trained.engines.items()}
    bundle.save(folder, replace(trained, engines=older))

    reference.tell_scores(folder, textures, "validation")

    assert bundle.load(folder).card == trained
