"""Throws damaged images at the detector's front door: `python -m tests.security.fuzz_decoder --seconds 60`.

Every input is a seed of one of the formats we read, cut, overwritten, spliced or with its numbers blown up, by a random
generator whose seed is printed: the same seed gives the same inputs. The detector must answer with pixels or with a
leaf of DecodeError, within 10 s and within 1.5 GB of address space beyond what it starts with. What breaks this is kept
in tests/security/corpus, where a test holds that it stays mended.

The inputs are tried in a child, which tells before each one what it will try: a child that dies or hangs gives its
killer away, and the next child goes on behind it.
"""

import argparse
import hashlib
import io
import multiprocessing
import os
import random
import resource
import struct
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from PIL import Image

from tests.detector.colours import P3, make_cmyk_profile

CORPUS = Path(__file__).with_name("corpus")
HANG_SECONDS = 10.0
START_SECONDS = 120.0  # importing on a busy machine is no hang
EXTRA_BYTES = 1536 * 1024 * 1024
SMALLEST, LARGEST = 24, 72  # pixels a side: small files are damaged where it matters more often
WHOLE_WAY = 50  # one input in so many
NASTY = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

Judge = Callable[[bytes], None]


@dataclass(frozen=True)
class Finding:
    """An input that was not answered as it must be, and what happened."""

    content: bytes
    words: str


@dataclass(frozen=True)
class Report:
    tried: int
    findings: list[Finding]


def seeds() -> list[bytes]:
    """A few images of every format in each of its guises: palettes, alpha, 16 bits, progressive, animated, profiles."""
    from detector.colour import make_profile  # noqa: PLC0415  (in the child, after its limits)

    rng = np.random.default_rng(7)
    colour = Image.fromarray(rng.integers(0, 256, (LARGEST, SMALLEST, 3), dtype=np.uint8))
    smooth = Image.linear_gradient("L").resize((LARGEST, LARGEST)).convert("RGB")
    sixteen = Image.fromarray(rng.integers(0, 65536, (SMALLEST, SMALLEST), dtype=np.uint16))
    exif = Image.Exif()
    exif[0x0112] = 6
    options: list[tuple[Image.Image, str, dict[str, object]]] = [
        (colour, "JPEG", {"quality": 70}),
        (smooth, "JPEG", {"progressive": True, "exif": exif.tobytes()}),
        (colour.convert("CMYK"), "JPEG", {}),
        (smooth.convert("L"), "JPEG", {}),
        (colour, "PNG", {}),
        (colour.convert("P"), "PNG", {"transparency": 3}),
        (colour.convert("RGBA"), "PNG", {"exif": exif.tobytes()}),
        (sixteen, "PNG", {}),
        (smooth, "PNG", {"save_all": True, "append_images": [colour.resize(smooth.size)]}),
        (colour, "WEBP", {"quality": 60}),
        (colour.convert("RGBA"), "WEBP", {"lossless": True}),
        (smooth, "WEBP", {"save_all": True, "append_images": [smooth.rotate(90)]}),
        (colour, "GIF", {}),
        (smooth, "GIF", {"save_all": True, "append_images": [smooth.rotate(90)]}),
        (colour, "BMP", {}),
        (colour.convert("P"), "BMP", {}),
        (colour.convert("1"), "BMP", {}),
        (colour, "TIFF", {}),
        (smooth, "TIFF", {"compression": "tiff_lzw"}),
        (smooth, "TIFF", {"compression": "tiff_adobe_deflate"}),
        (smooth, "TIFF", {"compression": "jpeg"}),
        (smooth.convert("1"), "TIFF", {"compression": "group4"}),
        (smooth, "TIFF", {"compression": "packbits", "exif": exif}),
        (sixteen, "TIFF", {}),
        (colour, "AVIF", {"speed": 10}),
        (colour.convert("RGBA"), "AVIF", {"speed": 10}),
        (colour, "HEIF", {"quality": 50}),
        (smooth.convert("RGBA"), "HEIF", {"quality": 50, "exif": exif.tobytes()}),
        (smooth, "HEIF", {"quality": 50, "chroma": 444, "save_all": True, "append_images": [smooth.rotate(90)]}),
        (colour, "JPEG", {"icc_profile": make_profile(P3, (2.2,))}),
        (colour.convert("CMYK"), "TIFF", {"icc_profile": make_cmyk_profile()}),
    ]
    return [encode(image, name, options) for image, name, options in options]


def encode(image: Image.Image, name: str, options: dict[str, object]) -> bytes:
    stream = io.BytesIO()
    image.save(stream, name, **options)
    return stream.getvalue()


