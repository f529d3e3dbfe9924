"""Dashboard and alert rules name only what /metrics tells, and have the form that Grafana and Prometheus read."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from status import metrics
from tests.conftest import ROOT

ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
NAME = re.compile(r"\bassay_\w+")
OF_HISTOGRAMS = re.compile(r"_(bucket|sum|count)$")


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def expressions() -> list[str]:
    targets = [target["expr"] for panel in panels() for target in panel["targets"]]
    return targets + [rule["expr"] for rule in rules()]


def test_every_metric_named_is_told(db: None) -> None:
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", metrics.expose().decode(), re.MULTILINE))
    named = {name for expression in expressions() for name in NAME.findall(expression)}

    assert len(named) > 15
    for name in named:
        whole = OF_HISTOGRAMS.sub("", name)
        assert name in types or types.get(whole) == "histogram", name


def test_every_metric_told_of_work_is_on_the_dashboard(db: None) -> None:
    told = set(re.findall(r"^# TYPE (assay_\w+) \w+$", metrics.expose().decode(), re.MULTILINE))
    shown = {name for panel in panels() for target in panel["targets"] for name in NAME.findall(target["expr"])}

    assert told <= shown | {OF_HISTOGRAMS.sub("", name) for name in shown}


def test_rules_say_what_is_wrong_and_what_to_do() -> None:
    """And Prometheus takes them; its own checker looks too where it is installed (Debian's package `prometheus`)."""
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names)) >= 12
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["description"].endswith(".")
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
    if promtool := shutil.which("promtool"):
        checked = subprocess.run([promtool, "check", "rules", str(ALERTS)], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("expression", expressions())
def test_an_expression_is_balanced(expression: str) -> None:
    pairs = {")": "(", "]": "[", "}": "{"}
    opened: list[str] = []
    for sign in re.sub(r'"[^"]*"', "", expression):
        if sign in pairs.values():
            opened.append(sign)
        elif sign in pairs:
            assert opened
            assert opened.pop() == pairs[sign]
    assert not opened


def test_panels_lie_side_by_side_and_ask_the_chosen_source() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {(place["x"] + across, place["y"] + down) for across in range(place["w"]) for down in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
    assert len({panel["id"] for panel in panels()}) == len(panels())
