"""The Helm chart: a worker for every step, settings that exist, and nothing a careless value could open."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.settings import Settings
from tests.deploy.compose_file import ROOT
from workers.running import STEPS

CHART = ROOT / "deploy" / "helm" / "callwarden"
HELM = shutil.which("helm")
COMPLETE = {
    "secretName": "callwarden",
    "logKeySecretName": "callwarden-log-key",
    "settings.CALLWARDEN_KAFKA_BOOTSTRAP": "kafka:9093",
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


def rendered() -> list[dict[str, Any]]:
    shown = helm()
    assert shown.returncode == 0, shown.stderr
    return [one for one in yaml.safe_load_all(shown.stdout) if one]


def test_every_step_of_the_flow_is_a_worker_of_the_chart() -> None:
    assert set(values()["workers"]) == set(STEPS)


def test_the_charts_settings_exist_and_none_of_them_is_a_secret() -> None:
    known = {f"CALLWARDEN_{name.upper()}": field for name, field in Settings.model_fields.items()}
    for name in values()["settings"]:
        assert name in known
        assert "Secret" not in str(known[name].annotation)


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
    assert {one["metadata"]["name"] for one in deployments} == {f"cw-{step}" for step in STEPS}
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
