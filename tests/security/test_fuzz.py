"""Damaged images: ten seconds of new ones, and every one that ever made trouble or nearly did."""

import os
import random
import time
from pathlib import Path

import pytest

from tests.security import fuzz_decoder

KEPT = sorted(fuzz_decoder.CORPUS.glob("*.bin"))
SECONDS = 10.0


def test_ten_seconds_of_damage_end_in_pixels_or_a_decode_error() -> None:
    seed = random.SystemRandom().randrange(2**32)

    report = fuzz_decoder.fuzz(seed, SECONDS)

    assert report.findings == [], f"seed {seed}: `python -m tests.security.fuzz_decoder --seed {seed}` keeps them"
    assert report.tried > 20


@pytest.mark.filterwarnings("ignore")  # Pillow warns of the damage
@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_what_was_kept_stays_mended(path: Path) -> None:
    fuzz_decoder.examine(path.read_bytes())


def test_the_same_seed_gives_the_same_inputs() -> None:
    first, second, other = (fuzz_decoder.inputs(seed) for seed in (1, 1, 2))
    tried = [next(first) for _ in range(20)]

    assert tried == [next(second) for _ in range(20)]
    assert tried != [next(other) for _ in range(20)]


def raises_now_and_then(content: bytes) -> None:
    if sum(content) % 5 == 0:
        raise KeyError("not a DecodeError")


def kills(content: bytes) -> None:
    if content not in fuzz_decoder.seeds():
        os.abort()


def hangs(content: bytes) -> None:
    if content not in fuzz_decoder.seeds():
        time.sleep(3600)


def devours(content: bytes) -> None:
    if content not in fuzz_decoder.seeds():
        bytearray(2 * fuzz_decoder.EXTRA_BYTES)


@pytest.mark.parametrize(
    ("judge", "words"),
    [(raises_now_and_then, "KeyError"), (kills, "died"), (hangs, "no answer"), (devours, "MemoryError")],
)
def test_the_fuzzer_finds_what_raises_kills_hangs_or_devours(
    judge: fuzz_decoder.Judge, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz_decoder, "HANG_SECONDS", 3.0)

    report = fuzz_decoder.fuzz(1, 60, judge, max_findings=1)

    assert words in report.findings[0].words
    assert report.tried >= 1
