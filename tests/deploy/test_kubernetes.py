"""deploy/kubernetes: kustomize renders it, every object fits its schema, every pod is hardened, and the names meet."""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from django.db import connection

from tests.conftest import ROOT
from tests.deploy.installation import services

FOLDER = ROOT / "deploy" / "kubernetes"
RENDERED = ("base", "overlays/example")
KUBERNETES = "1.34"
Manifest = dict[str, Any]

# What https://keda.sh/docs/latest/reference/scaledobject-spec and scalers/postgresql document, as far as we use it.
SCALED_OBJECT = {
    "type": "object",
    "required": ["scaleTargetRef", "triggers"],
    "additionalProperties": False,
    "properties": {
        "scaleTargetRef": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "pollingInterval": {"type": "integer", "minimum": 1},
        "cooldownPeriod": {"type": "integer", "minimum": 0},
        "minReplicaCount": {"type": "integer", "minimum": 0},
        "maxReplicaCount": {"type": "integer", "minimum": 1},
        "fallback": {
            "type": "object",
            "required": ["failureThreshold", "replicas"],
            "additionalProperties": {"type": "integer", "minimum": 1},
        },
        "advanced": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"horizontalPodAutoscalerConfig": {"type": "object"}},
        },
        "triggers": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["type", "metadata", "authenticationRef"],
                "additionalProperties": False,
                "properties": {
                    "type": {"const": "postgresql"},
                    "metadata": {
                        "type": "object",
                        "required": ["query", "targetQueryValue"],
                        "additionalProperties": False,
                        "properties": {
                            name: {"type": "string"}  # KEDA refuses numbers here
                            for name in ("query", "targetQueryValue", "activationTargetQueryValue")
                        },
                    },
                    "authenticationRef": {"type": "object", "required": ["name"]},
                },
            },
        },
    },
}
TRIGGER_AUTHENTICATION = {
    "type": "object",
    "required": ["secretTargetRef"],
    "additionalProperties": False,
    "properties": {
        "secretTargetRef": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["parameter", "name", "key"],
                "additionalProperties": {"type": "string"},
            },
        }
    },
}
KEDA = {"ScaledObject": SCALED_OBJECT, "TriggerAuthentication": TRIGGER_AUTHENTICATION}


