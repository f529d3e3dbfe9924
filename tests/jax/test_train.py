import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from detector import bundle
from tests.training.conftest import small_recipe, textures  # noqa: F401  (fixtures)
from training import train
from training.recipe import Recipe

_GO_ON = """
import pickle, sys
from pathlib import Path
from training import train
train.train(pickle.load(sys.stdin.buffer), Path(sys.argv[1]), None, Path(sys.argv[2]))
"""


@pytest.mark.timeout(900)
def test_what_was_trained_on_jax_becomes_a_bundle_on_tensorflow(
    textures: Path,  # noqa: F811
    small_recipe: Recipe,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stages = tuple(replace(stage, epochs=1) for stage in small_recipe.unfrozen().stages[1:])
    recipe = replace(small_recipe, companion="mobilenet_late_stride", teacher_share=0.5, stages=stages)

    train.train(recipe, textures, None, tmp_path)

    assert f"--resume {tmp_path}" in capsys.readouterr().out
    assert not (tmp_path / "bundle").exists()
    trained = (tmp_path / "chosen.npz").read_bytes(), (tmp_path / "history.csv").read_text()
    subprocess.run(
        [sys.executable, "-c", _GO_ON, textures, tmp_path],
        input=pickle.dumps(recipe),
        env=os.environ | {"KERAS_BACKEND": "tensorflow"},
        check=True,
    )
    assert ((tmp_path / "chosen.npz").read_bytes(), (tmp_path / "history.csv").read_text()) == trained
    assert bundle.load(tmp_path / "bundle").card.metrics["litert-int8"].n > 0
    assert bundle.load(tmp_path / "companion").card.network == "mobilenet_late_stride"
