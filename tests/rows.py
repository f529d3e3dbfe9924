"""Rows by the million, made inside the database: what a busy installation's tables hold, for tests and benchmarks."""

import json
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from batches.models import Analysis, Batch, Image, State

MODEL = "rows-1"
MAP = [[0.0125, -0.0125] * 4] * 8
FACE = {"x": 20, "y": 40, "width": 180, "height": 180, "fake_probability": 0.5, "verdict": "fake"}
QUALITY = {"jpeg_quality": 84, "sharpness": 0.6, "fine_detail": -0.5, "is_greyscale": False, "face_px": 180}


def fill(owner: User, *, batches: int, images: int, state: State, lane: str = "bulk") -> list[Batch]:
    """So many batches of so many images each, all `done` (every second one fake) or all `waiting`; the batches share
    their images."""
    _fill_images(images)
    made = [_make_batch(owner, images, state, lane) for _ in range(batches)]
    _fill_analyses(made, images, state)
    if is_postgres():  # as its autovacuum would; nobody does it on SQLite
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {Image._meta.db_table}, {Batch._meta.db_table}, {Analysis._meta.db_table}")
    return made


def _make_batch(owner: User, images: int, state: State, lane: str) -> Batch:
    now = timezone.now()
    if state == State.WAITING:
        return Batch.objects.create(owner=owner, name="rows", lane=lane, total=images, waiting=images)
    fakes = (images + 1) // 2
    return Batch.objects.create(
        owner=owner,
        name="rows",
        lane=lane,
        total=images,
        done=images,
        fake=fakes,
        real=images - fakes,
        started_at=now,
        finished_at=now,
    )


def _fill_images(images: int) -> None:
    known = Image.objects.filter(sha256__startswith="0" * 32).count()  # no hash of a file begins so
    values = {"sha256": _digits("n"), "format": "'JPEG'", "width": "256", "height": "256", "byte_size": "20000"}
    _insert(Image, values, f"{_count_to(images)} SELECT {{}} FROM numbers WHERE n >= {known}")


def _fill_analyses(batches: Sequence[Batch], images: int, state: State) -> None:
    values = {
        "id": "gen_random_uuid()" if is_postgres() else "lower(hex(randomblob(16)))",
        "batch": "batch.id",
        "owner": "batch.owner_id",
        "lane": "batch.lane",
        "image": _digits("n"),
        "ordinal": "n",
        "filename": "'image.jpg'",
        "state": f"'{state}'",
    }
    if state == State.DONE:
        values |= {
            # 7919 is prime: scores in no order, and nearly all of them different.
            "fake_probability": "0.5 * (1 - n % 2) + (n * 7919 % 100000) / 200001.0",
            "verdict": "CASE n % 2 WHEN 0 THEN 'fake' ELSE 'real' END",
            "model_version": f"'{MODEL}'",
            "engine": "'litert-int8'",
            "map": _json(MAP),
            "faces": _json([FACE]),
            "quality": _json(QUALITY),
            "attempts": "1",
            "started_at": "batch.created_at",
            "finished_at": "batch.created_at",
        }
    ids = ", ".join(f"'{batch.id if connection.vendor == 'postgresql' else batch.id.hex}'" for batch in batches)
    _insert(
        Analysis,
        values,
        f"{_count_to(images)} SELECT {{}} FROM {Batch._meta.db_table} batch, numbers WHERE batch.id IN ({ids})",
    )


def _insert(model: type[Image] | type[Analysis], values: dict[str, str], selection: str) -> None:
    """Columns that are not named get what Django would give them."""
    columns, expressions, parameters = [], [], []
    for field in model._meta.concrete_fields:
        columns.append(str(field.column))
        if field.name in values:
            expressions.append(values[field.name].replace("%", "%%"))
        else:
            default: Any = (
                field.pre_save(model(), True) if getattr(field, "auto_now_add", False) else field.get_default()
            )
            # PostgreSQL must be told the type of a NULL; SQLite's CAST would make a number of a date.
            expressions.append(f"CAST(%s AS {field.db_type(connection)})" if is_postgres() else "%s")
            parameters.append(field.get_db_prep_save(default, connection))
    statement = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) {selection}"
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{}", ", ".join(expressions)), parameters)


def _count_to(count: int) -> str:
    return f"WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {count})"


def _digits(number: str) -> str:
    return f"lpad({number}::text, 64, '0')" if is_postgres() else f"printf('%064d', {number})"


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def _json(value: object) -> str:
    literal = "'" + json.dumps(value) + "'"
    return f"{literal}::jsonb" if is_postgres() else literal