@cache
def render(folder: str) -> tuple[Manifest, ...]:
    kubectl = Path(sys.executable).parent / "kubectl"
    ended = subprocess.run([kubectl, "kustomize", FOLDER / folder], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return tuple(yaml.safe_load_all(ended.stdout))


def find(folder: str, kind: str, name: str) -> Manifest:
    [found] = [m for m in render(folder) if (m["kind"], m["metadata"]["name"]) == (kind, name)]
    return found


def workloads(folder: str) -> Iterator[tuple[str, Manifest]]:
    """The name and the pod's specification of everything that runs."""
    for manifest in render(folder):
        if manifest["kind"] in {"Deployment", "Job"}:
            yield manifest["metadata"]["name"], manifest["spec"]["template"]["spec"]


def check(manifest: Manifest) -> None:
    if manifest["kind"] in KEDA:
        assert manifest["apiVersion"] == "keda.sh/v1alpha1"
        jsonschema.validate(manifest["spec"], KEDA[manifest["kind"]])
    else:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


@pytest.mark.parametrize("folder", RENDERED)
def test_every_object_fits_its_schema(folder: str) -> None:
    assert len(render(folder)) > 12
    for manifest in render(folder):
        check(manifest)


def test_the_schemas_see_mistakes() -> None:
    deployment = find("base", "Deployment", "web")
    with pytest.raises(kubernetes_validate.ValidationError):
        check(deployment | {"spec": deployment["spec"] | {"replica": 2}})
    scaled = find("overlays/example", "ScaledObject", "worker")
    with pytest.raises(jsonschema.ValidationError):
        check(scaled | {"spec": scaled["spec"] | {"minReplicas": 2}})


def test_every_file_is_used() -> None:
    for file in FOLDER.rglob("*.yaml"):
        if file.name != "kustomization.yaml":
            assert file.name in (file.parent / "kustomization.yaml").read_text(), file


@pytest.mark.parametrize("folder", RENDERED)
def test_every_container_can_do_little_and_use_little(folder: str) -> None:
    for name, pod in workloads(folder):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True
            assert rights["allowPrivilegeEscalation"] is False
            assert rights["capabilities"] == {"drop": ["ALL"]}
            assert "memory" in container["resources"]["limits"]
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "/tmp" in [mount["mountPath"] for mount in container["volumeMounts"]]


@pytest.mark.parametrize("folder", RENDERED)
def test_everything_that_runs_on_is_probed_and_may_be_drained(folder: str) -> None:
    guarded = {m["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] for m in render(folder)
               if m["kind"] == "PodDisruptionBudget"}  # fmt: skip
    for manifest in render(folder):
        if manifest["kind"] == "Deployment":
            [container] = manifest["spec"]["template"]["spec"]["containers"]
            assert {"startupProbe", "livenessProbe"} <= set(container)
            assert manifest["spec"]["selector"]["matchLabels"].items() <= (
                manifest["spec"]["template"]["metadata"]["labels"].items()
            )
            component = manifest["metadata"]["labels"]["app.kubernetes.io/component"]
            assert (component in guarded) == (component != "beat")
    web = find(folder, "Deployment", "web")["spec"]["template"]["spec"]["containers"][0]
    assert web["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert find(folder, "Deployment", "beat")["spec"]["replicas"] == 1
    assert find(folder, "Deployment", "beat")["spec"]["strategy"] == {"type": "Recreate"}


@pytest.mark.parametrize("folder", RENDERED)
def test_large_bodies_wait_on_a_disk_and_not_in_memory(folder: str) -> None:
    pod = find(folder, "Deployment", "web")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    spool = next(one["value"] for one in container["env"] if one["name"] == "TMPDIR")
    name = next(mount["name"] for mount in container["volumeMounts"] if mount["mountPath"] == spool)
    volume = next(volume for volume in pod["volumes"] if volume["name"] == name)
    assert volume["emptyDir"].get("medium", "") == ""


def test_the_same_commands_run_as_under_compose() -> None:
    by_compose = {name.replace("_", "-"): service for name, service in services().items()}
    for name, pod in workloads("overlays/example"):
        [container] = pod["containers"]
        assert container["command"] == list(by_compose[name].command), name
        if "exec" in container.get("livenessProbe", {}):
            assert container["livenessProbe"]["exec"]["command"] == list(by_compose[name].health_check)


def test_the_same_settings_hold_as_under_compose() -> None:
    [settings] = [m["data"] for m in render("base") if m["kind"] == "ConfigMap" and "ASSAY_HOME" in m["data"]]
    under_compose = services()["web"].environment
    for word in ("PRODUCTION", "HOME", "BEHIND_TLS", "PROXY_COUNT", "PULSE", "LOG_FORMAT"):
        assert settings[f"ASSAY_{word}"] == under_compose[f"ASSAY_{word}"]
    for name, pod in workloads("overlays/example"):
        if name != "proxy":
            [container] = pod["containers"]
            secret = {entry["name"] for entry in container["env"] if "valueFrom" in entry}
            assert {"ASSAY_SECRET_KEY", "DATABASE_URL", "BROKER_URL"} <= secret, name


@pytest.mark.parametrize("folder", RENDERED)
def test_no_secret_is_among_the_objects(folder: str) -> None:
    assert "Secret" not in {manifest["kind"] for manifest in render(folder)}


def test_the_gpu_worker_has_its_own_image_engine_and_device() -> None:
    [container] = find("overlays/example", "Deployment", "gpu-worker")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example.org/assay-gpu:1.0.0"
    assert {"name": "ASSAY_ENGINE", "value": "keras"} in container["env"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == 1


def test_names_that_objects_call_each_other_by_exist() -> None:
    ingress = find("overlays/example", "Ingress", "assay")
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert find("base", "Service", backend["name"])["spec"]["ports"][0]["name"] == backend["port"]["name"]
    scaled = find("overlays/example", "ScaledObject", "worker")
    assert "replicas" not in find("overlays/example", "Deployment", scaled["spec"]["scaleTargetRef"]["name"])["spec"]
    [trigger] = scaled["spec"]["triggers"]
    assert find("overlays/example", "TriggerAuthentication", trigger["authenticationRef"]["name"])
    assert "web:8000" in (ROOT / "deploy" / "proxy" / "nginx.conf").read_text()
    assert find("base", "Service", "web")["spec"]["ports"][0]["port"] == 8000
    for name, pod in workloads("overlays/example"):
        volumes = {volume["name"] for volume in pod["volumes"]}
        assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} == volumes, name


def test_network_policies_let_in_nobody_but_the_proxy() -> None:
    policies = {m["metadata"]["name"]: m["spec"] for m in render("base") if m["kind"] == "NetworkPolicy"}
    assert policies["assay-default"]["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in policies["assay-default"]
    open_to_all = [
        name for name, spec in policies.items() if any("from" not in rule for rule in spec.get("ingress", []))
    ]
    assert open_to_all == ["assay-proxy"]


def test_prometheus_may_ask_each_web_pod_by_its_address() -> None:
    [container] = find("overlays/example", "Deployment", "web")["spec"]["template"]["spec"]["containers"]
    environment = {entry["name"]: entry for entry in container["env"]}
    assert environment["POD_ADDRESS"]["valueFrom"]["fieldRef"]["fieldPath"] == "status.podIP"
    assert environment["ASSAY_ALLOWED_HOSTS"]["value"] == "$(HOSTS),$(POD_ADDRESS)"
    names = list(environment)  # a variable is filled in with those above it
    assert names.index("ASSAY_ALLOWED_HOSTS") > max(names.index("HOSTS"), names.index("POD_ADDRESS"))
    assert environment["ASSAY_METRICS_TOKEN"]["valueFrom"]["secretKeyRef"]["optional"] is True
    rule = find("overlays/example", "NetworkPolicy", "assay-prometheus")["spec"]["ingress"][0]
    assert rule["ports"] == [{"port": 8000, "protocol": "TCP"}]
    assert "namespaceSelector" in rule["from"][0]


def test_the_ingress_lets_whole_uploads_through() -> None:
    wanted = re.search(r"client_max_body_size (\w+);", (ROOT / "deploy" / "proxy" / "nginx.conf").read_text())
    assert wanted is not None
    notes = find("overlays/example", "Ingress", "assay")["metadata"]["annotations"]
    assert notes["nginx.ingress.kubernetes.io/proxy-body-size"] == wanted[1]


@pytest.mark.parametrize("name", ["web", "proxy"])
def test_what_is_sent_while_a_pod_goes_is_answered(name: str) -> None:
    [container] = find("base", "Deployment", name)["spec"]["template"]["spec"]["containers"]
    assert container["lifecycle"]["preStop"]["exec"]["command"][0] == "sleep"


@pytest.mark.django_db
def test_workers_are_scaled_by_a_query_that_the_database_answers_from_an_index() -> None:
    [trigger] = find("overlays/example", "ScaledObject", "worker")["spec"]["triggers"]
    query = trigger["metadata"]["query"]

    with connection.cursor() as cursor:
        cursor.execute(query)
        assert cursor.fetchone() == (0,)
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {query}")
            assert "batch_waiting" in str(cursor.fetchall())
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {query}")
            assert "batch_waiting" in str(cursor.fetchall())
