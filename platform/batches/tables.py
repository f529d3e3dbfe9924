"""Writes results as rows: JSON lines, CSV that no spreadsheet takes for formulas, or Parquet."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import IO

from batches.models import Analysis, Format

Cell = str | int | float | list[str] | None
Write = Callable[[Sequence[Analysis]], None]

# Spreadsheets run what begins so (OWASP, "CSV injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "analysis",
    "ordinal",
    "filename",
    "sha256",
    "state",
    "verdict",
    "fake_probability",
    "strength",
    "likelihood_ratio",
    "likelihood_ratio_low",
    "likelihood_ratio_high",
    "lean",
    "reasons",
    "stability",
    "frames",
    "frames_examined",
    "model_version",
    "engine",
    "error_code",
    "error_detail",
    "format",
    "width",
    "height",
    "byte_size",
    "created_at",
    "finished_at",
)
MEDIA_TYPES = {
    Format.JSONL: "application/x-ndjson",
    Format.CSV: "text/csv; charset=utf-8",
    Format.PARQUET: "application/vnd.apache.parquet",
}


def writer(format: str, file: IO[bytes]) -> AbstractContextManager[Write]:
    """A context in which rows are written into the file, group by group; whole when the context has ended."""
    return WRITERS[Format(format)](file)


def row_of(analysis: Analysis) -> dict[str, Cell]:
    """One analysis, flat: the columns of every format."""
    image, ratio = analysis.image, analysis.likelihood_ratio or {}
    cells: tuple[Cell, ...] = (
        str(analysis.id),
        analysis.ordinal,
        analysis.filename,
        analysis.image_id,
        analysis.state,
        analysis.verdict or None,
        analysis.fake_probability,
        analysis.strength or None,
        ratio.get("value"),
        ratio.get("low"),
        ratio.get("high"),
        analysis.lean or None,
        list(analysis.reasons),
        analysis.stability,
        analysis.frames["count"] if analysis.frames else None,
        analysis.frames["examined"] if analysis.frames else None,
        analysis.model_version or None,
        analysis.engine or None,
        analysis.error_code or None,
        analysis.error_detail or None,
        image.format,
        image.width,
        image.height,
        image.byte_size,
        analysis.created_at.isoformat(),
        analysis.finished_at.isoformat() if analysis.finished_at else None,
    )
    return dict(zip(COLUMNS, cells, strict=True))


@contextmanager
def _json_lines(file: IO[bytes]) -> Iterator[Write]:
    def write(analyses: Sequence[Analysis]) -> None:
        for analysis in analyses:
            file.write(json.dumps(row_of(analysis), ensure_ascii=False).encode() + b"\n")

    yield write


@contextmanager
def _csv(file: IO[bytes]) -> Iterator[Write]:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    rows = csv.writer(text)
    rows.writerow(COLUMNS)

    def write(analyses: Sequence[Analysis]) -> None:
        rows.writerows([_harmless(cell) for cell in row_of(analysis).values()] for analysis in analyses)

    yield write
    text.flush()
    text.detach()  # the file stays open: it is synced next


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, list):
        cell = " ".join(cell)
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell


@contextmanager
def _parquet(file: IO[bytes]) -> Iterator[Write]:
    # Here alone: 56 MB of memory that a worker without such an export does not need.
    import pyarrow  # noqa: PLC0415
    import pyarrow.parquet  # noqa: PLC0415

    kinds = {
        "ordinal": pyarrow.int32(),
        "fake_probability": pyarrow.float64(),
        "likelihood_ratio": pyarrow.float64(),
        "likelihood_ratio_low": pyarrow.float64(),
        "likelihood_ratio_high": pyarrow.float64(),
        "reasons": pyarrow.list_(pyarrow.string()),
        "stability": pyarrow.float64(),
        "frames": pyarrow.int32(),
        "frames_examined": pyarrow.int32(),
        "width": pyarrow.int32(),
        "height": pyarrow.int32(),
        "byte_size": pyarrow.int64(),
    }
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in COLUMNS])
    with pyarrow.parquet.ParquetWriter(file, schema) as rows:

        def write(analyses: Sequence[Analysis]) -> None:
            rows.write_table(pyarrow.Table.from_pylist([row_of(analysis) for analysis in analyses], schema))

        yield write


WRITERS = {Format.JSONL: _json_lines, Format.CSV: _csv, Format.PARQUET: _parquet}
