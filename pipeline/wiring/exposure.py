"""What of a system others could read or change: connections in clear text, folders and files open to other accounts.

Whoever starts workers is warned of each; where the policy says ``transport: encrypted``, a connection in clear text is
refused instead (see `Parts`).
"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callwarden.errors import ConfigurationError
from callwarden.model.policy import Policy
from callwarden.model.service_url import ServiceUrl
from callwarden.settings import LOOPBACK, BusKind, KeysKind, Settings, VaultKind, unknown_variables

ENV_FILE: Final = Path(".env")
_VERIFIED: Final = frozenset({"verify-ca", "verify-full"})
_ENCRYPTED: Final = frozenset({"require", *_VERIFIED})
_OPEN_TO_READ: Final = stat.S_IRWXO
_OPEN_TO_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One thing that lies open. `code` is stable; `subject` is a part, a folder or a file; `clear_text` says that
    whoever is between can read it."""

    code: str
    subject: str
    what_to_do: str
    clear_text: bool = False


def exposures(settings: Settings, policy: Policy) -> list[Exposure]:
    """Everything that lies open by these settings, on this machine. Connects to nothing."""
    return [*connections(settings, policy), *_files(settings)]


def connections(settings: Settings, policy: Policy) -> Iterator[Exposure]:
    """Connections that are not encrypted, or to a server that is not verified."""
    if settings.bus is BusKind.KAFKA and "SSL" not in settings.kafka_security_protocol.upper().split("_"):
        yield _plain("kafka", "set CALLWARDEN_KAFKA_SECURITY_PROTOCOL to SSL or SASL_SSL: events hold numbers")
    if uses_s3(settings, policy) and _is_http(settings.s3_endpoint):
        yield _plain("s3", "give CALLWARDEN_S3_ENDPOINT an https:// address")
    if settings.keys is KeysKind.KMS and _is_http(settings.kms_endpoint):
        yield _plain("kms", "give CALLWARDEN_KMS_ENDPOINT an https:// address: data keys pass there")
    if settings.timestamp_user is not None and _is_http(settings.timestamp_url):
        yield _plain("timestamp", "give CALLWARDEN_TIMESTAMP_URL an https:// address: a password passes there")
    if settings.portal_address not in LOOPBACK and not settings.portal_origin.startswith("https://"):
        yield _plain("portal", "put a proxy with TLS before it, and set CALLWARDEN_PUBLIC_URL to its https:// address")
    yield from _postgresql(settings)


def ignored() -> Iterator[Exposure]:
    """Variables that look like settings and are none: what they were to protect may lie open."""
    for name, nearest in unknown_variables().items():
        advice = f"did you mean {nearest}?" if nearest else "unset it"
        yield Exposure(code="unknown_setting", subject=name, what_to_do=f"nothing reads it: {advice}")


def refuse_clear_text(part: str, settings: Settings, policy: Policy) -> None:
    """Raises ConfigurationError where the policy asks for encrypted transport and this part's is not."""
    if not policy.transport_encrypted:
        return
    for found in connections(settings, policy):
        if found.subject == part and found.clear_text:
            raise ConfigurationError(
                f"the policy says transport: encrypted, and the connection to {part} is in clear text: "
                f"{found.what_to_do}"
            )


def uses_s3(settings: Settings, policy: Policy) -> bool:
    """Whether an S3 server is ever spoken to."""
    landing = settings.s3_endpoint is not None and any(area.startswith("s3:") for area in policy.landing_areas)
    return settings.vault is VaultKind.S3 or landing or bool(settings.journal_bucket or settings.checkpoint_bucket)


def _postgresql(settings: Settings) -> Iterator[Exposure]:
    url = ServiceUrl(settings.database_url)
    host = url.parameters.get("host", url.host)
    if url.scheme == "sqlite" or not host or host.startswith(("/", "@")):
        return  # a file, or a socket of this machine
    mode = url.parameters.get("sslmode", "prefer")
    if mode not in _ENCRYPTED:
        yield _plain(
            "postgresql", "set CALLWARDEN_DATABASE_CA_BUNDLE, or add ?sslmode=verify-full to CALLWARDEN_DATABASE"
        )
    elif mode not in _VERIFIED and "sslrootcert" not in url.parameters:
        yield Exposure(
            code="unverified_server",
            subject="postgresql",
            what_to_do=f"sslmode={mode} encrypts, but to whoever answers: set CALLWARDEN_DATABASE_CA_BUNDLE and "
            "sslmode=verify-full",
        )


def _is_http(url: ServiceUrl | None) -> bool:
    return url is not None and url.scheme != "https"


def _plain(part: str, what_to_do: str) -> Exposure:
    return Exposure(code="clear_text_connection", subject=part, what_to_do=what_to_do, clear_text=True)


def _files(settings: Settings) -> Iterator[Exposure]:
    if _mode(settings.home) & (_OPEN_TO_READ | _OPEN_TO_WRITE):
        yield Exposure(code="open_folder", subject=str(settings.home), what_to_do=f"chmod 700 {settings.home}")
    if settings.checkpoints is not None and _mode(settings.checkpoints) & stat.S_IWOTH:
        yield Exposure(
            code="open_folder",
            subject=str(settings.checkpoints),
            what_to_do=f"any account can take checkpoints away: chmod o-w {settings.checkpoints}",
        )
    if settings.spool is not None and _mode(settings.spool) & stat.S_IWOTH:
        yield Exposure(
            code="open_folder",
            subject=str(settings.spool),
            what_to_do=f"any account can take or leave audio there: chmod o-rwx {settings.spool}",
        )
    for file in (settings.policy, settings.redaction):
        if file is not None and _mode(file) & _OPEN_TO_WRITE:
            yield Exposure(
                code="open_file",
                subject=str(file),
                what_to_do=f"whoever can write it decides what is kept and read: chmod go-w {file}",
            )
    if _mode(ENV_FILE) & (_OPEN_TO_READ | _OPEN_TO_WRITE):
        yield Exposure(
            code="open_file", subject=str(ENV_FILE), what_to_do=f"it may hold passwords: chmod 600 {ENV_FILE}"
        )


def _mode(path: Path) -> int:
    """Its permissions; none for what is not there."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
