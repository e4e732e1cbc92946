"""One system: its steps and desks, made of its parts. Each is imported where it is made: a command loads only that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from callwarden.errors import ConfigurationError
from callwarden.settings import VaultKind
from callwarden.wiring.part import part
from callwarden.wiring.surroundings import private_folder
from callwarden.wiring.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from callwarden.accesslog.book.book import SqlLogBook
    from callwarden.accesslog.proof.note import TrustedKey
    from callwarden.desks.access_log import LogDesk
    from callwarden.desks.break_glass import BreakGlassDesk
    from callwarden.desks.calls import CallDesk
    from callwarden.desks.custody_record import CustodyDesk
    from callwarden.desks.dead_letters import DeadLetterDesk
    from callwarden.desks.disposal import DisposalDesk
    from callwarden.desks.evidence import EvidenceDesk
    from callwarden.desks.journal import JournalDesk
    from callwarden.desks.keys import KeyDesk
    from callwarden.desks.log_beginning import LogBeginningDesk
    from callwarden.desks.operations import OperationsDesk
    from callwarden.desks.papers import PaperDesk
    from callwarden.desks.policy_changes import Before, PolicyDesk
    from callwarden.desks.procedure import ProcedureDesk
    from callwarden.desks.pushes import PushDesk
    from callwarden.desks.quarantine import QuarantineDesk
    from callwarden.desks.redactions import RedactionDesk
    from callwarden.desks.upkeep import UpkeepDesk
    from callwarden.model.access import Actor
    from callwarden.ports.clock import Clock
    from callwarden.ports.vault import LifecycleRule
    from callwarden.settings import Settings
    from callwarden.steps.clear_landing import LandingSweep
    from callwarden.steps.dispose import Sweep
    from callwarden.steps.holds import Holds
    from callwarden.steps.ingest import Ingest
    from callwarden.steps.objections import Objections
    from callwarden.steps.policy_in_force import PolicyInForce, PolicyNote
    from callwarden.steps.reconcile import Reconciler


class System(Telling):
    """The parts of one system, and what is made of them: built when first asked for, closed with it.

    Thread-safe once the parts a worker needs have been asked for.
    """

    @property
    def has_speech_model(self) -> bool:
        """Whether the speech model in force is in place; never loads it."""
        from callwarden.adapters.speech.models import locate

        try:
            locate(self.settings.speech_model, directory=self.settings.models_folder)
        except ConfigurationError:
            return False
        return True

    @part
    def ingest(self) -> Ingest:
        from callwarden.steps.ingest import Ingest

        return Ingest(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            store=self.store,
            disposal=self.disposal,
            landing=self.landing,
            keys=self.keys,
            cipher=self.cipher,
            probe=self.probe,
            codec=self.codec,
            numbers=self.numbers,
            scribe=self.scribe,
            placing=self.placing,
            timekeeper=self.timekeeper,
        )

    @part
    def objections(self) -> Objections:
        from callwarden.adapters.alarm import LoggedAlarm
        from callwarden.steps.objections import Objections

        return Objections(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            codec=self.codec,
            desk=self.objection_desk,
            effects=self.objection_effects,
            scribe=self.scribe,
            letters=self.letters,
            alarm=LoggedAlarm(),
        )

    @part
    def quarantine_desk(self) -> QuarantineDesk:
        from callwarden.desks.quarantine import QuarantineDesk

        return QuarantineDesk(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            landing=self.landing,
            keys=self.keys,
            cipher=self.cipher,
            codec=self.codec,
            acts=self.acts,
            reasons=self.act_reasons,
            disposal=self.disposal,
            placing=self.placing,
        )

    @part
    def dead_letter_desk(self) -> DeadLetterDesk:
        from callwarden.desks.dead_letters import DeadLetterDesk

        return DeadLetterDesk(clock=self.clock, letters=self.letters, acts=self.acts, reasons=self.act_reasons)

    @part
    def call_desk(self) -> CallDesk:
        from callwarden.desks.calls import CallDesk

        return CallDesk(
            catalogue=self.catalogue, bus=lambda: self.bus, acts=self.acts, lines=frozenset(self.policy.lines)
        )

    @part
    def push_desk(self) -> PushDesk:
        from callwarden.desks.pushes import PushDesk
        from callwarden.rules.pushing import receiving_area

        return PushDesk(
            policy=self.policy,
            clock=self.clock,
            acts=self.acts,
            keys=self.keys,
            codec=self.codec,
            intake=lambda: self.landing,
            landed=lambda: self.landing,
            area=receiving_area(self.policy.landing_areas, buckets=self.settings.vault is VaultKind.S3),
        )

    @part
    def procedure_desk(self) -> ProcedureDesk:
        from callwarden.adapters.icalendar_feed import ICalendarFeed
        from callwarden.desks.procedure import ProcedureDesk

        return ProcedureDesk(
            policy=self.policy, clock=self.clock, acts=self.acts, procedure=self.procedure, feed=ICalendarFeed()
        )

    @part
    def redaction_desk(self) -> RedactionDesk:
        from callwarden.desks.redactions import RedactionDesk

        return RedactionDesk(acts=self.acts, policy=self.policy, clock=self.clock)

    @part
    def holds(self) -> Holds:
        from callwarden.steps.holds import Holds

        return Holds(self.holding)

    @part
    def sweep(self) -> Sweep:
        from callwarden.adapters.alarm import LoggedAlarm
        from callwarden.custody.audio_ending import AudioEnding
        from callwarden.steps.dispose import Sweep

        return Sweep(
            catalogue=self.catalogue,
            disposal=self.disposal,
            audio=AudioEnding(catalogue=self.catalogue, disposal=self.disposal, placing=self.placing, clock=self.clock),
            standing_holds=self.standing_holds,
            placing=self.placing,
            redating=self.redating,
            figures=self.figure_weeks,
            clock=self.clock,
            limits=self.policy.sweep,
            timekeeper=self.timekeeper,
            scribe=self.scribe,
            alarm=LoggedAlarm(),
        )

    @part
    def policy_desk(self) -> PolicyDesk:
        from callwarden.adapters.policy.file import read_policy
        from callwarden.desks.policy_changes import PolicyDesk

        return PolicyDesk(
            policy=self.policy,
            clock=self.clock,
            acts=self.acts,
            redating=self.redating,
            before=self._before,
            read=lambda text: read_policy(text, name="policy"),
        )

    def _before(self) -> Before:
        from callwarden.desks.policy_changes import Before
        from callwarden.model.ids import PolicyVersion
        from callwarden.rules.policy_change import codes_of

        now, *earlier = self.policy_history()
        former = PolicyVersion(earlier[0].version) if earlier else None
        return Before(version=former, told=now.told, codes=codes_of(list(now.changes)))

    def policy_history(self) -> Sequence[PolicyNote]:
        """The policies that were in force, the newest first."""
        return self._policy_in_force.history()

    @property
    def lifecycle_rules(self) -> tuple[LifecycleRule, ...]:
        """What the policy, and those before it, ask of the bucket's own lifecycle."""
        from callwarden.rules.lifecycle import lifecycle_rules

        return lifecycle_rules(self.policy, earlier=self._policy_in_force.retentions())

    @property
    def _policy_in_force(self) -> PolicyInForce:
        from callwarden.steps.policy_in_force import PolicyInForce

        return PolicyInForce(policy=self.policy, catalogue=self.catalogue, clock=self.clock)

    @part
    def paper_desk(self) -> PaperDesk:
        """Also where nobody has made a system yet: then no date is known."""
        from callwarden.desks.papers import PaperDesk
        from callwarden.wiring.papers import as_sheets, evaluations_kept

        policy = self.policy
        return PaperDesk(
            policy=policy,
            clock=self.clock,
            book=self.letter_book,
            evaluations_kept=lambda: evaluations_kept(self.settings),
            dates=lambda: self._policy_in_force.sheets() if self.is_there else {},
            sheets=as_sheets,
        )

    @part
    def log_desk(self) -> LogDesk:
        """Where people read the log and look after it. Its book is made when it is needed: reading needs no place that
        can be written."""
        from callwarden.desks.access_log import LogDesk

        return LogDesk(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            scribe=self.scribe,
            writer=self.log_writer,
            reader=self.log_reader,
            book=lambda: self.log_book,
            acts=self.acts,
            timekeeper=self.timekeeper,
        )

    @part
    def log_beginning_desk(self) -> LogBeginningDesk:
        from callwarden.desks.log_beginning import LogBeginningDesk

        return LogBeginningDesk(acts=self.acts, log=self.log_reader, book=lambda: self.log_book)

    @part
    def log_book(self) -> SqlLogBook:
        from callwarden.wiring.log import log_book

        return log_book(self)

    @part
    def disposal_desk(self) -> DisposalDesk:
        from callwarden.desks.disposal import DisposalDesk

        return DisposalDesk(
            acts=self.acts,
            clock=self.clock,
            timekeeper=self.timekeeper,
            redating=self.redating,
            log=self.log_reader,
            stopped=lambda at: self.sweep.stopped(now=at),
        )

    @part
    def operations_desk(self) -> OperationsDesk:
        from callwarden.adapters.local_disks import LocalDisks
        from callwarden.desks.operations import OperationsDesk

        settings = self.settings
        folders = {"home": settings.home, "landing": settings.spool_folder, "checkpoints": settings.checkpoints}
        return OperationsDesk(
            acts=self.acts,
            clock=self.clock,
            catalogue=self.catalogue,
            bus=lambda: self.bus,
            log=self.log_reader,
            policy=self.policy,
            stopped=lambda: self.sweep.stopped(),
            disks=LocalDisks({name: folder for name, folder in folders.items() if folder is not None}),
            checkpoint_every=timedelta(seconds=settings.checkpoint_every_s),
        )

    @part
    def landing_sweep(self) -> LandingSweep:
        from callwarden.adapters.alarm import LoggedAlarm
        from callwarden.steps.clear_landing import LandingSweep

        return LandingSweep(
            policy=self.policy,
            clock=self.clock,
            bus=self.bus,
            catalogue=self.catalogue,
            landing=self.landing,
            scribe=self.scribe,
            alarm=LoggedAlarm(),
            timekeeper=self.timekeeper,
            awaited=lambda: self.ingest.awaited(),
        )

    @part
    def break_glass_desk(self) -> BreakGlassDesk:
        from callwarden.adapters.alarm import LoggedAlarm
        from callwarden.desks.break_glass import BreakGlassDesk

        return BreakGlassDesk(
            acts=self.acts,
            policy=self.policy,
            clock=self.clock,
            keys=self.keys,
            cipher=self.cipher,
            alarm=LoggedAlarm(),
        )

    @part
    def custody_desk(self) -> CustodyDesk:
        from callwarden.desks.custody_record import CustodyDesk

        return CustodyDesk(
            catalogue=self.catalogue, clock=self.clock, acts=self.acts, gate=self.gate, reader=self.log_reader
        )

    @part
    def evidence_desk(self) -> EvidenceDesk:
        from callwarden.desks.evidence import EvidenceDesk

        return EvidenceDesk(
            acts=self.acts,
            clock=self.clock,
            gate=self.gate,
            custody=self.custody_desk,
            reader=self.log_reader,
            book=lambda: self.log_book,
            signer=lambda: self.signer,
            zone=self.policy.time_zone,
        )

    @part
    def journal_desk(self) -> JournalDesk:
        """For a system that does not come up, so over the catalogue as it lies there."""
        from callwarden.desks.acts import Acts
        from callwarden.desks.journal import JournalDesk

        return JournalDesk(
            acts=Acts(catalogue=self.opened_catalogue, scribe=self.scribe),
            journal=self.journal,
            take_over=lambda: self.journal_replay.run(adopt_unproven=True).destroyed,
        )

    @part
    def upkeep_desk(self) -> UpkeepDesk:
        from callwarden.desks.upkeep import UpkeepDesk

        def repair(actor: Actor) -> None:
            self.replay_from_start()
            self.reconciler.repair(actor)

        return UpkeepDesk(
            acts=self.acts,
            repairing=repair,
            rules=lambda: self.lifecycle_rules,
            apply=lambda rules: self.vault.apply_lifecycle(rules),
        )

    @part
    def key_desk(self) -> KeyDesk:
        from callwarden.desks.keys import KeyDesk

        return KeyDesk(acts=self.acts, catalogue=self.catalogue, keys=self.keys, clock=self.clock)

    def make(self) -> None:
        """Build whatever this system keeps that is not there yet: tables, topics, keys, folders or buckets. Raises
        ConfigurationError, RetryableError."""
        private_folder(self.settings.spool_folder)
        _ = self.catalogue, self.bus, self.vault, self.keys, self.journal, self.landing, self.log_database, self.signer

    @part
    def reconciler(self) -> Reconciler:
        from callwarden.steps.reconcile import Reconciler

        return Reconciler(
            bus=self.bus,
            catalogue=self.catalogue,
            vault=self.vault,
            disposal=self.disposal,
            holding=self.holding,
            standing_holds=self.standing_holds,
            journal=self.journal,
            clock=self.clock,
            landing=self.landing,
            policy=self.policy,
            key_census=self.key_census,
            keys=self._opened_keys,  # also where they are another system's: that is for it to say
            log=self.log_reader,
            marks=self.journal_replay.marks,
            not_replayed=lambda: self.replayed.not_replayed,
        )


def open_system(
    settings: Settings, *, clock: Clock | None = None, reading: bool = False, by: Actor | None = None
) -> System:
    """The system the settings describe; use it as a context manager. `clock` stands in for this machine's. One opened
    for `reading` waits for a locked database no longer than the policy lets a reading wait. `by` is who opens it, where
    a person does: what comes into force by that, such as another policy, is in the log in their name.

    Raises ConfigurationError where a part that is asked for later cannot be built.
    """
    return System(settings, clock=clock, reading=reading, by=by)


def trusted_keys(file: Path | None, system: System | None) -> tuple[TrustedKey, ...]:
    """The public keys in this file; without one, this system's own. Raises ConfigurationError naming the line."""
    from callwarden.accesslog.key.signer import read_keys, trust

    if file is not None:
        return read_keys(file)
    if system is None:
        return ()
    known = {trusted.key: trusted for trusted in (trust(system.signer.key), *system.known_log_keys())}
    return tuple(known.values())
