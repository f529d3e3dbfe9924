"""ASSAY_STORAGE names a bucket, or says in one sentence how to."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("given", "bucket"),
    [
        ("", ("", "")),
        ("s3://images", ("images", "")),
        ("s3://images/", ("images", "")),
        ("s3://images/a/b/", ("images", "a/b")),
    ],
)
def test_bucket_and_prefix_are_told_apart(monkeypatch: pytest.MonkeyPatch, given: str, bucket: tuple[str, str]) -> None:
    monkeypatch.setenv("ASSAY_STORAGE", given)

    assert env.bucket("ASSAY_STORAGE") == bucket


@pytest.mark.parametrize("given", ["images", "https://images/a", "s3:///a", "s3://images/a?region=x"])
def test_anything_else_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("ASSAY_STORAGE", given)

    with pytest.raises(ImproperlyConfigured, match="ASSAY_STORAGE must be s3://bucket/prefix"):
        env.bucket("ASSAY_STORAGE")
