"""The only reader of the environment: ``CALLWARDEN_*`` variables, or a ``.env`` file in the working directory.

Without any of them the system is embedded: everything lies under `home`, no server is needed. What is secret has a type
that does not print it, and may lie in a file that ``CALLWARDEN_<NAME>_FILE`` names.
"""

import ipaddress
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args
from urllib.parse import quote, urlencode, urlsplit

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    ValidationError,
    field_validator,
)

from callwarden.errors import ConfigurationError
from callwarden.model.service_url import ServiceUrl


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""Written with commas between."""


def _url(value: object) -> ServiceUrl:
    return value if isinstance(value, ServiceUrl) else ServiceUrl(str(value))


Url = Annotated[ServiceUrl, PlainValidator(_url)]
"""Prints without user, password and parameters that may be secret."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names and addresses of this machine that nobody else reaches."""
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- compared with, not listened on
"""Addresses that stand for all of a machine's."""


class BusKind(StrEnum):
    SQLITE = "sqlite"
    KAFKA = "kafka"


class VaultKind(StrEnum):
    DIRECTORY = "directory"
    S3 = "s3"


class KeysKind(StrEnum):
    FILE = "file"
    KMS = "kms"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseModel):
    """What is in force. `callwarden doctor` prints it, secrets hidden, and tests each part."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path = Field(default=Path("var"), description="where the embedded system keeps its state")
    needs_volume: bool = Field(
        default=False, description="refuse a home that would go with its container; set by the image, `no` to try it"
    )
    policy: Path | None = Field(default=None, description="the policy file; the shipped one when unset")
    procedure: Path | None = Field(
        default=None, description="the file of periods of appeal; the shipped one when unset"
    )
    redaction: Path | None = Field(default=None, description="the redaction file; the shipped one when unset")
    evaluation: Path | None = Field(default=None, description="the evaluation grid; the shipped one when unset")
    letters: Path | None = Field(
        default=None, description="a folder of the house's own letters; `letters` beside the policy file when unset"
    )
    now: AwareDatetime | None = Field(default=None, description="a fixed clock, on embedded and test systems only")

    bus: BusKind = Field(default=BusKind.SQLITE, description="sqlite or kafka")
    kafka_bootstrap: Names = Field(default=(), description="host:port of some brokers, with commas between")
    kafka_security_protocol: str = "PLAINTEXT"
    kafka_ssl_cafile: Path | None = None
    kafka_ssl_certfile: Path | None = None
    kafka_ssl_keyfile: Path | None = None
    kafka_sasl_mechanism: str | None = None
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_replication_factor: int | None = Field(
        default=None, ge=1, le=100, description="copies of topics made here; the brokers' own default when unset"
    )
    session_timeout_s: float = Field(default=10.0, gt=0, description="a silent worker's work is taken over after this")
    partitions: int = Field(default=6, ge=1, le=1000, description="partitions of topics made here")

    vault: VaultKind = Field(default=VaultKind.DIRECTORY, description="directory or s3")
    s3_endpoint: Url | None = Field(default=None, description="unset for Amazon's own")
    s3_region: str | None = None
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_ca_bundle: Path | None = Field(
        default=None, description="PEM file of the authorities that signed the S3 servers' certificates"
    )
    s3_bucket: str = Field(default="callwarden", description="the vault's bucket, with versions and Object Lock")
    checkpoint_bucket: str | None = Field(default=None, description="where signed checkpoints of the log go as well")

    database: Url | None = Field(default=None, description="sqlite:/// or postgresql:// URL; under home when unset")
    database_ca_bundle: Path | None = Field(
        default=None,
        description="PEM file of the authorities that signed PostgreSQL's certificate; it is then verified, unless the "
        "URL says another sslmode",
    )

    keys: KeysKind = Field(default=KeysKind.FILE, description="file or kms")
    kms_endpoint: Url | None = None
    kms_region: str | None = Field(
        default=None, description="with this, access or secret key of its own set, the KMS shares nothing with S3"
    )
    kms_access_key: SecretStr | None = None
    kms_secret_key: SecretStr | None = None
    kms_ca_bundle: Path | None = Field(
        default=None, description="PEM file of the authorities that signed the KMS's certificate"
    )
    kms_master_alias: str = "alias/callwarden-master"
    kms_pseudonym_alias: str = "alias/callwarden-pseudonym"

    proxy: Url | None = Field(
        default=None,
        description="HTTP proxy to S3, KMS and time-stamp authority; what HTTPS_PROXY and NO_PROXY say when unset",
    )
    no_proxy: Names = Field(default=(), description="hosts and domains reached without it, with commas between")

    spool: Path | None = Field(default=None, description="the watched folder behind spool: addresses")
    journal_bucket: str | None = Field(default=None, description="the erasure journal's bucket; a folder when unset")
    checkpoints: Path | None = Field(default=None, description="a folder for signed checkpoints, best on another disk")

    threads: int = Field(default=8, ge=1, le=256)
    sweep_every_s: float = Field(default=300.0, gt=0)
    checkpoint_every_s: float = Field(default=60.0, gt=0)

    timestamp_url: Url | None = Field(
        default=None, description="an RFC 3161 authority that stamps the log's checkpoints; none when unset"
    )
    timestamp_roots: Path | None = Field(default=None, description="PEM file of the authority's trust roots")
    timestamp_every_s: float = Field(default=3600.0, gt=0, description="least time from one time-stamp to the next")
    timestamp_timeout_s: float = Field(default=10.0, gt=0, le=300, description="how long the authority may take")
    timestamp_user: str | None = Field(default=None, description="where the authority asks for a user and password")
    timestamp_password: SecretStr | None = Field(default=None, description="secret")

    token: SecretStr | None = Field(default=None, description="who gives commands on a distributed system")

    public_url: Url | None = Field(
        default=None,
        description="the portal's address as browsers have it, such as https://calls.example; the address it listens "
        "on when unset",
    )
    login_idle_s: float = Field(default=1800.0, gt=0, description="a session in the portal ends unused after this")
    login_lasts_s: float = Field(default=36_000.0, gt=0, description="and after this in any case")
    purpose_lasts_s: float = Field(default=3600.0, gt=0, description="a purpose once chosen is offered again for this")
    oidc_issuer: Url | None = Field(
        default=None, description="the company's identity provider; with it nobody logs in with a password kept here"
    )
    oidc_client_id: str | None = Field(default=None, description="what the provider calls this portal")
    oidc_client_secret: SecretStr | None = Field(default=None, description="secret; unset for a public client")
    oidc_ca_bundle: Path | None = Field(
        default=None, description="PEM file of the authorities that signed the provider's certificate"
    )
    oidc_scopes: str = Field(default="openid profile", description="what is asked of the provider")
    oidc_name_claim: str = Field(default="preferred_username", description="the claim that is the account's name")
    oidc_roles_claim: str = Field(default="groups", description="the claim whose values give the role")
    oidc_roles: Names = Field(
        default=(), description="value=role, with commas between: the first that somebody has counts"
    )
    oidc_lines_claim: str | None = Field(
        default=None, description="the claim that narrows to lines; `*` in it is every line, without it no line"
    )
    oidc_agents_claim: str | None = Field(default=None, description="the claim that narrows to agents, likewise")
    oidc_agent_id_claim: str | None = Field(default=None, description="the claim with their own id on the telephone")
    webhook_networks: Names = Field(
        default=(), description="networks of your own that webhooks may be sent to, such as 10.20.0.0/16"
    )

    log_level: LogLevel = Field(default=LogLevel.INFO, description="debug, info, warning or error")

    metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="figures, health and the log's page; off when unset"
    )
    metrics_address: str = Field(default="127.0.0.1", description="the address the figures are answered on")

    portal_address: str = Field(default="127.0.0.1", description="the address the API and the portal answer on")
    portal_port: int = Field(
        default=8710, ge=0, le=65535, description="the port of the API and the portal; 0 takes any that is free"
    )

    requests_per_minute: int = Field(
        default=1200,
        ge=1,
        description="how often one token may ask the API in a minute, whichever process; then it is told to wait",
    )
    pushes_per_minute: int = Field(
        default=1200,
        ge=1,
        description="how many calls and trials one token may push in a minute, to whichever process; then it is told "
        "to wait",
    )
    trusted_proxies: Names = Field(
        default=(),
        description="addresses of reverse proxies whose word counts for who asks (X-Forwarded-For, -Proto)",
    )

    log_name: str = Field(
        default="log",
        pattern=r"^[a-z][a-z0-9-]{0,31}$",
        description="name of the access log, on its checkpoints and its key; stays what it was first",
    )

    speech_model: str = Field(default="base", description="a name known to `callwarden models list`, or a folder")
    models: Path | None = Field(default=None, description="where speech models lie")

    @field_validator("kafka_bootstrap")
    @classmethod
    def _places(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(character in place for place in value for character in "@/ "):
            raise ValueError("must be host:port, with commas between; user and password are settings of their own")
        return value

    @field_validator("webhook_networks", "trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ipaddress.ip_network(network)) for network in value)

    @property
    def is_embedded(self) -> bool:
        """Whether every adapter is an embedded one."""
        postgres = self.database is not None and self.database.scheme != "sqlite"
        kinds = (self.bus is BusKind.KAFKA, self.vault is VaultKind.S3, self.keys is KeysKind.KMS, postgres)
        return not any(kinds)

    @property
    def has_s3(self) -> bool:
        """Whether an object store is set up: an embedded system asks none unless an event names one."""
        named = (self.s3_endpoint, self.s3_region, self.s3_access_key)
        return self.vault is VaultKind.S3 or any(value is not None for value in named)

    @property
    def database_url(self) -> str:
        """The catalogue's database, password and all: for the driver alone."""
        if self.database is None:
            return f"sqlite:///{(self.home / 'catalogue.db').absolute()}"
        if self.database_ca_bundle is None or self.database.scheme == "sqlite":
            return self.database.whole
        trust = {"sslmode": "verify-full", "sslrootcert": str(self.database_ca_bundle)} | self.database.parameters
        query = urlencode(trust, safe="/", quote_via=quote)
        return f"{self.database.whole.partition('?')[0]}?{query}"

    @property
    def portal_origin(self) -> str:
        """``https://host:port``: where browsers find the portal."""
        if self.public_url is not None:
            parts = urlsplit(self.public_url.whole)
            return f"{parts.scheme}://{parts.netloc}"
        host = "127.0.0.1" if self.portal_address in EVERYWHERE else self.portal_address
        return f"http://{f'[{host}]' if ':' in host else host}:{self.portal_port}"

    @property
    def letters_folder(self) -> Path | None:
        """Where the house's own letters lie, where it has some."""
        if self.letters is not None:
            return self.letters
        beside = None if self.policy is None else self.policy.parent / "letters"
        return beside if beside is not None and beside.is_dir() else None

    @property
    def spool_folder(self) -> Path:
        """Where audio named by ``spool:`` lies."""
        return self.spool or self.home / "landing"

    @property
    def models_folder(self) -> Path:
        """Where speech models lie."""
        return self.models or self.home / "models"

    @property
    def session_timeout(self) -> timedelta:
        """After this long without a sign of life a worker's partitions go to others."""
        return timedelta(seconds=self.session_timeout_s)

    def fixed_clock(self) -> datetime | None:
        """The instant the clock stands still at, or None.

        Raises ConfigurationError with a distributed adapter: there a fixed clock would keep or destroy real
        recordings at the wrong time.
        """
        if self.now is not None and not self.is_embedded:
            raise ConfigurationError(
                "CALLWARDEN_NOW fixes the clock, which only an embedded or test system may do; unset it, or unset "
                "CALLWARDEN_BUS, CALLWARDEN_VAULT, CALLWARDEN_KEYS and CALLWARDEN_DATABASE"
            )
        return None if self.now is None else self.now.astimezone(UTC)


