"""The only importer of adapters: plain calls that build the system the settings describe.

Adapters are imported where they are chosen, so that a command that needs no Kafka does not load it.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import structlog

from pipeline.adapters.policy_file import load_policy
from pipeline.certifier import Certifier
from pipeline.eraser import Eraser
from pipeline.errors import ConfigurationError
from pipeline.gate import Gate
from pipeline.model.policy import Policy
from pipeline.ports.audio import AudioProbe
from pipeline.ports.bus import EventBus, TopicSettings
from pipeline.ports.cipher import StreamCipher
from pipeline.ports.clock import Clock
from pipeline.ports.codec import EventCodec
from pipeline.ports.journal import ErasureJournal
from pipeline.ports.keys import KeyStore
from pipeline.ports.landing import LandingArea
from pipeline.ports.log import LogReader, LogWriter, Signer
from pipeline.ports.numbers import NumberPlan
from pipeline.ports.vault_reader import Vault
from pipeline.rules.chain.note import TrustedKey
from pipeline.scribe import Scribe
from pipeline.settings import BusKind, KeysKind, Settings, VaultKind
from pipeline.steps.break_glass import GlassDesk
from pipeline.steps.consultations import Consultations
from pipeline.steps.custody import CustodyDesk
from pipeline.steps.dispose import Sweep
from pipeline.steps.holds import HoldDesk, Holds
from pipeline.steps.ingest import Ingest
from pipeline.steps.objections import ObjectionDesk, Objections
from pipeline.steps.reconcile import Reconciler
from pipeline.steps.redaction_desk import RedactionDesk
from pipeline.steps.replay_erasures import ErasureReplay
from pipeline.steps.rotate_keys import KeyRotation
from pipeline.steps.token_desk import TokenDesk

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

    from pipeline.adapters.aws import AwsSettings
    from pipeline.adapters.landing.s3 import S3Landing
    from pipeline.adapters.sql.catalogue import SqlCatalogue

log = structlog.get_logger()

CALLS_RETENTION = timedelta(days=7)
"""How long inbound events, which hold telephone numbers, stay on the bus at most."""
DEAD_LETTER_RETENTION = timedelta(days=30)

SHIPPED = Path(__file__).parent / "config"
"""Where an installed package keeps `config/`; a checkout keeps it beside the package."""


def shipped_config() -> Path:
    """The folder of the configuration files that come with the product."""
    return SHIPPED if SHIPPED.is_dir() else Path(__file__).parent.parent / "config"


def private_folder(folder: Path) -> Path:
    """Make a folder, and those above it, that only its owner may enter; one that is there stays as it is."""
    for part in reversed([folder, *folder.parents]):
        if not part.exists():
            part.mkdir(mode=0o700, exist_ok=True)
    return folder


def topics(partitions: int) -> list[TopicSettings]:
    """Every topic of the system. Inbound events and dead letters may be personal, so they do not stay."""
    internal = (
        "recordings.stored",
        "transcripts.ready",
        "recordings.redacted",
        "recordings.disposed",
        "holds.changed",
        "objections.recorded",
        "alerts",
    )
    return [
        TopicSettings(name="telephony.calls", partitions=partitions, retention=CALLS_RETENTION),
        TopicSettings(name="dead-letters", partitions=1, retention=DEAD_LETTER_RETENTION),
        *(TopicSettings(name=name, partitions=partitions, retention=timedelta(days=30)) for name in internal),
    ]


class SystemClock:
    """`pipeline.ports.clock.Clock` of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still, for demonstrations and tests."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant


