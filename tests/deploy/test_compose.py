"""The distributed deployment: the compose file's own commands, run against real servers; and what the file must say."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from callwarden.settings import Settings
from callwarden.wiring import System, open_system
from callwarden.workers.cli.publishing import publish
from callwarden.workers.processes.running import STEPS
from tests.deploy.compose_file import ROOT, Service, services, variables
from tests.servers.kafka import KafkaServer
from tests.servers.s3 import RunningS3

COMMAND = str(Path(sys.executable).parent / "callwarden")
CALLS = ROOT / "config" / "demo" / "calls"
REQUIRED = {
    "CALLWARDEN_S3_ACCESS_KEY": "access",
    "CALLWARDEN_S3_SECRET_KEY": "secret",
    "DATABASE_PASSWORD": "password",
    "KAFKA_CLUSTER_ID": "cluster",
}
PATIENCE_S = 90.0


def ours() -> dict[str, Service]:
    return {name: service for name, service in services(REQUIRED).items() if service.is_ours}


# what the file says


def test_every_step_of_the_flow_has_a_service() -> None:
    commands = [service.command for service in ours().values()]
    assert [step for step in (*STEPS, "web") if ["work", step] not in commands] == []


def test_nothing_secret_stands_in_the_file_and_a_missing_secret_stops_the_start() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    wanted = variables(text)
    assert {name for name, kind in wanted.items() if kind == "?"} == set(REQUIRED)
    for service in services(REQUIRED).values():
        for name, value in service.environment.items():
            if re.search("PASSWORD|SECRET|ACCESS_KEY", name):
                assert value in REQUIRED.values()
    with pytest.raises(KeyError):
        services({})


def test_every_variable_of_the_file_is_explained_in_the_example_settings() -> None:
    explained = (ROOT / "config" / "settings.example.env").read_text()
    asked = variables((ROOT / "docker-compose.yml").read_text())
    assert [name for name in asked if not re.search(rf"^#?\s?{name}=", explained, re.MULTILINE)] == []


def test_the_workers_are_given_only_settings_that_exist() -> None:
    known = {f"CALLWARDEN_{name.upper()}" for name in Settings.model_fields}
    for service in ours().values():
        assert set(service.environment) <= known


def test_the_workers_run_as_nobody_on_a_file_system_they_cannot_change() -> None:
    for service in ours().values():
        definition = service.definition
        assert definition["read_only"] is True
        assert definition["user"] == "10001:10001"
        assert definition["cap_drop"] == ["ALL"]
        assert definition["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in definition or service.name == "web"


def test_every_image_has_a_version_and_every_lasting_service_a_health_check() -> None:
    for service in services(REQUIRED).values():
        assert re.search(r":[0-9]", service.definition["image"]), service.name
        assert service.definition["healthcheck"].get("disable") or service.healthcheck()
        if service.definition.get("restart") != "no":
            assert "healthcheck" in service.definition


def test_keys_and_the_erasure_journal_lie_apart_from_the_database_and_from_each_other() -> None:
    """K4: a backup of one volume alone can bring nothing back."""
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    mounts = dict(volume.split(":")[:2] for volume in services(REQUIRED)["dispose"].definition["volumes"])
    database = dict(volume.split(":")[:2] for volume in services(REQUIRED)["database"].definition["volumes"])
    assert mounts["keys"].endswith("/keys")
    assert mounts["erasures"].endswith("/erasures")
    assert set(database).isdisjoint({"keys", "erasures", "state"})
    assert {"keys", "erasures", "vault", "catalogue"} <= set(loaded["volumes"])


def test_only_the_telephone_systems_listener_and_the_portal_are_open_and_only_on_this_machine() -> None:
    open_ports = {
        name: one.definition["ports"] for name, one in services(REQUIRED).items() if "ports" in one.definition
    }
    assert open_ports == {"kafka": ["127.0.0.1:9094:9094"], "web": ["127.0.0.1:8710:8710"]}
    outward = {name for name, one in ours().items() if set(one.definition["networks"]) != {"inside"}}
    assert outward == {"web", "webhooks"}


# the commands, run


class Deployment:
    """The services of the compose file as processes of this machine, with the servers' addresses put in."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self.running: list[tuple[str, subprocess.Popen[str]]] = []
        self.closing = ExitStack()

    def settings(self, service: Service) -> Settings:
        """What a process of the service would have in force."""
        found = {
            name.removeprefix("CALLWARDEN_").lower(): value
            for name, value in self.of(service).items()
            if name.startswith("CALLWARDEN_")
        }
        return Settings(**found)  # type: ignore[arg-type]  # text, as in the environment

    def of(self, service: Service) -> dict[str, str]:
        """The service's own environment with this machine's addresses, and nothing of ours besides."""
        outside = {name: value for name, value in os.environ.items() if not name.startswith("CALLWARDEN_")}
        return {**outside, **service.environment, **self.environment, "PYTHONUNBUFFERED": "1"}

    def run(self, service: Service, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *command],
            env={**self.of(service), **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            cwd=self.environment["CALLWARDEN_HOME"],
            check=False,
        )

    def start(self, service: Service) -> None:
        for replica in range(service.replicas):
            process = subprocess.Popen(
                [COMMAND, *service.command],
                env=self.of(service),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=self.environment["CALLWARDEN_HOME"],
            )
            self.running.append((f"{service.name}-{replica + 1}", process))

    def stop(self) -> dict[str, tuple[int, str]]:
        """SIGTERM to each, as `docker compose stop` sends it; exit code and what was printed, by name."""
        for _, process in self.running:
            process.send_signal(signal.SIGTERM)
        ends = {}
        for name, process in self.running:
            output, _ = process.communicate(timeout=PATIENCE_S)
            ends[name] = (process.returncode, output)
        self.running.clear()
        return ends

    def kill(self) -> None:
        self.closing.close()
        for _, process in self.running:
            process.kill()
            process.communicate()
        self.running.clear()


