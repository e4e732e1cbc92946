"""The adapters of a system, by its settings. Each is imported where it is chosen, so that a command that needs no Kafka
does not load it."""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import SecretStr

from callwarden.accesslog.proof.note import TrustedKey
from callwarden.adapters.policy.file import load_policy
from callwarden.custody.certifier import Certifier
from callwarden.custody.eraser import Eraser
from callwarden.custody.key_census import KeyCensus
from callwarden.custody.scribe import Scribe
from callwarden.custody.standing_holds import StandingHolds
from callwarden.diagnostics import log
from callwarden.errors import ConfigurationError
from callwarden.model.access import Actor
from callwarden.model.log_entry import Operation
from callwarden.model.policy import Policy
from callwarden.model.service_url import ServiceUrl
from callwarden.ports.audio import AudioProbe
from callwarden.ports.bus import EventBus
from callwarden.ports.cipher import StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.codec import EventCodec
from callwarden.ports.database_file import DatabaseFile
from callwarden.ports.journal import Journal, JournalDamagedError
from callwarden.ports.keys import KeyStore, KeyUnavailableError
from callwarden.ports.log import LogReader
from callwarden.ports.numbers import NumberPlan
from callwarden.ports.vault_reader import Vault
from callwarden.settings import BusKind, KeysKind, Settings, VaultKind
from callwarden.shipped import shipped_config
from callwarden.steps.policy_in_force import PolicyInForce
from callwarden.steps.replay import JournalReplay, Replayed
from callwarden.wiring.exposure import Exposure, exposures, refuse_clear_text
from callwarden.wiring.part import part
from callwarden.wiring.surroundings import FixedClock, SystemClock, private_folder, proxies_to, require_volume, topics

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

    from callwarden.accesslog.key.file import LogKey
    from callwarden.accesslog.key.signer import Ed25519Signer
    from callwarden.adapters.aws import AwsSettings
    from callwarden.adapters.landing.areas import LandingAreas
    from callwarden.adapters.landing.s3 import S3Landing
    from callwarden.adapters.sql.catalogue import SqlCatalogue
    from callwarden.adapters.sqlite.file import Patience


_FIRST_LOG = "log"
"""The name every system's log begins with; what its key has signed stays genuine when another log is begun."""

FIXED_CLOCK = "fixed-clock"
"""The landmark of a test system: it began under a fixed clock."""


