"""A site on Apache Kafka, Ceph's S3 gateway and PostgreSQL: bus, landing area, vault, erasure journal and catalogue."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callwarden.wiring import System
from tests.servers.kafka import RunningKafka
from tests.servers.postgres import RunningPostgres
from tests.servers.s3 import RunningS3
from tests.support.policies import write_policy
from tests.support.site import Site

SOCKETS_OF_THE_DEAD = "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
"""A filter of warnings: of a client cut off in the middle of connecting the socket is left to the garbage collector."""


@dataclass(slots=True)
class RealSite(Site):
    """A site whose telephone system leaves audio in a bucket."""

    landing: str = ""
    shared: dict[str, Any] = field(default_factory=dict)
    """Clients that hold no state of a worker; to make them anew takes longer than what is tested."""

    def _open(self) -> System:
        system = Site._open(self)
        for part in ("s3_client", "vault", "journal", "opened_catalogue"):
            if part in self.shared:
                system.stand_in(**{part: self.shared[part]})
            self.shared[part] = getattr(system, part)
        return system

    def reopen(self) -> System:
        """A new system; the sockets of a dead process are closed for it."""
        self.system.close()
        return Site.reopen(self)

    def land(self, name: str, content: bytes) -> str:
        self.system.s3_client.put_object(Bucket=self.landing, Key=name, Body=content)
        return f"s3://{self.landing}/{name}"

    def landed(self) -> list[str]:
        found = self.system.s3_client.list_object_versions(Bucket=self.landing)
        return sorted(one["Key"] for one in found.get("Versions", ()))


@contextmanager
def distributed(
    folder: Path, *, kafka: RunningKafka, s3: RunningS3, postgres: RunningPostgres, **overrides: Any
) -> Iterator[dict[str, Any]]:
    """The settings of a system of its own on these servers: buckets, database and policy are new."""
    import psycopg

    mark = uuid.uuid4().hex[:12]
    landing, database = f"landing-{mark}", f"test_{mark}"
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{database}"')
    s3.client().create_bucket(Bucket=landing)
    policy = write_policy(folder / "policy.yaml", ("s3://landing", f"s3://{landing}"), region=s3.region)
    yield {
        "landing": landing,
        "policy": policy,
        "bus": "kafka",
        "kafka_bootstrap": kafka.bootstrap,
        "session_timeout_s": 1.0,
        "vault": "s3",
        "s3_endpoint": s3.endpoint_url,
        "s3_region": s3.region,
        "s3_access_key": s3.access_key,
        "s3_secret_key": s3.secret_key,
        "s3_bucket": f"vault-{mark}",
        "journal_bucket": f"journal-{mark}",
        "database": postgres.database(database),
        **overrides,
    }
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')


@contextmanager
def real_site(home: Path, settings: dict[str, Any]) -> Iterator[RealSite]:
    """A site of these settings."""
    overrides = {name: value for name, value in settings.items() if name != "landing"}
    with RealSite(home, overrides=overrides, landing=settings["landing"]) as site:
        yield site
    site.shared["opened_catalogue"].close()