@contextmanager
def deployment(environment: Mapping[str, str]) -> Iterator[Deployment]:
    built = Deployment(environment)
    try:
        yield built
    finally:
        built.kill()


def recorded(audio: str, uri: str, **changes: Any) -> dict[str, Any]:
    content = (CALLS / audio).read_bytes()
    ended = datetime.now(UTC) - timedelta(minutes=5)
    data: dict[str, Any] = {
        "call_id": f"c-{uuid.uuid4().hex[:12]}",
        "line": "customer-service",
        "direction": "inbound",
        "started_at": (ended - timedelta(minutes=1)).isoformat(),
        "ended_at": ended.isoformat(),
        "caller": {"number": "+33639980001"},
        "channels": ["agent", "caller"],
        "audio": {"uri": uri, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)},
        "objections": [],
        **changes,
    }
    return envelope("call.recorded", data)


def envelope(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"specversion": "1.0", "type": kind, "source": "pbx/test", "id": uuid.uuid4().hex, "data": dict(data)}


@pytest.mark.tier("kafka", "ceph", "postgres")
@pytest.mark.timeout(300)
def test_the_compose_files_commands_take_calls_in_on_real_servers_and_end_gently(
    tmp_path: Path, own_kafka: KafkaServer, ceph_server: RunningS3, postgres_dsn: str, s3_bucket_name: str
) -> None:
    """R3, K5: two ingest processes, every outcome accounted for, nothing of an objecting caller left, exit code 0."""
    home, spool = tmp_path / "home", tmp_path / "spool"
    home.mkdir()
    policy = yaml.safe_load((ROOT / "config" / "policy.yaml").read_text())
    policy["storage_regions"] = [ceph_server.region]
    policy["landing_areas"] = ["spool:", f"s3://{s3_bucket_name}-landing"]
    (tmp_path / "policy.yaml").write_text(yaml.safe_dump(policy))
    files = services(REQUIRED)
    with deployment(
        {
            "CALLWARDEN_HOME": str(home),
            "CALLWARDEN_SPOOL": str(spool),
            "CALLWARDEN_CHECKPOINTS": str(tmp_path / "checkpoints"),
            "CALLWARDEN_POLICY": str(tmp_path / "policy.yaml"),
            "CALLWARDEN_KAFKA_BOOTSTRAP": own_kafka.start().bootstrap,
            "CALLWARDEN_S3_ENDPOINT": ceph_server.endpoint_url,
            "CALLWARDEN_S3_REGION": ceph_server.region,
            "CALLWARDEN_S3_ACCESS_KEY": ceph_server.access_key,
            "CALLWARDEN_S3_SECRET_KEY": ceph_server.secret_key,
            "CALLWARDEN_S3_BUCKET": s3_bucket_name,
            "CALLWARDEN_DATABASE": postgres_dsn,
        }
    ) as site:
        setup = site.run(files["setup"], files["setup"].command)
        assert setup.returncode == 0, setup.stderr
        for name in ("ingest", "objections", "holds", "dispose", "log"):
            site.start(files[name])
        assert len(site.running) == 6

        landing = ceph_server.client()
        landing.create_bucket(Bucket=f"{s3_bucket_name}-landing")
        landing.put_object(Bucket=f"{s3_bucket_name}-landing", Key="a/05.wav", Body=(CALLS / "05.wav").read_bytes())
        first = recorded("01.wav", "spool:01.wav")
        events = [
            first,
            recorded("06.wav", "spool:06.wav", line="monitoring-centre"),
            recorded("05.wav", f"s3://{s3_bucket_name}-landing/a/05.wav"),
            recorded("11.wav", "spool:11.wav", objections=["recording"]),
            recorded("12.wav", "spool:12.wav", ended_at="not a time"),
            first,
            "this is no event",
        ]
        (tmp_path / "calls.json").write_text(json.dumps(events))
        tools = files["tools"]
        published = site.run(tools, ["publish", str(tmp_path / "calls.json"), "--audio-dir", str(CALLS), "--json"])
        counts = {"published": 7, "audio_copied": 5, "audio_missing": [], "audio_refused": []}
        assert json.loads(published.stdout) == counts, published.stderr
        system = open_system(site.settings(tools))
        site.closing.callback(system.close)
        _until_done(system, site, 7)

        objected = envelope(
            "call.objected",
            {
                "call_id": first["data"]["call_id"],
                "purposes": ["recording"],
                "channel": "phone",
                "at": datetime.now(UTC).isoformat(),
            },
        )
        publish(system.bus, [json.dumps(objected).encode()])
        _until_done(system, site, 8)
        assert "CALLWARDEN_TOKEN" in site.run(tools, ["calls", "outcomes"]).stderr
        issued = site.run(tools, ["token", "issue", "--role", "operator", "--name", "olga", "--json"])
        token = json.loads(issued.stdout)["token"]
        asked = site.run(tools, ["calls", "outcomes", "--json"], CALLWARDEN_TOKEN=token)
        answer = json.loads(asked.stdout)
        assert (answer["published"], answer["in_flight"], answer["balanced"]) == (8, 0, True)
        assert answer["outcomes"] == {
            "stored": 3,
            "refused": 1,
            "duplicate": 1,
            "quarantined": 1,
            "dead-lettered": 1,
            "applied": 1,
        }

        check = files["ingest"].healthcheck()
        assert check[0] == "callwarden"
        health = site.run(files["ingest"], check[1:])
        assert health.returncode == 0, health.stdout
        reconciled = site.run(tools, ["reconcile", "--json"])
        assert json.loads(reconciled.stdout)["breaches"] == []
        assert (
            json.loads(reconciled.stdout)["versions"] == 3
        )  # one of the three stored calls was dropped, one set aside
        assert list(spool.glob("*.wav")) == []

        ends = site.stop()
        assert set(ends) == {"ingest-1", "ingest-2", "objections-1", "holds-1", "dispose-1", "log-1"}
        assert {name: output[-2000:] for name, (code, output) in ends.items() if code} == {}
        for _, output in ends.values():
            assert "+33639980001" not in output


def _until_done(system: System, site: Deployment, published: int) -> None:
    """Wait until every event that was published has its outcome."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        balance = system.reconciler.balance()
        if balance.balanced and balance.in_flight == 0 and balance.published == published:
            return
        assert time.monotonic() < deadline, (balance, [process.poll() for _, process in site.running])
        time.sleep(0.2)