class Parts:
    """The adapters of one system. Each is built when it is first asked for and closed with the system."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, reading: bool = False) -> None:
        self.settings = settings
        self._reading = reading
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

    @part
    def policy(self) -> Policy:
        return load_policy(self.settings.policy or shipped_config() / "policy.yaml")

    @part
    def clock(self) -> Clock:
        if self._clock is not None:
            return self._clock
        instant = self.settings.fixed_clock()
        return SystemClock() if instant is None else FixedClock(instant)

    @part
    def bus(self) -> EventBus:
        """The bus, its topics made or checked."""
        self._opened_bus.ensure_topics(topics(self.settings.partitions))
        return self._opened_bus

    @part
    def _opened_bus(self) -> EventBus:
        self._refuse_clear_text("kafka")
        bus = self._kafka() if self.settings.bus is BusKind.KAFKA else self._sqlite_bus()
        self._closing.callback(bus.close)
        return bus

    def _sqlite_bus(self) -> EventBus:
        from callwarden.adapters.bus.settings import SqliteBusSettings
        from callwarden.adapters.bus.sqlite import SqliteBus

        _ = self.home
        return SqliteBus(
            SqliteBusSettings(path=self._bus_file, session_timeout=self.settings.session_timeout),
            clock=SystemClock(),
            patience=self._patience,
        )

    @part
    def _patience(self) -> "Patience | None":
        """A reading waits for locks as long as the policy says, on all files and connections together."""
        from callwarden.adapters.sqlite.file import Patience

        return Patience(self.policy.read_timeout.total_seconds(), altogether=True) if self._reading else None

    @property
    def _bus_file(self) -> Path:
        return self.settings.home / "bus.db"

    def _kafka(self) -> EventBus:
        from callwarden.adapters.bus.kafka import KafkaBus
        from callwarden.adapters.bus.settings import KafkaBusSettings, KafkaSecurity

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
                replication_factor=settings.kafka_replication_factor or -1,
            )
        )

    @part
    def catalogue(self) -> "SqlCatalogue":
        """The catalogue, once it knows all the journal knows, and with every act journalled from then on (K4, I10):
        whatever serves or works comes by here. Costs a look at what is new in the journal when nothing was restored."""
        from callwarden.adapters.journal.catalogue import journalled

        _ = self.replayed
        changed = PolicyInForce(policy=self.policy, catalogue=self.opened_catalogue, clock=self.clock).note()
        if changed:
            log.warning("policy_changed", version=self.policy.version, changed=changed)
        return journalled(self.opened_catalogue, self.journal, self.clock)

    @part
    def replayed(self) -> Replayed:
        """What the journal had to tell the catalogue when this system came up."""
        try:
            done = self.journal_replay.run()
        except JournalDamagedError:
            self.key_census.admit()  # with another system's keys no record looks authentic: then that is what is wrong
            raise
        if done.destroyed or done.acts:
            log.warning("restored_backup_brought_back", destroyed_again=len(done.destroyed), acts_again=done.acts)
        for one in done.not_replayed:
            log.warning("restored_backup_misses", act=one.act, subject=one.subject, why=one.why)
        return done

    def replay_from_start(self) -> None:
        """Bring the catalogue to know the whole journal, whatever it is said to know. Raises as the replay."""
        _ = self.replayed
        self.__dict__["replayed"] = self.journal_replay.run(from_start=True)

    @part
    def journal_replay(self) -> JournalReplay:
        from callwarden.wiring.replay import journal_replay

        return journal_replay(self)

    @part
    def opened_catalogue(self) -> "SqlCatalogue":
        """The catalogue as it is, restored or not, journalling nothing: for what has to come before anything serves."""
        if not self._bare_catalogue.seals_are_begun():
            raise ConfigurationError(
                "this catalogue has rows without seals. If an older version has left them, have them sealed as they "
                "are, once: callwarden reconcile --seal-rows --as operator:NAME. If not, somebody has written past the "
                "system: restore the catalogue"
            )
        with suppress(ConfigurationError, KeyUnavailableError):
            self._encrypt_rows()  # now, outside of any transaction; whatever needs a key raises the same again
            if self._clock_is_fixed:
                self._begin_as_test_system()
        return self._bare_catalogue

    def _encrypt_rows(self) -> None:
        from callwarden.adapters.sql.encrypt_rows import encrypt_rows

        _ = self.keys
        encrypt_rows(self._bare_catalogue)

    def _begin_as_test_system(self) -> None:
        """Only a system that nothing was done with yet becomes one."""
        from callwarden.accesslog.book.status import newest_entry

        catalogue = self._bare_catalogue
        if newest_entry(catalogue.engine) is None and next(catalogue.all_recordings(), None) is None:
            with catalogue.transaction() as tx:
                tx.landmarks.save_sealed(FIXED_CLOCK, self.clock.now().isoformat())

    @part
    def _bare_catalogue(self) -> "SqlCatalogue":
        from callwarden.adapters.sql.catalogue import open_catalogue
        from callwarden.adapters.sql.seals import RowSeals

        self._refuse_clear_text("postgresql")
        if self.settings.database is None:
            _ = self.home
        # A pseudonym that is stored nowhere: a secret of its own, the same in every process and for good. Of the right
        # key store only: with another one every row would seem altered, and names be encrypted past recovery.
        seals = RowSeals(lambda: self.keys.pseudonym("catalogue", "row seals").encode())
        if self._reading:
            wait_s = self.policy.read_timeout.total_seconds()
            catalogue = open_catalogue(self.settings.database_url, seals=seals, wait_s=wait_s, patience=self._patience)
        else:
            catalogue = open_catalogue(self.settings.database_url, seals=seals)
        self._closing.callback(catalogue.close)
        return catalogue

    def seal_rows(self, actor: Actor) -> int:
        """Once, after an upgrade: seal the rows an older version has left; how many. An entry of the log. Raises
        UsageError where the rows are sealed already."""
        self._encrypt_rows()
        return self._bare_catalogue.seal_rows(
            lambda count: self.scribe.entry(actor, Operation.ROWS_SEALED, count=count)
        )

    @property
    def database_files(self) -> tuple[DatabaseFile, ...]:
        """The files that SQLite keeps for this system, whether they are there yet or not; none of them is opened."""
        from callwarden.adapters.sql.engine import file_of
        from callwarden.adapters.sqlite.file import SqliteFile

        bus = self._bus_file if self.settings.bus is BusKind.SQLITE else None
        return tuple(
            SqliteFile(path=path.absolute()) for path in (file_of(self.settings.database_url), bus) if path is not None
        )

    @property
    def is_there(self) -> bool:
        """Whether somebody has made this system: one on servers is wherever they are. Makes nothing."""
        files = self.database_files
        return not files or any(Path(file.name).exists() for file in files)

    @part
    def vault(self) -> Vault:
        if self.settings.vault is VaultKind.DIRECTORY:
            from callwarden.adapters.vault.directory import DirectoryVault

            self._require_region("local")
            return DirectoryVault(self.home / "vault")
        from callwarden.adapters.vault.s3 import S3Vault
        from callwarden.adapters.vault.s3_direct import direct_put

        self._require_region(self.s3_client.meta.region_name)
        direct = direct_put(self._aws_s3(), region=self.s3_client.meta.region_name)
        vault = S3Vault(self.s3_client, self.settings.s3_bucket, direct=direct)
        vault.ensure_bucket()
        return vault

    def exposures(self) -> list[Exposure]:
        """What of this system others could read or change; nothing where the policy cannot be read, which is said
        elsewhere. Connects to nothing."""
        try:
            return exposures(self.settings, self.policy)
        except ConfigurationError:
            return []

    def _refuse_clear_text(self, part: str) -> None:
        refuse_clear_text(part, self.settings, self.policy)

    def _require_region(self, region: str) -> None:
        """K5: recordings lie only where the policy allows."""
        if region not in self.policy.storage_regions:
            allowed = ", ".join(sorted(self.policy.storage_regions))
            raise ConfigurationError(
                f"the policy does not allow recordings in {region}; storage_regions lists {allowed}: "
                "choose a vault there (CALLWARDEN_VAULT, CALLWARDEN_S3_REGION), or change the policy"
            )

    @part
    def s3_client(self) -> "S3Client":
        from callwarden.adapters.aws import s3_client

        self._refuse_clear_text("s3")
        return s3_client(self._aws_s3())

    def _aws_s3(self) -> "AwsSettings":
        settings = self.settings
        return self._aws(
            endpoint=settings.s3_endpoint,
            region=settings.s3_region,
            access=settings.s3_access_key,
            secret=settings.s3_secret_key,
            ca_bundle=settings.s3_ca_bundle,
        )

    def _aws_kms(self) -> "AwsSettings":
        """What the KMS has of its own, or else how S3 is signed in to: at Amazon's, both are one account's."""
        settings = self.settings
        own = settings.kms_region, settings.kms_access_key, settings.kms_secret_key
        region, access, secret = (
            own if any(own) else (settings.s3_region, settings.s3_access_key, settings.s3_secret_key)
        )
        return self._aws(
            endpoint=settings.kms_endpoint,
            region=region,
            access=access,
            secret=secret,
            ca_bundle=settings.kms_ca_bundle,
        )

    def _aws(
        self,
        *,
        endpoint: ServiceUrl | None,
        region: str | None,
        access: SecretStr | None,
        secret: SecretStr | None,
        ca_bundle: Path | None,
    ) -> "AwsSettings":
        from callwarden.adapters.aws import AwsSettings

        return AwsSettings(
            endpoint_url=None if endpoint is None else endpoint.whole,
            region=region,
            access_key=None if access is None else access.get_secret_value(),
            secret_key=None if secret is None else secret.get_secret_value(),
            connections=self.settings.threads * 2 + 2,
            ca_bundle=_text(ca_bundle),
            proxies=proxies_to("amazonaws.com" if endpoint is None else endpoint.host, self.settings),
        )

    @part
    def keys(self) -> KeyStore:
        """The key store, once it is known to be this system's own: whatever uses a key comes by here (K4)."""
        self.key_census.admit()
        return self._opened_keys

    @part
    def key_census(self) -> KeyCensus:
        """Whether the key store is this system's own; for whoever has to say so when it is not."""
        keys = self._opened_keys
        return KeyCensus(
            catalogue=self._bare_catalogue,
            keys=keys,
            clock=self.clock,
            scribe=Scribe(clock=self.clock, keys=keys, policy_version=self.policy.version),
            place=str(self._key_file) if self.settings.keys is KeysKind.FILE else "what the KMS aliases name",
        )

    @property
    def _key_file(self) -> Path:
        return self.home / "keys" / "keys.json"

    @part
    def _opened_keys(self) -> KeyStore:
        if self.settings.keys is KeysKind.FILE:
            from callwarden.adapters.keys.file import FileKeyStore

            # Where a key was ever used a missing key file is a loss: a new one would only hide it.
            return FileKeyStore(self._key_file, create=self._bare_catalogue.is_empty())
        self._refuse_clear_text("kms")
        from callwarden.adapters.aws import kms_client
        from callwarden.adapters.keys.kms import KmsKeyStore

        return KmsKeyStore(
            kms_client(self._aws_kms()),
            master_alias=self.settings.kms_master_alias,
            pseudonym_alias=self.settings.kms_pseudonym_alias,
        )

    @part
    def landing(self) -> "LandingAreas":
        from callwarden.adapters.landing.areas import LandingAreas
        from callwarden.adapters.landing.spool import SpoolFolder

        spool = self.settings.spool_folder
        private_folder(spool)
        return LandingAreas(
            areas=self.policy.landing_areas,
            spool=SpoolFolder(spool),
            s3=lambda: self._s3_landing,
            has_s3=self.settings.has_s3,
        )

    @part
    def _s3_landing(self) -> "S3Landing":
        from callwarden.adapters.landing.s3 import S3Landing

        return S3Landing(self.s3_client)

    @part
    def journal(self) -> Journal:
        from callwarden.adapters.journal.seal import JournalSeal

        # As they were opened: whoever journals is in a transaction, and admitting keys takes one.
        seal = JournalSeal(lambda: self._opened_keys)
        if self.settings.journal_bucket is None:
            from callwarden.adapters.journal.directory import DirectoryJournal

            return DirectoryJournal(self.home / "erasures", seal)
        from callwarden.adapters.journal.s3 import S3Journal

        journal = S3Journal(self.s3_client, self.settings.journal_bucket, seal)
        journal.ensure_bucket()
        return journal

    @part
    def cipher(self) -> StreamCipher:
        from callwarden.adapters.crypto.cipher import AesGcmStreamCipher

        return AesGcmStreamCipher()

    @part
    def probe(self) -> AudioProbe:
        from callwarden.adapters.audio.probe import AudioInspector

        return AudioInspector()

    @part
    def codec(self) -> EventCodec:
        from callwarden.adapters.events.codec import CloudEventCodec

        return CloudEventCodec()

    @part
    def numbers(self) -> NumberPlan:
        from callwarden.adapters.numbers import PhoneNumberPlan

        return PhoneNumberPlan()

    @part
    def home(self) -> Path:
        """The folder of the embedded state, made when it is first needed, closed to others."""
        if self.settings.needs_volume:
            require_volume(self.settings.home)
        return private_folder(self.settings.home)

    @property
    def clock_may_jump(self) -> bool:
        """Whether this is a test system: it began under a clock fixed by hand, or a program gives it one."""
        if self._clock is not None:
            return True
        with self.opened_catalogue.snapshot() as tx:
            return tx.landmarks.sealed(FIXED_CLOCK) is not None

    @property
    def _clock_is_fixed(self) -> bool:
        return self._clock is not None or self.settings.fixed_clock() is not None

    @part
    def scribe(self) -> Scribe:
        return Scribe(clock=self.clock, keys=self.keys, policy_version=self.policy.version)

    @part
    def eraser(self) -> Eraser:
        return self.eraser_of(self.catalogue)

    def eraser_of(self, catalogue: "SqlCatalogue") -> Eraser:
        """An eraser over this view of the catalogue."""
        return Eraser(
            vault=self.vault,
            catalogue=catalogue,
            journal=self.journal,
            clock=self.clock,
            standing_holds=self.standing_holds,
        )

    @part
    def standing_holds(self) -> StandingHolds:
        return StandingHolds(journal=self.journal, log=lambda: self.opened_log)

    @part
    def log_database(self) -> "SqlCatalogue":
        """The catalogue as it was opened, the access log's tables in its database brought up to date."""
        from callwarden.accesslog.book.upgrade import upgrade_log

        upgrade_log(self.opened_catalogue.engine)
        return self.opened_catalogue

    @part
    def opened_log(self) -> LogReader:
        """The log over the catalogue as it was opened, for who asks before the journal is replayed."""
        from callwarden.accesslog.book.reader import SqlLogReader

        return SqlLogReader(self.log_database.engine, trusted=self.known_log_keys)

    @part
    def log_key(self) -> "LogKey":
        """The access log's key; it signs checkpoints and certificates. This is the only place that knows its name."""
        return self._log_key(self.settings.log_name)

    def _log_key(self, name: str) -> "LogKey":
        from callwarden.accesslog.book.handover import may_make_key
        from callwarden.accesslog.key.file import LogKey

        def first_use(origin: str, earlier: Sequence[TrustedKey]) -> bool:
            return may_make_key(self.log_database.engine, origin, earlier=earlier)

        return LogKey.of(self.home / "keys", name, self.policy.tenant, first_use)

    def known_log_keys(self) -> tuple[TrustedKey, ...]:
        """The public side of every log key of this machine, that of a log begun before under the ordinary name too;
        none is made for it."""
        keys = [self.log_key] if self.settings.log_name == _FIRST_LOG else [self.log_key, self._log_key(_FIRST_LOG)]
        return tuple(one for key in keys for one in key.known())

    @part
    def signer(self) -> "Ed25519Signer":
        return self.log_key.signer()

    @part
    def certifier(self) -> Certifier:
        return Certifier(signer=self.signer, scribe=self.scribe)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
