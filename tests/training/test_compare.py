import json
from pathlib import Path

import pytest

from training import compare


def write_run(folder: Path, results: dict[str, str]) -> Path:
    folder.mkdir()
    lines = [f"{sha256},fake,litert-int8,{result}" for sha256, result in results.items()]
    (folder / "predictions.csv").write_text("\n".join(["sha256,label,engine,result", *lines]) + "\n")
    return folder


def test_only_images_on_which_the_runs_differ_decide(tmp_path: Path) -> None:
    a = {f"{number}": "FAKE" for number in range(100)} | {"of a alone": "REAL"}
    b = a | {f"{number}": "REAL" for number in range(8)}
    del b["of a alone"]

    found = compare.compare(write_run(tmp_path / "a", a), write_run(tmp_path / "b", b))

    assert (found.n, found.only_a, found.only_b) == (100, 8, 0)
    assert found.accuracy_b.value == pytest.approx(0.92)
    assert found.p == pytest.approx(2 * 0.5**8)


def test_a_run_is_no_better_than_itself(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", {"1": "FAKE", "2": "REAL"})

    assert compare.compare(run, run).p == 1


def test_runs_on_other_images_cannot_be_compared(tmp_path: Path) -> None:
    a, b = write_run(tmp_path / "a", {"1": "FAKE"}), write_run(tmp_path / "b", {"2": "FAKE"})

    with pytest.raises(ValueError, match="no image in common"):
        compare.compare(a, b)


def test_an_engine_that_was_not_measured_is_named(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", {"1": "FAKE"})

    with pytest.raises(ValueError, match="keras"):
        compare.compare(run, run, "keras")


def test_the_table_names_recipes_and_what_they_start_from(tmp_path: Path) -> None:
    base = write_run(tmp_path / "a", {"1": "FAKE", "2": "FAKE", "3": "REAL"})
    other = write_run(tmp_path / "b", {"1": "FAKE", "2": "REAL", "3": "FAKE"})
    taught = write_run(tmp_path / "c", {"1": "FAKE", "2": "REAL", "3": "REAL"})
    for run, name, weights, teacher in (
        (base, "paper", "imagenet.h5", None),
        (other, "resnet50", None, None),
        (taught, "best", None, ["mixed-0"]),
    ):
        config = {"recipe": {"name": name}, "weights": weights, "teacher": teacher}
        (run / "config.json").write_text(json.dumps(config))

    table = compare.render(base, [other, taught])

    assert "| paper | ImageNet | 66.7 %" in table
    assert "| resnet50 | random weights | 66.7 %" in table
    assert "| resnet50 | random weights | 66.7 % (20.8-93.9) | 1 | 1 | 1 |" in table
    assert "| best | its teacher |" in table


def test_runs_on_different_images_are_not_set_side_by_side(tmp_path: Path) -> None:
    base, part = (
        write_run(tmp_path / name, dict.fromkeys(images, "FAKE")) for name, images in (("all", "123"), ("part", "12"))
    )

    with pytest.raises(ValueError, match="different images"):
        compare.render(base, [base, part])