class System:
    """The parts of one system. Each is built when it is first asked for and closed with the system.

    Thread-safe once the parts a worker needs have been asked for.
    """

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self._clock = clock
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every part that was built. Idempotent."""
        self._closing.close()

    @cached_property
    def policy(self) -> Policy:
        return load_policy(self.settings.policy or shipped_config() / "policy.yaml")

    @cached_property
    def clock(self) -> Clock:
        if self._clock is not None:
            return self._clock
        instant = self.settings.fixed_clock()
        return SystemClock() if instant is None else FixedClock(instant)

    @cached_property
    def bus(self) -> EventBus:
        bus = self._kafka() if self.settings.bus is BusKind.KAFKA else self._sqlite_bus()
        self._closing.callback(bus.close)
        bus.ensure_topics(topics(self.settings.partitions))
        return bus

    def _sqlite_bus(self) -> EventBus:
        from pipeline.adapters.bus.settings import SqliteBusSettings
        from pipeline.adapters.bus.sqlite import SqliteBus

        return SqliteBus(
            SqliteBusSettings(path=self.home / "bus.db", session_timeout=self.settings.session_timeout),
            clock=SystemClock(),
        )

    def _kafka(self) -> EventBus:
        from pipeline.adapters.bus.kafka import KafkaBus
        from pipeline.adapters.bus.settings import KafkaBusSettings, KafkaSecurity

        settings = self.settings
        secret = settings.kafka_sasl_password
        return KafkaBus(
            KafkaBusSettings(
                bootstrap=settings.kafka_bootstrap,
                session_timeout=settings.session_timeout,
                security=KafkaSecurity(
                    security_protocol=settings.kafka_security_protocol,
                    ssl_cafile=_text(settings.kafka_ssl_cafile),
                    ssl_certfile=_text(settings.kafka_ssl_certfile),
                    ssl_keyfile=_text(settings.kafka_ssl_keyfile),
                    sasl_mechanism=settings.kafka_sasl_mechanism,
                    sasl_plain_username=settings.kafka_sasl_username,
                    sasl_plain_password=None if secret is None else secret.get_secret_value(),
                ),
            )
        )

    @cached_property
    def catalogue(self) -> "SqlCatalogue":
        """The catalogue, once nothing in it is left that was destroyed before (K4): whatever serves or works comes by
        here. Costs a look at the journal's end when nothing was restored."""
        again = ErasureReplay(
            journal=self.journal,
            catalogue=self._opened_catalogue,
            eraser=lambda: self._eraser_of(self._opened_catalogue),
            certifier=lambda: self.certifier,
        ).run()
        if again:
            log.warning("restored_backup_brought_back", destroyed_again=len(again))
        return self._opened_catalogue

    @cached_property
    def _opened_catalogue(self) -> "SqlCatalogue":
        from pipeline.adapters.sql.catalogue import open_catalogue

        if self.settings.database is None:
            _ = self.home
        catalogue = open_catalogue(self.settings.database_url)
        self._closing.callback(catalogue.close)
        return catalogue

    @cached_property
    def vault(self) -> Vault:
        if self.settings.vault is VaultKind.DIRECTORY:
            from pipeline.adapters.vault.directory import DirectoryVault

            self._require_region("local")
            return DirectoryVault(self.home / "vault")
        from pipeline.adapters.vault.s3 import S3Vault

        self._require_region(self.s3_client.meta.region_name)
        vault = S3Vault(self.s3_client, self.settings.s3_bucket)
        vault.ensure_bucket()
        return vault

    def _require_region(self, region: str) -> None:
        """K5: recordings lie only where the policy allows."""
        if region not in self.policy.storage_regions:
            allowed = ", ".join(sorted(self.policy.storage_regions))
            raise ConfigurationError(
                f"the policy does not allow recordings in {region}; storage_regions lists {allowed}: "
                "choose a vault there (CALLWARDEN_VAULT, CALLWARDEN_S3_REGION), or change the policy"
            )

    @cached_property
    def s3_client(self) -> "S3Client":
        from pipeline.adapters.aws import s3_client

        return s3_client(self._aws(self.settings.s3_endpoint))

    def _aws(self, endpoint: str | None) -> "AwsSettings":
        from pipeline.adapters.aws import AwsSettings

        access, secret = self.settings.s3_access_key, self.settings.s3_secret_key
        return AwsSettings(
            endpoint_url=endpoint,
            region=self.settings.s3_region,
            access_key=None if access is None else access.get_secret_value(),
            secret_key=None if secret is None else secret.get_secret_value(),
            connections=self.settings.threads * 2 + 2,
        )

    @cached_property
    def keys(self) -> KeyStore:
        if self.settings.keys is KeysKind.FILE:
            from pipeline.adapters.keys.file import FileKeyStore

            # Where something is on record a missing key file is a loss: a new one would only hide it.
            return FileKeyStore(self.home / "keys" / "keys.json", create=self._opened_catalogue.is_empty())
        from pipeline.adapters.aws import kms_client
        from pipeline.adapters.keys.kms import KmsKeyStore

        return KmsKeyStore(
            kms_client(self._aws(self.settings.kms_endpoint)),
            master_alias=self.settings.kms_master_alias,
            pseudonym_alias=self.settings.kms_pseudonym_alias,
        )

    @cached_property
    def landing(self) -> LandingArea:
        from pipeline.adapters.landing.areas import LandingAreas
        from pipeline.adapters.landing.spool import SpoolFolder

        spool = self.settings.spool_folder
        private_folder(spool)
        return LandingAreas(areas=self.policy.landing_areas, spool=SpoolFolder(spool), s3=lambda: self._s3_landing)

    @cached_property
    def _s3_landing(self) -> "S3Landing":
        from pipeline.adapters.landing.s3 import S3Landing

        return S3Landing(self.s3_client)

    @cached_property
    def journal(self) -> ErasureJournal:
        if self.settings.journal_bucket is None:
            from pipeline.adapters.journal.directory import DirectoryJournal

            return DirectoryJournal(self.home / "erasures")
        from pipeline.adapters.journal.s3 import S3Journal

        journal = S3Journal(self.s3_client, self.settings.journal_bucket)
        journal.ensure_bucket()
        return journal

    @cached_property
    def cipher(self) -> StreamCipher:
        from pipeline.adapters.crypto.cipher import AesGcmStreamCipher

        return AesGcmStreamCipher()

    @cached_property
    def probe(self) -> AudioProbe:
        from pipeline.adapters.audio.probe import AudioInspector

        return AudioInspector()

    @cached_property
    def codec(self) -> EventCodec:
        from pipeline.adapters.events import CloudEventCodec

        return CloudEventCodec()

    @cached_property
    def numbers(self) -> NumberPlan:
        from pipeline.adapters.numbers import PhoneNumberPlan

        return PhoneNumberPlan()

    # what is made of the parts
    @cached_property
    def home(self) -> Path:
        """The folder of the embedded state, made when it is first needed, closed to others."""
        return private_folder(self.settings.home)

    @cached_property
    def scribe(self) -> Scribe:
        return Scribe(clock=self.clock, keys=self.keys, policy_version=self.policy.version)

    @cached_property
    def eraser(self) -> Eraser:
        return self._eraser_of(self.catalogue)

    def _eraser_of(self, catalogue: "SqlCatalogue") -> Eraser:
        return Eraser(vault=self.vault, catalogue=catalogue, journal=self.journal, clock=self.clock)

    @cached_property
    def signer(self) -> Signer:
        """The access log's key; it signs checkpoints and certificates."""
        from pipeline.adapters.signing import open_signer

        return open_signer(self.home / "keys" / "log.pem", f"callwarden.log/{self.policy.tenant}")

    @cached_property
    def certifier(self) -> Certifier:
        return Certifier(signer=self.signer, scribe=self.scribe)

    @property
    def has_speech_model(self) -> bool:
        """Whether the speech model in force is in place; never loads it."""
        from pipeline.adapters.speech.models import locate

        try:
            locate(self.settings.speech_model, directory=self.settings.models_folder)
        except ConfigurationError:
            return False
        return True

    @cached_property
    def log_writer(self) -> LogWriter:
        from pipeline.adapters.log.staging import open_log_writer

        timeout_s = self.policy.read_timeout.total_seconds()
        writer = open_log_writer(self.catalogue.engine, timeout_s=timeout_s, alone=self.catalogue.alone)
        self._closing.callback(writer.close)
        return writer

    @cached_property
    def gate(self) -> Gate:
        return Gate(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            vault=self.vault,
            keys=self.keys,
            cipher=self.cipher,
            log=self.log_writer,
            scribe=self.scribe,
            codec=self.codec,
        )

    @cached_property
    def ingest(self) -> Ingest:
        return Ingest(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            vault_writer=self.vault,
            vault_keeper=self.vault,
            landing=self.landing,
            keys=self.keys,
            cipher=self.cipher,
            probe=self.probe,
            codec=self.codec,
            numbers=self.numbers,
            eraser=self.eraser,
            certifier=self.certifier,
            scribe=self.scribe,
        )

    @cached_property
    def objection_desk(self) -> ObjectionDesk:
        return ObjectionDesk(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            keys=self.keys,
            numbers=self.numbers,
            eraser=self.eraser,
            certifier=self.certifier,
            scribe=self.scribe,
        )

    @cached_property
    def objections(self) -> Objections:
        return Objections(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            codec=self.codec,
            desk=self.objection_desk,
            scribe=self.scribe,
        )

    @cached_property
    def token_desk(self) -> TokenDesk:
        return TokenDesk(catalogue=self.catalogue, clock=self.clock, keys=self.keys, scribe=self.scribe)

    @cached_property
    def hold_desk(self) -> HoldDesk:
        return HoldDesk(
            policy=self.policy, clock=self.clock, catalogue=self.catalogue, vault=self.vault, scribe=self.scribe
        )

    @cached_property
    def redaction_desk(self) -> RedactionDesk:
        return RedactionDesk(policy=self.policy, clock=self.clock, catalogue=self.catalogue, scribe=self.scribe)

    @cached_property
    def holds(self) -> Holds:
        return Holds(self.hold_desk)

    @cached_property
    def sweep(self) -> Sweep:
        return Sweep(catalogue=self.catalogue, eraser=self.eraser, clock=self.clock, certifier=self.certifier)

    @cached_property
    def glass_desk(self) -> GlassDesk:
        from pipeline.adapters.alarm import LoggedAlarm

        return GlassDesk(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            keys=self.keys,
            cipher=self.cipher,
            scribe=self.scribe,
            alarm=LoggedAlarm(),
        )

    @cached_property
    def log_reader(self) -> LogReader:
        from pipeline.adapters.log.reader import SqlLogReader
        from pipeline.adapters.log.upgrade import upgrade_log

        upgrade_log(self.catalogue.engine)
        return SqlLogReader(self.catalogue.engine)

    @cached_property
    def custody_desk(self) -> CustodyDesk:
        return CustodyDesk(catalogue=self.catalogue, clock=self.clock, gate=self.gate, reader=self.log_reader)

    @cached_property
    def consultations(self) -> Consultations:
        return Consultations(
            policy=self.policy,
            catalogue=self.catalogue,
            keys=self.keys,
            numbers=self.numbers,
            gate=self.gate,
            reader=self.log_reader,
        )

    @cached_property
    def key_rotation(self) -> KeyRotation:
        return KeyRotation(catalogue=self.catalogue, keys=self.keys)

    @cached_property
    def reconciler(self) -> Reconciler:
        return Reconciler(
            bus=self.bus, catalogue=self.catalogue, vault=self.vault, journal=self.journal, clock=self.clock
        )


def open_system(settings: Settings, *, clock: Clock | None = None) -> System:
    """The system the settings describe; use it as a context manager. `clock` stands in for this machine's.

    Raises ConfigurationError where a part that is asked for later cannot be built.
    """
    return System(settings, clock=clock)


def trusted_keys(file: Path | None, system: System | None) -> tuple[TrustedKey, ...]:
    """The public keys in this file; without one, this system's own. Raises ConfigurationError naming the line."""
    from pipeline.adapters.signing import read_trusted, trust

    if file is None:
        return () if system is None else (trust(system.signer.key),)
    try:
        return read_trusted(file.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: the public key cannot be read") from error


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