def mutate(rng: random.Random, pool: list[bytes]) -> bytes:
    """One to four of the damages below, one upon the other."""
    content = bytearray(rng.choice(pool))
    for _ in range(rng.choice((1, 1, 2, 4))):
        if len(content) < 16:
            break
        place = rng.randrange(len(content))
        kind = rng.randrange(8)
        if kind == 0:
            content[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            content[place] = rng.randrange(256)
        elif kind == 2:
            del content[place:]
        elif kind == 3:
            blow_up(rng, content, place)
        elif kind == 4:
            blow_up(rng, content, min(place, rng.randrange(64)))  # headers are where sizes stand
        elif kind == 5:
            del content[place : place + rng.randrange(1, 64)]
        elif kind == 6:
            part = content[place : place + rng.randrange(1, 256)]
            content[place:place] = part * rng.choice((1, 2, 16))
        else:
            other = rng.choice(pool)
            content[place:] = other[rng.randrange(len(other) + 1) :]
    return bytes(content)


def blow_up(rng: random.Random, content: bytearray, place: int) -> None:
    form = rng.choice(("<H", ">H", "<I", ">I"))
    size = struct.calcsize(form)
    if place + size <= len(content):
        content[place : place + size] = struct.pack(form, rng.choice(NASTY) & (2 ** (8 * size) - 1))


def inputs(seed: int) -> Iterator[bytes]:
    """Without end; what was kept once is mutated on as well."""
    rng = random.Random(seed)
    pool = seeds() + [path.read_bytes() for path in sorted(CORPUS.glob("*.bin"))]
    while True:
        yield mutate(rng, pool)


def examine(content: bytes) -> None:
    """The detector's front door; whatever else than DecodeError it raises is a finding.

    Looking for faces takes a hundred times as long as decoding, so only some inputs, told by their bytes, go that far.
    """
    from detector import decode, examination  # noqa: PLC0415  (in the child, after its limits)
    from detector.errors import DecodeError  # noqa: PLC0415
    from detector.preprocess import InputSpec  # noqa: PLC0415

    with suppress(DecodeError):
        decode.read_header(content)
    with suppress(DecodeError):
        if sum(content) % WHOLE_WAY:
            decode.unpack(content)
        else:
            examination.examine(content, InputSpec(size=64))


def fuzz(seed: int, seconds: float, judge: Judge = examine, max_findings: int = 10) -> Report:
    """Tries as many inputs as the time allows, or until so many findings; starting a child, which takes seconds, does
    not count as time.

    Raises RuntimeError where not even a sound image can be tried."""
    findings: list[Finding] = []
    tried = 0
    context = multiprocessing.get_context("spawn")
    while seconds > 0 and len(findings) < max_findings:
        ours, theirs = context.Pipe()
        child = context.Process(target=_try_all, args=(theirs, seed, tried, seconds, judge), daemon=True)
        child.start()
        theirs.close()
        try:
            if not ours.poll(START_SECONDS) or ours.recv() != ("ready", b""):
                raise RuntimeError("The child did not get ready.")
            started = time.monotonic()
            count, finding = _listen(ours)
            child.join(5)  # its exit code tells a signal from a mistake of ours
        except EOFError:
            raise RuntimeError("The child died before its first input.") from None
        finally:
            child.kill()
            child.join()
        tried += count
        seconds -= time.monotonic() - started
        if finding is None:
            break
        if child.exitcode == 1:
            raise RuntimeError("The fuzzer itself made a mistake; nothing was found.")
        findings.append(replace(finding, words=f"{finding.words} (exit code {child.exitcode})"))
    return Report(tried, findings)


def _listen(pipe: Connection) -> tuple[int, Finding | None]:
    """How many inputs were tried until the child ended, and the one that ended it before its time."""
    tried, last = 0, b""
    while pipe.poll(HANG_SECONDS):
        try:
            kind, content = pipe.recv()
        except EOFError:
            return tried, Finding(last, "the process died")
        if kind == "ended":
            return tried, None
        if kind == "raised":
            return tried, Finding(last, content.decode())
        tried, last = tried + 1, content
    return tried, Finding(last, f"no answer within {HANG_SECONDS:.0f} s")


def _try_all(pipe: Connection, seed: int, skip: int, seconds: float, judge: Judge) -> None:
    source = inputs(seed)
    for _ in range(skip):
        next(source)
    judge(seeds()[0])  # whatever is loaded on first use is loaded before memory is bounded
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff writes thousands of lines about damage
    warnings.simplefilter("ignore")
    pipe.send(("ready", b""))
    end = time.monotonic() + seconds
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + EXTRA_BYTES, used + EXTRA_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for content in source:
        if time.monotonic() >= end:
            pipe.send(("ended", b""))
            break
        pipe.send(("trying", content))
        try:
            judge(content)
        except BaseException:
            pipe.send(("raised", traceback.format_exc().encode()))
            break


def keep(finding: Finding) -> Path:
    path = CORPUS / f"{hashlib.sha256(finding.content).hexdigest()[:16]}.bin"
    path.write_bytes(finding.content)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    wanted = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if wanted.seed is None else wanted.seed
    print(f"seed {seed}", flush=True)
    report = fuzz(seed, wanted.seconds)
    print(f"{report.tried} inputs, {len(report.findings)} not answered as they must be")
    for finding in report.findings:
        print(f"\n{keep(finding)}: {finding.words}")
    sys.exit(1 if report.findings else 0)


if __name__ == "__main__":
    main()
