"""`manage.py scan PATH...`: judges files and folders without a server; findings on stdout, progress on stderr."""

import csv
import io
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand
from tqdm import tqdm

from console import preflight, scan
from console.errors import CannotStart
from detector import Detector
from detector.errors import BundleError
from detector.strength import LikelihoodRatio

RATIO_COLUMNS = ("likelihood_ratio", "likelihood_ratio_low", "likelihood_ratio_high")
COLUMNS = (
    "path",
    "fake_probability",
    "verdict",
    "confidence",
    "strength",
    *RATIO_COLUMNS,
    "lean",
    "model_version",
    "error",
    "reasons",
    "frames",
    "frames_examined",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a path that begins so


class Command(BaseCommand):
    help = "Judge image files and folders of them on this machine, without a server."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="an image file, or a folder of them")
        parser.add_argument("--format", choices=("table", "jsonl", "csv"), default="table")

    def handle(self, *, paths: list[Path], format: str, **_: Any) -> None:
        """Exit code 0: every file was judged. 1: some files, or folders, have an error instead. 2: it cannot begin."""
        try:
            files, unread = scan.find_files(paths)
            preflight.check_face_model()
            detector = Detector.open(
                settings.BUNDLE, engine=settings.ENGINE, threads=os.cpu_count() or 1, face_model=settings.FACE_MODEL
            )
        except FileNotFoundError as error:
            _stop(f"{error.args[0]} does not exist.")
        except CannotStart as error:
            _stop(str(error))
        except BundleError as error:
            _stop(f"The model in {settings.BUNDLE} cannot be used: {error}")
        total = len(files) + len(unread)
        if not total:
            _stop(f"There are no files in {', '.join(map(str, paths))}.")
        findings = chain(unread, scan.judge(files, detector))
        rows = (_row(found, detector.version) for found in tqdm(findings, total=total, unit="image", file=sys.stderr))
        try:
            errors = _write(rows, format)
        except BrokenPipeError:  # `| head` has seen enough; what Python still holds back goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        if errors:
            print(f"{errors} of {total} files have no verdict; their rows say why.", file=sys.stderr)
            sys.exit(1)


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(2)


def _row(found: scan.Finding, model_version: str) -> dict[str, Any]:
    if found.assessment is None:
        return {"path": str(found.path), "error": found.error}
    return {
        "path": str(found.path),
        "fake_probability": round(found.assessment.fake_probability, 6),
        "verdict": found.assessment.verdict,
        "confidence": round(found.assessment.confidence, 2),
        "strength": found.assessment.strength,
        **_ratio_cells(found.assessment.likelihood_ratio),
        "lean": found.assessment.lean,
        "model_version": model_version,
        "reasons": list(found.assessment.reasons),
        "frames": found.assessment.frames,
        "frames_examined": found.assessment.frames_examined,
    }


def _ratio_cells(ratio: LikelihoodRatio | None) -> dict[str, float | None]:
    ends = (ratio.value, ratio.low, ratio.high) if ratio else (None, None, None)
    return dict(zip(RATIO_COLUMNS, ends, strict=True))


def _write(rows: Iterator[dict[str, Any]], format: str) -> int:
    """Writes each row as it comes; returns how many of them are errors."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files are bytes, and not all of them text
    errors = 0
    table = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    if format == "csv":
        table.writeheader()
    for row in rows:
        errors += "error" in row
        if format == "jsonl":
            print(json.dumps(row, ensure_ascii=False))
        elif format == "csv":
            table.writerow(row | {"path": _inert(row["path"]), "reasons": " ".join(row.get("reasons", ()))})
        else:
            print(format_row(row))
    sys.stdout.flush()
    return errors


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def format_row(row: dict[str, Any]) -> str:
    """One line of the table: verdict, score, file, and what speaks for the verdict or against one."""
    # A name can hold a line's end, or what moves a terminal's cursor: then it could pass for another file's row.
    path = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in row["path"])
    if "error" in row:
        return f"{'error':<13}{'':>9}  {path}: {row['error']}"
    # The score stands only where the verdict says the same: beside another one it would be taken for a verdict.
    score = f"{row['fake_probability']:.1%}" if row["verdict"] in ("fake", "real") else ""
    frames = [f"{row['frames_examined']} of {row['frames']} frames"] if row["frames"] > 1 else []
    notes = ", ".join([*_list_support(row), *row["reasons"], *frames])
    return f"{row['verdict']:<13}{score:>8}  {path}{f' ({notes})' if notes else ''}"


def _list_support(row: dict[str, Any]) -> list[str]:
    lean = [f"leans {row['lean']}"] if row["lean"] else []
    if row["strength"] in (None, "inconclusive"):
        return lean
    level, side = row["strength"].split("_")
    ratio, low, high = (row[name] for name in RATIO_COLUMNS)
    return [*lean, f"{level} support for {side}, likelihood ratio {ratio:.3g}, {low:.3g} to {high:.3g}"]
