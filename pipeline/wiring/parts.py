"""The adapters of a system, by its settings. Each is imported where it is chosen, so that a command that needs no Kafka
does not load it."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from io import BytesIO
from pathlib import Path
from secrets import token_bytes, token_hex
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from callwarden.errors import ConfigurationError, InvariantError
from callwarden.settings import BusKind, Settings, VaultKind
from callwarden.shipped import shipped_config
from callwarden.wiring.exposure import Exposure, exposures, ignored, refuse_clear_text
from callwarden.wiring.part import part
from callwarden.wiring.surroundings import FixedClock, SystemClock, private_folder, require_volume, topics

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

    from callwarden.adapters.landing.areas import LandingAreas
    from callwarden.adapters.landing.s3 import S3Landing
    from callwarden.adapters.sqlite.file import Patience
    from callwarden.model.access import Actor
    from callwarden.model.policy import Policy
    from callwarden.ports.audio import AudioProbe
    from callwarden.ports.bus import EventBus
    from callwarden.ports.cipher import StreamCipher
    from callwarden.ports.clock import Clock
    from callwarden.ports.codec import EventCodec
    from callwarden.ports.database_file import DatabaseFile
    from callwarden.ports.numbers import NumberPlan
    from callwarden.ports.whole_vault import Vault
    from callwarden.rules.procedure import Procedure


class Parts:
    """The adapters of one system. Each is built when it is first asked for and closed with the system."""

    def __init__(
        self, settings: Settings, *, clock: Clock | None = None, reading: bool = False, by: Actor | None = None
    ) -> None:
        self.settings = settings
        self._by = by
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

    def stand_in(self, **parts: object) -> None:
        """Let these stand for the parts of these names, from now on: in whatever is built later, not in what is built.
        Raises TypeError for a name that no part has."""
        for name, stand_in in parts.items():
            if not isinstance(getattr(type(self), name, None), part):
                raise TypeError(f"{name} is no part of a system")
            self.__dict__[name] = stand_in

    @part
    def policy(self) -> Policy:
        from callwarden.adapters.policy.file import load_policy

        return load_policy(self.settings.policy or shipped_config() / "policy.yaml")

    @part
    def procedure(self) -> Procedure:
        from callwarden.adapters.french_holidays import FrenchHolidays
        from callwarden.adapters.policy.procedure_file import load_procedure
        from callwarden.rules.procedure import Procedure

        rules = load_procedure(self.settings.procedure or shipped_config() / "procedure.yaml")
        return Procedure(rules=rules, holidays=FrenchHolidays())

    @part
    def clock(self) -> Clock:
        if self._clock is not None:
            return self._clock
        instant = self.settings.fixed_clock()
        return SystemClock() if instant is None else FixedClock(instant)

    @part
    def machine_clock(self) -> Clock:
        """What time it is outside, also where the business clock stands still: for whoever agrees with others on it."""
        return SystemClock()

    @part
    def bus(self) -> EventBus:
        """The bus, its topics made or checked."""
        self._opened_bus.ensure_topics(topics(self.settings.partitions))
        return self._opened_bus

    @part
    def _opened_bus(self) -> EventBus:
        self._refuse_clear_text("kafka")
        bus = self._kafka_bus() if self.settings.bus is BusKind.KAFKA else self._sqlite_bus()
        self._closing.callback(bus.close)
        return bus

    def _kafka_bus(self) -> EventBus:
        from callwarden.adapters.bus.kafka import KafkaBus
        from callwarden.wiring.servers import kafka

        return KafkaBus(kafka(self.settings))

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
    def _patience(self) -> Patience | None:
        """A reading waits for locks as long as the policy says, on all files and connections together."""
        from callwarden.adapters.sqlite.file import Patience

        return Patience(self.policy.read_timeout.total_seconds(), altogether=True) if self._reading else None

    @property
    def _bus_file(self) -> Path:
        return self.settings.home / "bus.db"

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

        self._require_region(self.s3_client.meta.region_name)
        vault = S3Vault(self.s3_client, self.settings.s3_bucket)
        vault.ensure_bucket()
        return vault

    def try_vault(self) -> None:
        """Store a small object, read it back and destroy it again; nothing of it stays.

        Raises ConfigurationError, ObjectHeldError, RetryableError; InvariantError where other bytes come back."""
        key, body = f"trials/{token_hex(8)}", token_bytes(64)
        try:
            stored = self.vault.put(key, BytesIO(body), size=len(body), tags={})
            if self.vault.read(key, stored.version_id, start=0, length=len(body)) != body:
                raise InvariantError("the vault gives back other bytes than were stored in it")
        finally:
            self.vault.destroy(list(self.vault.versions(key)))
            for upload in self.vault.unfinished_uploads(key):
                self.vault.give_up(upload)

    def exposures(self) -> list[Exposure]:
        """What of this system others could read or change, as far as the policy can be read; before it, what was set
        and nothing reads. Connects to nothing."""
        with suppress(ConfigurationError):
            return [*ignored(), *exposures(self.settings, self.policy)]
        return [*ignored()]

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
    def s3_client(self) -> S3Client:
        from callwarden.adapters.aws import s3_client
        from callwarden.wiring.servers import s3

        self._refuse_clear_text("s3")
        return s3_client(s3(self.settings))

    @part
    def landing(self) -> LandingAreas:
        from callwarden.adapters.landing.areas import LandingAreas
        from callwarden.adapters.landing.spool import SpoolFolder

        spool = self.settings.spool_folder
        if spool.absolute().is_relative_to(self.settings.home.absolute()):  # another is made by `make` alone
            private_folder(spool)
        return LandingAreas(
            areas=self.policy.landing_areas,
            spool=SpoolFolder(spool),
            s3=lambda: self._s3_landing,
            has_s3=self.settings.has_s3,
        )

    @part
    def _s3_landing(self) -> S3Landing:
        from callwarden.adapters.landing.s3 import S3Landing

        return S3Landing(self.s3_client)

    @part
    def cipher(self) -> StreamCipher:
        from callwarden.adapters.crypto.cipher import AesGcmStreamCipher

        return AesGcmStreamCipher()

    @part
    def probe(self) -> AudioProbe:
        from callwarden.adapters.audio.probe import AudioInspector

        def holds_speech(channel: Any) -> bool:
            from callwarden.adapters.speech.voice import holds_speech  # the voice model: loaded once a call is so quiet

            return holds_speech(channel)

        return AudioInspector(holds_speech)

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
