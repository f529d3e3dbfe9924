"""GET /api/v1/model."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from api import engine
from detector import bundle


def test_the_model_says_what_it_is_and_can_do(client: Client, settings: Settings) -> None:
    card = bundle.load(settings.BUNDLE).card

    answer = client.get("/api/v1/model").json()

    assert (answer["version"], answer["recipe"], answer["engine"]) == (card.version, card.recipe, "litert-int8")
    assert answer["input_size"] == card.input.size
    assert answer["limits"] == list(card.limits)
    assert answer["trained_on"]
    assert 0 <= answer["thresholds"]["real_below"] <= answer["thresholds"]["fake_from"]
    test = card.metrics.get("litert-int8")
    assert (answer["test"] is None) == (test is None)
    if test is not None:
        assert answer["test"]["accuracy"] == vars(test.accuracy)
        assert answer["test"]["auc"] == vars(test.auc)


def test_an_engine_that_the_model_does_not_have_is_named_so(client: Client, settings: Settings) -> None:
    settings.ENGINE = "litert-int4"

    answer = client.get("/api/v1/model")

    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unknown")
    assert "litert-int4" in answer.json()["detail"]


def test_without_a_model_the_answer_says_so(
    client: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MODELS = tmp_path
    monkeypatch.setattr(engine, "_detector", None)

    answer = client.get("/api/v1/model")

    assert (answer.status_code, answer.json()["code"]) == (503, "bundle_missing")
