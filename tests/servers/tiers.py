"""Which servers the tests can have: pointed to by environment variables, startable here, or unavailable and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.servers import ceph, chromium, identity, kafka, moto_server, postgres, tansu
from tests.servers.identity import RunningIdentity
from tests.servers.kafka import RunningKafka
from tests.servers.postgres import RunningPostgres
from tests.servers.s3 import RunningS3

Running = RunningKafka | RunningS3 | RunningPostgres | RunningIdentity | Path


class Server(Protocol):
    """Something that starts, says where it is, and stops leaving nothing."""

    def start(self) -> Running: ...
    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """The environment names a server that runs already; it is used, never started or stopped."""

    running: Running
    variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartableHere:
    """Everything needed is installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """Neither; `reason` says what is missing and how to get it."""

    reason: str


State = Elsewhere | StartableHere | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One kind of server. `variable` is the one whose presence in the environment means "use that one"."""

    name: str
    variable: str
    read: Callable[[Mapping[str, str]], Running]
    missing: Callable[[], str | None]
    server: Callable[[Path], Server]

    def state(self, environment: Mapping[str, str]) -> State:
        if environment.get(self.variable):
            return Elsewhere(running=self.read(environment), variable=self.variable)
        reason = self.missing()
        return StartableHere() if reason is None else Unavailable(reason=reason)


def _s3(environment: Mapping[str, str], prefix: str) -> RunningS3:
    """Raises: KeyError when the endpoint is set without its key or secret."""
    return RunningS3(
        endpoint_url=environment[f"{prefix}_ENDPOINT"],
        access_key=environment[f"{prefix}_KEY"],
        secret_key=environment[f"{prefix}_SECRET"],
        region=environment.get(f"{prefix}_REGION", "us-east-1"),
    )


def exports(name: str, running: Running) -> dict[str, str]:
    """The environment variables that point other processes' tests to this server."""
    match running:
        case RunningKafka(bootstrap=bootstrap):
            return {TIERS[name].variable: bootstrap}
        case RunningS3():
            prefix = TIERS[name].variable.removesuffix("_ENDPOINT")
            return {
                f"{prefix}_ENDPOINT": running.endpoint_url,
                f"{prefix}_KEY": running.access_key,
                f"{prefix}_SECRET": running.secret_key,
                f"{prefix}_REGION": running.region,
            }
        case RunningPostgres(dsn=dsn):
            return {TIERS[name].variable: dsn}
        case RunningIdentity(issuer=issuer):
            return {TIERS[name].variable: issuer}
        case Path():
            return {TIERS[name].variable: str(running)}


TIERS: Mapping[str, Tier] = {
    tier.name: tier
    for tier in (
        Tier(
            name="kafka",
            variable="CALLWARDEN_TEST_KAFKA",
            read=lambda env: RunningKafka(bootstrap=env["CALLWARDEN_TEST_KAFKA"]),
            missing=kafka.missing,
            server=kafka.KafkaServer,
        ),
        Tier(
            name="tansu",
            variable="CALLWARDEN_TEST_TANSU",
            read=lambda env: RunningKafka(bootstrap=env["CALLWARDEN_TEST_TANSU"]),
            missing=tansu.missing,
            server=tansu.TansuServer,
        ),
        Tier(
            name="ceph",
            variable="CALLWARDEN_TEST_S3_ENDPOINT",
            read=lambda env: _s3(env, "CALLWARDEN_TEST_S3"),
            missing=ceph.missing,
            server=ceph.CephServer,
        ),
        Tier(
            name="moto",
            variable="CALLWARDEN_TEST_MOTO_ENDPOINT",
            read=lambda env: _s3(env, "CALLWARDEN_TEST_MOTO"),
            missing=moto_server.missing,
            server=moto_server.MotoServer,
        ),
        Tier(
            name="postgres",
            variable="CALLWARDEN_TEST_POSTGRES",
            read=lambda env: RunningPostgres(dsn=env["CALLWARDEN_TEST_POSTGRES"]),
            missing=postgres.missing,
            server=postgres.PostgresServer,
        ),
        Tier(
            name="identity",
            variable="CALLWARDEN_TEST_OIDC_ISSUER",
            read=lambda env: RunningIdentity(issuer=env["CALLWARDEN_TEST_OIDC_ISSUER"]),
            missing=identity.missing,
            server=identity.IdentityServer,
        ),
        Tier(
            name="chromium",
            variable="CALLWARDEN_TEST_CHROMIUM",
            read=lambda env: Path(env["CALLWARDEN_TEST_CHROMIUM"]),
            missing=chromium.missing,
            server=chromium.InstalledChromium,
        ),
    )
}
