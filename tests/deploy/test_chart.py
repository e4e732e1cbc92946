"""The Helm chart: a worker for every step, settings that exist, and nothing a careless value could open."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from callwarden.model.service_url import ServiceUrl
from callwarden.settings import Settings, secret_names
from callwarden.workers.processes.running import STEPS
from tests.deploy.compose_file import ROOT

CHART = ROOT / "deploy" / "helm" / "callwarden"
HELM = shutil.which("helm")
COMPLETE = {
    "secretName": "callwarden",
    "logKeySecretName": "callwarden-log-key",
    "settings.CALLWARDEN_KAFKA_BOOTSTRAP": "kafka:9093",
    "settings.CALLWARDEN_KAFKA_SASL_USERNAME": "callwarden",
    "settings.CALLWARDEN_S3_REGION": "eu-west-3",
    "settings.CALLWARDEN_JOURNAL_BUCKET": "callwarden-erasures",
    "settings.CALLWARDEN_CHECKPOINT_BUCKET": "callwarden-checkpoints",
}
needs_helm = pytest.mark.skipif(HELM is None, reason="helm is not installed (https://helm.sh)")


def values() -> dict[str, Any]:
    loaded = yaml.safe_load((CHART / "values.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def helm(**changes: str | None) -> subprocess.CompletedProcess[str]:
    assert HELM is not None
    chosen = {**COMPLETE, **changes}
    sets = [part for name, value in chosen.items() if value is not None for part in ("--set", f"{name}={value}")]
    policy = f"policy={ROOT / 'config' / 'policy.yaml'}"
    return subprocess.run(
        [HELM, "template", "cw", str(CHART), "--kube-version", "1.30", "--set-file", policy, *sets],
        capture_output=True,
        text=True,
        check=False,
    )


def rendered(**changes: str | None) -> list[dict[str, Any]]:
    shown = helm(**changes)
    assert shown.returncode == 0, shown.stderr
    return [one for one in yaml.safe_load_all(shown.stdout) if one]


def test_every_step_of_the_flow_is_a_worker_of_the_chart() -> None:
    assert set(values()["workers"]) == {*STEPS, "web"}


def test_the_charts_settings_exist_and_none_of_them_is_a_secret() -> None:
    known = {f"CALLWARDEN_{name.upper()}": field for name, field in Settings.model_fields.items()}
    for name in values()["settings"]:
        assert name in known
        assert name.removeprefix("CALLWARDEN_").lower() not in secret_names()


def test_nothing_is_installed_without_a_policy_and_a_secret_of_ones_own() -> None:
    assert values()["policy"] == ""
    assert values()["secretName"] == ""
    assert values()["logKeySecretName"] == ""
    text = "".join(path.read_text() for path in sorted((CHART / "templates").glob("*.*")))
    assert 'required "policy' in text
    assert 'required "secretName' in text


@needs_helm
def test_the_chart_renders_workers_that_may_change_nothing_but_their_own_folders() -> None:
    deployments = [one for one in rendered() if one["kind"] == "Deployment"]
    assert {one["metadata"]["name"] for one in deployments} == {f"cw-{step}" for step in (*STEPS, "web")}
    for one in deployments:
        pod = one["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


@needs_helm
def test_every_worker_of_the_chart_signs_with_the_same_key_which_is_its_owners_alone() -> None:
    """L1"""
    for one in rendered():
        if one["kind"] == "Deployment":
            pod = one["spec"]["template"]["spec"]
            [key] = [volume["secret"]["secretName"] for volume in pod["volumes"] if volume["name"] == "log-key"]
            assert key == "callwarden-log-key"
            assert pod["initContainers"][0]["name"] == "log-key"
            assert "install -m 0600" in pod["initContainers"][0]["command"][-1]


def settings_of(manifests: list[dict[str, Any]]) -> dict[str, str]:
    [found] = [one["data"] for one in manifests if one["metadata"]["name"] == "cw-settings"]
    assert isinstance(found, dict)
    return found


def pods(manifests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Step to the specification of its pods."""
    return {
        one["metadata"]["name"].removeprefix("cw-"): one["spec"]["template"]["spec"]
        for one in manifests
        if one["kind"] == "Deployment"
    }


@needs_helm
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ca.secretName": "authority", "metrics.service.annotations.prometheus\\.io/scrape": "yes"},
        {"networkPolicy.metricsFrom": "null", "workers.transcribe.replicas": "0", "temporarySpace": "256Mi"},
    ],
)
def test_what_the_chart_renders_is_valid_by_the_schemas_of_kubernetes(changes: dict[str, str]) -> None:
    for one in rendered(**changes):
        kubernetes_validate.validate(one, "1.30", strict=True)


@needs_helm
def test_the_settings_a_worker_gets_are_read_by_the_product_as_they_are_meant() -> None:
    """Brokers as a list; what is empty is not set; a home that only its owner may enter."""
    brokers = "{kafka-1:9093,kafka-2:9093}"
    found = settings_of(rendered(**{"settings.CALLWARDEN_KAFKA_BOOTSTRAP": brokers, "ca.configMapName": "authority"}))
    read = Settings(
        **{name.removeprefix("CALLWARDEN_").lower(): value for name, value in found.items()},  # type: ignore[arg-type]
        database=ServiceUrl("postgresql://database/calls"),
    )
    assert read.kafka_bootstrap == ("kafka-1:9093", "kafka-2:9093")
    assert (read.kafka_sasl_mechanism, read.kafka_sasl_username) == ("SCRAM-SHA-512", "callwarden")
    assert read.metrics_address == "0.0.0.0"
    assert str(read.kafka_ssl_cafile) == str(read.s3_ca_bundle) == str(read.database_ca_bundle)
    assert (read.kms_ca_bundle, read.kafka_replication_factor) == (None, None)
    for pod in pods(rendered(**{"ca.configMapName": "authority"})).values():
        mounted = {one["mountPath"]: one["name"] for one in pod["containers"][0]["volumeMounts"]}
        assert mounted[str(read.s3_ca_bundle.parent)] == "ca"
        assert {"name": "ca", "configMap": {"name": "authority"}} in pod["volumes"]
        assert not [path for path in mounted if path == str(read.home)], "an empty volume's own folder is open to all"


