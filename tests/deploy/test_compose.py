"""docker-compose.yml: it keeps to the specification, holds no secret, and hardens every container."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from deploy.local import ROOT, compose
from deploy.local.errors import CannotRun
from deploy.local.services import COMPOSE_FILE, EXAMPLE, RANDOM, make_variables

REQUIRED = {*RANDOM, "ASSAY_DOMAIN", "ASSAY_ORIGIN"}
OURS = {"prepare", "web", "worker", "gpu-worker", "beat"}
RAW = yaml.safe_load(COMPOSE_FILE.read_text())


def filled(**variables: str) -> dict[str, Any]:
    text = COMPOSE_FILE.read_text().replace("$$", "$$$$")  # stays for the shell in the container
    content = yaml.safe_load(compose.fill(text, dict.fromkeys(REQUIRED, "f" * 40) | variables))
    assert isinstance(content, dict)
    return content


SERVICES = filled()["services"]


def check(content: dict[str, Any]) -> None:
    """Raises ValueError where the specification does not hold."""
    PyCompose.from_yaml(yaml.safe_dump(content)).validate()


def test_it_keeps_to_the_compose_specification() -> None:
    check(filled())


@pytest.mark.parametrize(
    "change",
    [
        {"memroy": "1G"},
        {"networks": ["nowhere"]},
        {"restart": "sometimes"},
        {"healthcheck": {"test": ["CMD", "true"], "interval": "soon"}},
        {"deploy": {"resources": {"limits": {"mem": "1G"}}}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_check_of_the_specification_sees_mistakes(change: dict[str, Any]) -> None:
    content = filled()
    content["services"]["web"] |= change
    with pytest.raises(ValueError, match=r"services\.web|nowhere"):
        check(content)


def test_all_services_of_production_are_there() -> None:
    assert set(SERVICES) == OURS | {"postgres", "valkey", "proxy"}
    assert SERVICES["gpu-worker"]["profiles"] == ["gpu"]
    assert SERVICES["gpu-worker"]["environment"]["ASSAY_ENGINE"] == "keras"
    assert SERVICES["gpu-worker"]["build"]["args"] == {"REQUIREMENTS": "gpu"}
    assert SERVICES["gpu-worker"]["deploy"]["resources"]["reservations"]["devices"][0]["capabilities"] == ["gpu"]


def test_web_worker_and_beat_are_one_image_in_production_mode() -> None:
    assert {SERVICES[name]["image"] for name in OURS - {"gpu-worker"}} == {"assay:latest"}
    for name in OURS:
        assert SERVICES[name]["environment"]["ASSAY_PRODUCTION"] == "1"
        assert SERVICES[name]["build"]["dockerfile"] == "deploy/Dockerfile"


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_can_do_little_and_use_little(name: str) -> None:
    service = SERVICES[name]
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all("size=" in place or "/var/run/" in place for place in service["tmpfs"])
    assert {"cpus", "memory"} <= set(service["deploy"]["resources"]["limits"])
    assert service["logging"]["options"]["max-size"]
    assert "privileged" not in service


def test_large_bodies_wait_on_a_disk_and_not_in_memory() -> None:
    """Waitress keeps them in TMPDIR until they are whole: uploads of 50 MB each, several at a time."""
    web, image = SERVICES["web"], (ROOT / "deploy" / "Dockerfile").read_text()
    mounts = {place: source for source, place in (mount.split(":")[:2] for mount in web["volumes"])}
    spool = web["environment"]["TMPDIR"]
    assert filled()["volumes"].keys() >= {mounts[spool]}
    assert re.search(rf"install -d -o assay .*{spool}\b", image), "a new volume belongs to whom its place belongs to"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"prepare"}))
def test_what_runs_on_is_checked_and_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_what_is_needed_exists_and_tells_its_health() -> None:
    for service in SERVICES.values():
        for needed, wanted in service.get("depends_on", {}).items():
            assert needed in SERVICES
            if wanted["condition"] == "service_healthy":
                assert SERVICES[needed]["healthcheck"]
    assert {"prepare", "valkey"} == set(SERVICES["worker"]["depends_on"])


def test_every_volume_is_declared_or_a_path_of_the_repository() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in RAW["volumes"], volume


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert SERVICES["proxy"]["ports"] == ["127.0.0.1:8080:8080"]
    assert filled()["networks"]["back"] == {"internal": True}
    assert filled(ASSAY_ISOLATED="false")["networks"]["back"] == {"internal": False}
    assert SERVICES["proxy"]["networks"] == ["front"]
    for name in ("postgres", "valkey", "worker", "beat"):
        assert SERVICES[name]["networks"] == ["back"]


def test_no_secret_stands_in_the_file() -> None:
    for service in RAW["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY|AUTH|_URL$", name):
                assert re.search(r"\$\{\w+:[?-]", value), name
                assert not re.search(r":-[^}]", value), f"{name} has a default"


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_without_a_secret_or_a_name_nothing_starts(name: str) -> None:
    with pytest.raises(CannotRun, match=f"{name} is missing: set it in .env"):
        compose.read(COMPOSE_FILE, dict.fromkeys(REQUIRED - {name}, "f" * 40) | {name: ""})


def test_every_setting_that_the_documents_name_can_be_given() -> None:
    """In .env, or the file says itself; what compose does not hand on would be passed over without a word."""
    readme = (ROOT / "README.md").read_text().partition("Settings are environment variables:")[2].partition("\n")[0]
    table = (ROOT / "docs" / "security.md").read_text().partition("## Settings")[2]
    named = set(re.findall(r"ASSAY_[A-Z0-9_]+|DATABASE_URL|BROKER_URL", readme + table))

    assert len(named) > 20
    # Where it listens the command says, and requests are counted beside the broker.
    assert named - set(SERVICES["web"]["environment"]) == {"ASSAY_HOST", "ASSAY_PORT", "ASSAY_CACHE_URL"}


def test_a_prometheus_in_the_network_may_ask_the_web_process_by_its_name() -> None:
    assert "web" in SERVICES["web"]["environment"]["ASSAY_ALLOWED_HOSTS"].split(",")


def test_the_proxy_looks_for_a_web_process_that_was_made_anew() -> None:
    assert SERVICES["proxy"]["depends_on"]["web"]["restart"] is True


@pytest.mark.parametrize("name", ["worker", "gpu-worker", "beat"])
def test_celery_writes_no_banner_among_the_json(name: str) -> None:
    assert SERVICES[name]["environment"]["ASSAY_LOG_FORMAT"] == "json"
    assert SERVICES[name]["command"][:2] == ["celery", "-q"]


def test_the_example_names_every_variable_and_no_secret(tmp_path: Path) -> None:
    example = compose.read_variables(EXAMPLE)
    used = {found["name"] for found in compose.VARIABLE.finditer(COMPOSE_FILE.read_text()) if found["name"]}
    assert set(example) <= used
    assert set(example) >= REQUIRED
    assert {example[name] for name in REQUIRED} == {""}

    make_variables(tmp_path / ".env", "localhost:8080")

    made = compose.read_variables(tmp_path / ".env")
    assert compose.read(COMPOSE_FILE, made)
    assert len({made[name] for name in RANDOM}) == len(RANDOM)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_the_broker_keeps_what_it_acknowledged_and_hides_its_password() -> None:
    script = SERVICES["valkey"]["command"][-1]
    assert "--appendonly yes" in script
    assert "--maxmemory-policy noeviction" in script
    assert "requirepass $$VALKEY_PASSWORD" in script
    assert "--requirepass" not in script


def test_variables_are_filled_in_as_the_specification_says() -> None:
    given = {"A": "1", "EMPTY": ""}
    assert compose.fill("${A} ${A:-2} ${EMPTY:-2} ${NONE:-} $$A", given) == "1 1 2  $A"
    with pytest.raises(CannotRun, match="EMPTY is missing: do this"):
        compose.fill("${EMPTY:?do this}", given)
