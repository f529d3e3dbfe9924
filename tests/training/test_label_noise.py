import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training import audit, label_noise
from training.intervals import Floats, Labels

RNG = np.random.default_rng(3)
CLASSES = {("swaps", "real"): 0, ("swaps", "fake"): 1, ("studio", "real"): 2, ("generator", "fake"): 3}


def make_features(planted: str = "") -> tuple[NDArray[np.float32], Labels, list[str], list[str]]:
    """Eighty images of each class around a place of its own; those of a planted source come from the swaps' fakes."""
    classes = dict(CLASSES)
    if planted:
        classes["planted", planted] = 1 if planted == "real" else 2
    rows, labels, names = [], [], []
    for (name, label), kind in classes.items():
        middle = np.random.default_rng(kind).normal(size=12)
        rows.append(middle + RNG.normal(size=(80, 12)))
        labels += [int(label == "fake")] * 80
        names += [name] * 80
    return np.concatenate(rows).astype(np.float32), np.array(labels), names, [str(n) for n in range(len(labels))]


def test_right_labels_pass() -> None:
    checks = list(label_noise.check_alike(*make_features()))

    assert checks
    assert not any(check.has_failed for check in checks)


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        ("real", "AUC of photographs of planted against fakes of swaps"),
        ("fake", "AUC of photographs of studio against fakes of planted"),
    ],
)
def test_a_class_that_is_of_another_sources_other_class_is_named(planted: str, named: str) -> None:
    failed = [check for check in label_noise.check_alike(*make_features(planted)) if check.has_failed]

    assert [check.name for check in failed] == [named]
    assert failed[0].figure < 0.65


def test_sets_of_the_same_videos_are_not_compared() -> None:
    features, labels, names, groups = make_features("real")
    shared = [{"swaps": "ffpp", "planted": "ffpp-nt"}.get(name, name) for name in names]

    assert not any(check.has_failed for check in label_noise.check_alike(features, labels, shared, groups))


def test_photographs_that_models_without_them_call_fake_block_and_unknown_fakes_called_real_do_not() -> None:
    def draw(low: float, high: float) -> Floats:
        return RNG.uniform(low, high, 60)

    scores = np.concatenate([draw(0.0, 0.6), draw(0.4, 1.0), draw(0.0, 0.3)])
    names = ["photographs"] * 60 + ["candid"] * 60 + ["unknown kind"] * 60
    labels = np.array([0] * 120 + [1] * 60)

    found = {check.part: check for check in label_noise.check_scores(scores, labels, names)}

    assert not found["photographs"].has_failed
    assert found["candid"].has_failed
    assert "photographs called fakes" in str(found["candid"])
    assert not found["unknown kind"].is_kept
    assert not found["unknown kind"].has_failed


def test_fakes_of_a_known_set_put_in_as_photographs_end_the_audit_with_exit_code_1(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What happened once: fakes of openforensics stood among the training data as candid photographs."""
    faces = shared_data / "faces"
    for source, label, count in (("openforensics", "fake", 60), ("openforensics", "real", 60), ("sd3", "fake", 60)):
        link(faces / source / label, tmp_path / "faces" / source / label, 0, count)
    link(faces / "web-portraits" / "real", tmp_path / "faces" / "web-portraits" / "real", 0, 60)
    link(faces / "openforensics" / "fake", tmp_path / "faces" / "candid" / "real", 60, 120)
    monkeypatch.setattr(sys, "argv", ["audit", "--data", str(tmp_path / "faces"), "--out", str(tmp_path / "out")])
    # Whatever else such small sets offer as shortcuts is not what this test is about.
    monkeypatch.setattr(audit, "divide", lambda _: {})

    with pytest.raises(SystemExit) as ended:
        audit.main()

    assert ended.value.code == 1
    told = [line for line in capsys.readouterr().out.splitlines() if "AUC of photographs" in line]
    assert len(told) == 1
    assert "AUC of photographs of candid against fakes of openforensics" in told[0]


def link(source: Path, target: Path, first: int, last: int) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir())[first:last]:
        (target / path.name).symlink_to(path)