def secret_names() -> tuple[str, ...]:
    """The settings that are secret or may hold a secret, by their types."""
    return tuple(
        name
        for name, field in Settings.model_fields.items()
        if {SecretStr, ServiceUrl} & {field.annotation, *_within(field.annotation)}
    )


def _within(annotation: object) -> tuple[object, ...]:
    parts = get_args(annotation)
    return (*parts, *(inner for part in parts for inner in _within(part)))


def load_settings() -> Settings:
    """What the environment says. Raises ConfigurationError naming each variable that is wrong."""
    try:
        settings = Settings.model_validate(_written())
    except ValidationError as error:
        faults = "; ".join(
            f"CALLWARDEN_{'_'.join(str(part) for part in fault['loc'][:1]).upper()}: "
            + fault["msg"].removeprefix("Value error, ")
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise ConfigurationError(f"the environment is set up wrongly: {faults}") from error
    if settings.bus is BusKind.KAFKA and not settings.kafka_bootstrap:
        raise ConfigurationError("CALLWARDEN_BUS is kafka: set CALLWARDEN_KAFKA_BOOTSTRAP to host:port of a broker")
    for name in ("s3_ca_bundle", "kms_ca_bundle", "database_ca_bundle", "kafka_ssl_cafile", "oidc_ca_bundle"):
        bundle = getattr(settings, name)
        if bundle is not None and not bundle.is_file():
            raise ConfigurationError(f"CALLWARDEN_{name.upper()}: there is no file {bundle}")
    if settings.timestamp_url is not None and settings.timestamp_roots is None:
        raise ConfigurationError(
            "CALLWARDEN_TIMESTAMP_URL is set: set CALLWARDEN_TIMESTAMP_ROOTS to a PEM file of that authority's roots"
        )
    settings.fixed_clock()
    return settings


def _written() -> dict[str, str]:
    """What is set, as text, by field."""
    variables = _variables()
    fields = {
        name: variables[f"callwarden_{name}"] for name in Settings.model_fields if f"callwarden_{name}" in variables
    }
    return fields | {
        name: _content(f"callwarden_{name}", variables)
        for name in secret_names()
        if f"callwarden_{name}_file" in variables
    }


def unknown_variables() -> dict[str, str | None]:
    """What is set as ``CALLWARDEN_…`` and is no setting, so that nothing reads it; with the nearest that is one."""
    from difflib import get_close_matches

    known = [f"CALLWARDEN_{name.upper()}" for name in Settings.model_fields]
    known += [f"CALLWARDEN_{name.upper()}_FILE" for name in secret_names()]
    named = (name.upper() for name in sorted(_variables()))
    unknown = [name for name in named if name.startswith("CALLWARDEN_") and name not in known]
    return {name: next(iter(get_close_matches(name, known, n=1, cutoff=0.8)), None) for name in unknown}


def _variables() -> dict[str, str]:
    """The environment over the file ``.env``, by names in small letters; what is empty is not set."""
    return _filled(_env_file()) | _filled(os.environ.items())


def _env_file() -> Iterable[tuple[str, str | None]]:
    if not Path(".env").is_file():
        return ()
    from dotenv import dotenv_values

    try:
        return dotenv_values(".env", encoding="utf-8").items()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{Path('.env').absolute()} is not UTF-8 text: save it as UTF-8") from None


def _filled(variables: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    return {name.lower(): value for name, value in variables if value}


def _content(name: str, variables: Mapping[str, str]) -> str:
    """A secret from a file, as orchestrators mount them: ``CALLWARDEN_TOKEN_FILE`` names the file with the token."""
    if name in variables:
        raise ConfigurationError(f"{name.upper()} and {name.upper()}_FILE are both set: unset one of them")
    file = variables[f"{name}_file"]
    try:
        content = Path(file).read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigurationError(f"{name.upper()}_FILE: {file} cannot be read: {why}") from error
    if not content:
        raise ConfigurationError(f"{name.upper()}_FILE: {file} is empty")
    return content
