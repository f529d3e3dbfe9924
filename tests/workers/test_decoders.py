"""Images are decoded in processes of their own: what an image does to its decoder costs that image alone."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from detector import Detector, examination
from detector.errors import TruncatedImage
from tests.conftest import ROOT
from tests.faults import decoding as faulty
from tests.workers.conftest import picture
from workers import decoders, decoding
from workers.decoders import Decoders
from workers.errors import DecoderCrash, DecoderTimeout, DecoderUnavailable, TooMuchMemory

HOLD_DECODER = """
import pathlib, sys, time
from detector.preprocess import InputSpec
from workers.decoders import Decoders
pool = Decoders(1, seconds=30, memory_bytes=2**30)
pool.examine(pathlib.Path(sys.argv[1]).read_bytes(), InputSpec(256))
print(flush=True)
time.sleep(600)
"""

HANG_DECODER = """
import sys
from detector.preprocess import InputSpec
from tests.faults import decoding
from workers import decoders
decoders.serve = decoding.serve
pool = decoders.Decoders(1, seconds=3, memory_bytes=2**30)
pool.start()
print(flush=True)
pool.examine(decoding.HANG, InputSpec(256))
"""


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Decoders]:
    """One decoder that fails at marked images."""
    monkeypatch.setattr(decoders, "serve", faulty.serve)
    pool = Decoders(1, seconds=3, memory_bytes=1_500 * 2**20)
    yield pool
    pool.end()


def decoder_pids() -> set[int]:
    """Children of the process that forks decoders."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        parent = child.parent()
        if parent and "forkserver" in " ".join(parent.cmdline()):
            found.add(child.pid)
    return found


def test_it_finds_what_the_detector_finds(pool: Decoders, detector: Detector, faces: list[bytes]) -> None:
    for content in (*faces[:2], picture(1)):
        ours = pool.examine(content, detector.input_spec)
        theirs = examination.examine(content, detector.input_spec, is_hashed=True)
        assert (ours.pixels == theirs.pixels).all()
        assert {**vars(ours), "pixels": None} == {**vars(theirs), "pixels": None}


def test_it_finds_every_frame_of_an_animation(pool: Decoders, detector: Detector, faces: list[bytes]) -> None:
    first, *others = (Image.open(io.BytesIO(content)) for content in faces[:3])
    stream = io.BytesIO()
    first.save(stream, "GIF", save_all=True, append_images=others)

    ours = pool.examine(stream.getvalue(), detector.input_spec)
    theirs = examination.examine(stream.getvalue(), detector.input_spec, is_hashed=True)

    assert (ours.frames, ours.frames_examined, len(ours.later)) == (3, 3, 2)
    for one, other in zip((ours, *ours.later), (theirs, *theirs.later), strict=True):
        assert (one.pixels == other.pixels).all()
        assert {**vars(one), "pixels": None, "later": None} == {**vars(other), "pixels": None, "later": None}


def test_a_broken_image_is_told_as_in_this_process(pool: Decoders, detector: Detector) -> None:
    with pytest.raises(TruncatedImage):
        pool.examine(picture(0)[:-200], detector.input_spec)


@pytest.mark.parametrize(
    ("mark", "error"),
    [
        (faulty.CRASH, DecoderCrash),
        (faulty.HANG, DecoderTimeout),
        (faulty.SWELL, TooMuchMemory),
        (faulty.ODDITY, DecoderCrash),
    ],
)
def test_an_image_that_ends_its_decoder_is_named_and_the_next_is_decoded(
    pool: Decoders, detector: Detector, mark: bytes, error: type[Exception]
) -> None:
    started = time.monotonic()
    with pytest.raises(error):
        pool.examine(picture(0) + mark, detector.input_spec)
    assert time.monotonic() - started < 30

    assert pool.examine(picture(1), detector.input_spec).width == 96


def test_an_image_whose_decoder_somebody_killed_is_decoded_by_another(pool: Decoders, detector: Detector) -> None:
    before = decoder_pids()
    pool.examine(picture(0), detector.input_spec)
    (decoder,) = decoder_pids() - before
    os.kill(decoder, signal.SIGKILL)

    assert pool.examine(picture(1), detector.input_spec).width == 96
    assert decoder not in decoder_pids()


def test_a_decoder_that_cannot_start_is_no_fault_of_the_image(
    monkeypatch: pytest.MonkeyPatch, detector: Detector
) -> None:
    monkeypatch.setattr(decoders, "serve", faulty.end_at_once)
    with pytest.raises(DecoderUnavailable):
        Decoders(1, seconds=3, memory_bytes=2**30).examine(picture(0), detector.input_spec)


def test_an_answer_without_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, detector: Detector) -> None:
    monkeypatch.setattr(decoders, "serve", faulty.announce_too_much)
    with pytest.raises(DecoderCrash):
        Decoders(1, seconds=3, memory_bytes=2**30).examine(picture(0), detector.input_spec)


def test_a_decoder_knows_neither_django_nor_a_model() -> None:
    look = "print(sorted({'django', 'ai_edge_litert', 'celery'} & set(sys.modules)))"
    program = f"import sys, {decoding.__name__}; {look}"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


def test_a_decoder_is_limited_may_gain_no_rights_and_goes_with_its_worker(tmp_path: Path) -> None:
    (tmp_path / "image.jpg").write_bytes(picture(0))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_DECODER, tmp_path / "image.jpg"], cwd=ROOT, stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout
        worker.stdout.readline()
        children = psutil.Process(worker.pid).children(recursive=True)
        decoder = next(child for child in children if child.ppid() != worker.pid)
        status = Path(f"/proc/{decoder.pid}/status").read_text()
        memory, _ = decoder.rlimit(psutil.RLIMIT_AS)
        worker.kill()

        _, alive = psutil.wait_procs(children, timeout=10)
    assert "NoNewPrivs:\t1" in status
    assert memory < 3 * 2**30
    assert alive == []


def test_a_decoder_that_hangs_outlives_its_killed_worker_by_seconds_only() -> None:
    with subprocess.Popen([sys.executable, "-c", HANG_DECODER], cwd=ROOT, stdout=subprocess.PIPE) as worker:
        assert worker.stdout
        worker.stdout.readline()
        children = psutil.Process(worker.pid).children(recursive=True)
        time.sleep(1)  # it has the image by then
        worker.kill()

        _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []
