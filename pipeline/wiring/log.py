"""Builds the access log's parts: its key, its places, its book and who stamps its checkpoints."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from callwarden.accesslog.book.handover import may_make_key
from callwarden.accesslog.key.file import LogKey
from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.accesslog.proof.note import TrustedKey
from callwarden.ports.log import CheckpointPlace
from callwarden.wiring.exposure import refuse_clear_text
from callwarden.wiring.surroundings import proxies_to

if TYPE_CHECKING:
    from callwarden.accesslog.book.book import SqlLogBook
    from callwarden.accesslog.book.stamping import Stamper
    from callwarden.wiring.records import Records

FIRST_LOG: Final = "log"
"""The name every system's log begins with; what its key has signed stays genuine when another log is begun."""
LOCKED_FOR: Final = timedelta(days=3 * 366)
"""How long a bucket keeps each checkpoint locked: as long as log entries may be kept at most (L3)."""


def log_key(parts: "Records", name: str) -> LogKey:
    """The key of the log of this name, made on first use. Nothing else knows where it lies and what it is called."""

    def first_use(origin: str, earlier: Sequence[TrustedKey]) -> bool:
        return may_make_key(parts.log_database.engine, origin, earlier=earlier)

    return LogKey.of(parts.home / "keys", name, parts.policy.tenant, first_use)


def log_places(parts: "Records", *, make: bool = False) -> list[CheckpointPlace]:
    """Every place checkpoints go to; with `make`, the bucket is made where it is missing, and has to lock what is put
    into it. Raises ConfigurationError, RetryableError."""
    places: list[CheckpointPlace] = [CheckpointDirectory(parts.settings.checkpoints or parts.home / "checkpoints")]
    if parts.settings.checkpoint_bucket is not None:
        from callwarden.accesslog.places.s3 import CheckpointBucket

        bucket = CheckpointBucket(
            parts.s3_client, bucket=parts.settings.checkpoint_bucket, keep=LOCKED_FOR, now=parts.clock.now
        )
        if make:
            bucket.ensure_bucket()
            bucket.check()
        places.append(bucket)
    return places


def log_book(parts: "Records") -> "SqlLogBook":
    """Raises ConfigurationError (also where the key it has signed with is missing), RetryableError."""
    from callwarden.accesslog.book.book import SqlLogBook

    places, trust = log_places(parts, make=True), None
    if parts.settings.timestamp_roots is not None:
        from callwarden.accesslog.timestamps.tokens import open_trust

        trust = open_trust(parts.settings.timestamp_roots)
    parts.log_key.signer()
    return SqlLogBook(
        engine=parts.catalogue.engine,
        key=parts.log_key,
        places=places,
        now=parts.clock.now,
        journal=parts.journal.mark,
        stamper=_stamper(parts, places),
        check_stamp=None if trust is None else trust.check,
    )


def _stamper(parts: "Records", places: Sequence[CheckpointPlace]) -> "Stamper | None":
    """Only where an authority is named: what it needs is an extra."""
    settings = parts.settings
    if settings.timestamp_url is None or settings.timestamp_roots is None:
        return None
    from callwarden.accesslog.book.stamping import Stamper
    from callwarden.accesslog.timestamps.http import AuthorityAddress, HttpTimestampAuthority
    from callwarden.accesslog.timestamps.tokens import open_trust

    refuse_clear_text("timestamp", settings, parts.policy)
    secret = settings.timestamp_password
    address = AuthorityAddress(
        url=settings.timestamp_url.whole,
        timeout_s=settings.timestamp_timeout_s,
        user=settings.timestamp_user,
        password=None if secret is None else secret.get_secret_value(),
        proxies=proxies_to(settings.timestamp_url.host, settings),
    )
    return Stamper(
        engine=parts.catalogue.engine,
        authority=HttpTimestampAuthority(address, open_trust(settings.timestamp_roots)),
        places=places,
        now=parts.clock.now,
        every=timedelta(seconds=settings.timestamp_every_s),
    )
