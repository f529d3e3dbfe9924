import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

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


def test_a_bundle_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["reference", "--bundle", str(tmp_path), "--data", str(tmp_path)])

    with pytest.raises(SystemExit, match=r"^reference: .*card"):
        reference.main()
