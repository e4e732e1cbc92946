"""What a system keeps: the catalogue, the journal, its keys and its log, and who alone writes and erases there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from callwarden.diagnostics import log
from callwarden.errors import ConfigurationError
from callwarden.settings import KeysKind
from callwarden.wiring.part import part
from callwarden.wiring.parts import Parts

if TYPE_CHECKING:
    from callwarden.accesslog.key.file import LogKey
    from callwarden.accesslog.key.signer import Ed25519Signer
    from callwarden.accesslog.proof.note import TrustedKey
    from callwarden.adapters.sql.catalogue import SqlCatalogue
    from callwarden.custody.disposal import Disposal
    from callwarden.custody.holding import Holding
    from callwarden.custody.key_census import KeyCensus
    from callwarden.custody.objection_effects import ObjectionEffects
    from callwarden.custody.placing import Placing
    from callwarden.custody.redating import Redating
    from callwarden.custody.scribe import Scribe
    from callwarden.custody.standing_holds import StandingHolds
    from callwarden.model.access import Actor
    from callwarden.ports.journal import Journal
    from callwarden.ports.keys import KeyStore
    from callwarden.ports.log import CheckpointPlace, LogReader
    from callwarden.steps.replay import JournalReplay, Replayed


FIXED_CLOCK = "fixed-clock"
"""The landmark of a test system: it began under a fixed clock."""
TOKENS_NEEDED = "tokens-needed"
"""The landmark of a system that was ever opened with servers: from then on people are known by tokens alone."""


class Records(Parts):
    """The parts of one system that remember; see `Parts`."""

    @part
    def catalogue(self) -> SqlCatalogue:
        """The catalogue, once it knows all the journal knows, and with every act journalled from then on (K4, I10):
        whatever serves or works comes by here. Costs a look at what is new in the journal when nothing was restored."""
        from callwarden.adapters.journal.catalogue import journalled
        from callwarden.steps.policy_in_force import PolicyInForce

        _ = self.replayed
        in_force = PolicyInForce(
            policy=self.policy,
            catalogue=self.opened_catalogue,
            clock=self.clock,
            by=None if self._by is None else partial(self._named, self._by),
        )
        changed = in_force.note()
        if changed:
            log.warning("policy_changed", version=self.policy.version, changed=changed)
        return journalled(self.opened_catalogue, self.journal, self.clock)

    def _named(self, actor: Actor) -> str:
        return self.scribe.actor_reference(actor)

    @part
    def replayed(self) -> Replayed:
        """What the journal had to tell the catalogue when this system came up."""
        from callwarden.ports.journal import JournalDamagedError

        try:
            done = self.journal_replay.run()
        except JournalDamagedError:
            self.key_census.admit()  # with another system's keys no record looks authentic: then that is what is wrong
            raise
        if done.destroyed or done.acts:
            log.warning("restored_backup_brought_back", destroyed_again=len(done.destroyed), acts_again=done.acts)
        for missed in done.not_replayed:
            log.warning("restored_backup_misses", act=missed.act, subject=missed.subject, why=missed.why)
        return done

    def replay_from_start(self) -> None:
        """Bring the catalogue to know the whole journal, whatever it is said to know. Raises as the replay."""
        _ = self.replayed
        self.stand_in(replayed=self.journal_replay.run(from_start=True))

    @part
    def journal_replay(self) -> JournalReplay:
        from callwarden.wiring.replay import journal_replay

        return journal_replay(self)

    @part
    def opened_catalogue(self) -> SqlCatalogue:
        """The catalogue as it is, restored or not, journalling nothing: for what has to come before anything serves."""
        from callwarden.ports.keys import KeyUnavailableError

        with suppress(ConfigurationError, KeyUnavailableError):
            _ = self.keys  # now, outside of any transaction; whatever needs a key raises the same again
            if self._clock_is_fixed:
                self._begin_as_test_system()
            if not self.settings.is_embedded and not self._tokens_were_needed:
                with self._bare_catalogue.transaction() as tx:
                    tx.landmarks.save_sealed(TOKENS_NEEDED, self.clock.now().isoformat())
        return self._bare_catalogue

    @property
    def needs_token(self) -> bool:
        """Whether people are known by tokens alone (U2): by these settings, or by those of anybody who opened this
        catalogue before, so that nobody gets around it by leaving a setting out."""
        _ = self.opened_catalogue
        return not self.settings.is_embedded or self._tokens_were_needed

    @property
    def _tokens_were_needed(self) -> bool:
        with self._bare_catalogue.snapshot() as tx:
            return tx.landmarks.sealed(TOKENS_NEEDED, if_altered="") is not None

    def _begin_as_test_system(self) -> None:
        """Only a system that nothing was done with yet becomes one."""
        from callwarden.accesslog.book.status import newest_entry

        catalogue = self._bare_catalogue
        if newest_entry(catalogue.engine) is None and next(catalogue.all_recordings(), None) is None:
            with catalogue.transaction() as tx:
                tx.landmarks.save_sealed(FIXED_CLOCK, self.clock.now().isoformat())

    @part
    def _bare_catalogue(self) -> SqlCatalogue:
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

    @part
    def keys(self) -> KeyStore:
        """The key store, once it is known to be this system's own: whatever uses a key comes by here (K4)."""
        self.key_census.admit()
        return self._opened_keys

    @part
    def key_census(self) -> KeyCensus:
        """Whether the key store is this system's own; for whoever has to say so when it is not."""
        from callwarden.custody.key_census import KeyCensus
        from callwarden.custody.scribe import Scribe

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
        from callwarden.wiring.servers import kms

        return KmsKeyStore(
            kms_client(kms(self.settings)),
            master_alias=self.settings.kms_master_alias,
            pseudonym_alias=self.settings.kms_pseudonym_alias,
        )

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
        from callwarden.custody.scribe import Scribe

        return Scribe(clock=self.clock, keys=self.keys, policy_version=self.policy.version)

    @part
    def disposal(self) -> Disposal:
        return self.disposal_of(self.catalogue)

    def disposal_of(self, catalogue: SqlCatalogue) -> Disposal:
        """A disposal over this view of the catalogue."""
        from callwarden.custody.disposal import Disposal

        return Disposal(
            vault=self.vault,
            catalogue=catalogue,
            journal=self.journal,
            clock=self.clock,
            standing_holds=self.standing_holds,
            holding=self.holding_of(catalogue),
            signer=self.signer,
            scribe=self.scribe,
        )

    def objection_effects_of(self, catalogue: SqlCatalogue) -> ObjectionEffects:
        """What objections do, over this view of the catalogue."""
        from callwarden.custody.landing_copies import LandingCopies
        from callwarden.custody.objection_effects import ObjectionEffects

        return ObjectionEffects(
            policy=self.policy,
            clock=self.clock,
            catalogue=catalogue,
            disposal=self.disposal_of(catalogue),
            scribe=self.scribe,
            copies=LandingCopies(
                catalogue=catalogue, keys=self.keys, cipher=self.cipher, codec=self.codec, landing=self.landing
            ),
        )

    @part
    def redating(self) -> Redating:
        return self.redating_of(self.catalogue)

    def redating_of(self, catalogue: SqlCatalogue) -> Redating:
        """What moves the dates of what is stored, over this view of the catalogue."""
        from callwarden.custody.redating import Redating

        return Redating(policy=self.policy, clock=self.clock, catalogue=catalogue, scribe=self.scribe)

    @part
    def holding(self) -> Holding:
        return self.holding_of(self.catalogue)

    def holding_of(self, catalogue: SqlCatalogue) -> Holding:
        """What flags versions, over this view of the catalogue."""
        from callwarden.custody.holding import Holding

        return Holding(
            policy=self.policy,
            clock=self.clock,
            catalogue=catalogue,
            vault=self.vault,
            standing_holds=self.standing_holds,
        )

    @part
    def placing(self) -> Placing:
        from callwarden.custody.placing import Placing

        return Placing(policy=self.policy, clock=self.clock, catalogue=self.catalogue, scribe=self.scribe)

    @part
    def standing_holds(self) -> StandingHolds:
        from callwarden.custody.standing_holds import StandingHolds

        return StandingHolds(journal=self.journal, log=lambda: self.opened_log)

    @part
    def log_database(self) -> SqlCatalogue:
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
    def log_key(self) -> LogKey:
        """The access log's key; it signs checkpoints and certificates."""
        from callwarden.wiring.log import log_key

        return log_key(self, self.settings.log_name)

    def known_log_keys(self) -> tuple[TrustedKey, ...]:
        """The public side of every log key of this machine, that of a log begun before under the first name too; none
        is made for it."""
        from callwarden.wiring.log import FIRST_LOG, log_key

        keys = [self.log_key] if self.settings.log_name == FIRST_LOG else [self.log_key, log_key(self, FIRST_LOG)]
        return tuple(known for key in keys for known in key.known())

    @part
    def log_places(self) -> Sequence[CheckpointPlace]:
        """Where the log's checkpoints are brought to; none is made for it."""
        from callwarden.wiring.log import log_places

        return log_places(self)

    @part
    def signer(self) -> Ed25519Signer:
        return self.log_key.signer()