@needs_helm
def test_sasl_without_a_user_is_refused_and_tls_without_one_is_not() -> None:
    nobody = {"settings.CALLWARDEN_KAFKA_SASL_USERNAME": None}
    assert "CALLWARDEN_KAFKA_SASL_USERNAME must be set" in helm(**nobody).stderr
    assert helm(**nobody, **{"settings.CALLWARDEN_KAFKA_SECURITY_PROTOCOL": "SSL"}).returncode == 0


@needs_helm
def test_the_workers_answer_for_their_health_and_figures_on_one_port_which_only_the_watchers_reach() -> None:
    manifests = rendered()
    port = values()["metrics"]["port"]
    portal = {"name": "portal", "containerPort": 8710}
    for name, pod in pods(manifests).items():
        [worker] = pod["containers"]
        assert worker["ports"] == [{"name": "metrics", "containerPort": port}, *([portal] if name == "web" else [])]
        assert worker["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "metrics"}
        assert worker["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "metrics"}
    services = {one["metadata"]["name"].rpartition("-")[2]: one for one in manifests if one["kind"] == "Service"}
    assert {name: one["spec"]["ports"][0]["targetPort"] for name, one in services.items()} == {
        "metrics": "metrics",
        "web": "portal",
    }
    network, portal_only = [one for one in manifests if one["kind"] == "NetworkPolicy"]
    assert portal_only["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "web"
    assert [one["port"] for one in portal_only["spec"]["ingress"][0]["ports"]] == [8710]
    [way_in] = network["spec"]["ingress"]
    assert [one["port"] for one in way_in["ports"]] == [port]
    assert way_in["from"], "an empty list would be everybody"
    assert [one["kind"] for one in rendered(**{"metrics.serviceMonitor.enabled": "true"})].count("ServiceMonitor") == 1
    nobody = {"networkPolicy.metricsFrom": "null", "networkPolicy.portalFrom": "null"}
    [closed] = [one for one in rendered(**nobody) if one["kind"] == "NetworkPolicy"]
    assert closed["spec"]["ingress"] == []


@needs_helm
def test_temporary_space_holds_the_largest_audio_the_policy_takes_and_counts_as_memory() -> None:
    by_policy, chosen = pods(rendered()), pods(rendered(temporarySpace="3Gi"))

    def room(pod: dict[str, Any]) -> tuple[int, int]:
        [temporary] = [one["emptyDir"] for one in pod["volumes"] if one["name"] == "temporary"]
        assert temporary["medium"] == "Memory"
        return int(temporary["sizeLimit"]), int(pod["containers"][0]["resources"]["limits"]["memory"])

    size, memory = room(by_policy["ingest"])
    assert size == 2 * 2_000_000_000  # max_audio: 2 GB, two files at once
    assert memory == size + 1024**3
    assert room(chosen["ingest"]) == (3 * 1024**3, 4 * 1024**3)
    assert room(by_policy["holds"])[0] == 64 << 20, "takes no audio"


@needs_helm
def test_workers_are_replaced_one_after_another_and_have_time_to_finish() -> None:
    for one in rendered():
        if one["kind"] == "Deployment":
            strategy, pod = one["spec"]["strategy"], one["spec"]["template"]["spec"]
            if one["metadata"]["name"] == "cw-log":
                assert strategy == {"type": "Recreate"}
            else:
                assert strategy["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
            assert pod["terminationGracePeriodSeconds"] > 30


@needs_helm
def test_volumes_of_ones_own_are_in_every_container() -> None:
    own = {
        "extraVolumes[0].name": "mine",
        "extraVolumes[0].secret.secretName": "mine",
        "extraVolumeMounts[0].name": "mine",
        "extraVolumeMounts[0].mountPath": "/run/mine",
    }
    for pod in pods(rendered(**own)).values():
        assert "mine" in {volume["name"] for volume in pod["volumes"]}
        for container in [*pod["containers"], *pod["initContainers"]]:
            assert {"name": "mine", "mountPath": "/run/mine"} in container["volumeMounts"]


@needs_helm
@pytest.mark.parametrize("name", [*COMPLETE])
def test_the_chart_refuses_to_render_without(name: str) -> None:
    """What several machines need and no default can know."""
    refused = helm(**{name: None})
    assert refused.returncode != 0
    assert name.removeprefix("settings.") in refused.stderr


@needs_helm
def test_the_chart_refuses_a_key_file_which_machines_cannot_share() -> None:
    """K4"""
    refused = helm(**{"settings.CALLWARDEN_KEYS": "file"})
    assert "must be kms" in refused.stderr


def test_the_chart_is_the_version_of_the_product() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    project = (Path(ROOT) / "pyproject.toml").read_text()
    assert f'version = "{chart["appVersion"]}"' in project
