"""When was I listened to? The dates and purposes a person concerned is told; never who it was (D7)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from callwarden.custody.gate import Gate
from callwarden.desks.concerned import Concerned
from callwarden.errors import UsageError
from callwarden.model.access import Actor, Readable
from callwarden.model.consultation import Consultation
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import Catalogue, RecordingFilter
from callwarden.ports.keys import KeyStore
from callwarden.ports.log import LogReader
from callwarden.rules.access_pack import CONSULTED
from callwarden.rules.identity import call_reference
from callwarden.rules.reading import is_scoped


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted:
    """What a person is told: of how many calls, and each consultation, newest first."""

    calls: int
    consultations: Sequence[Consultation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultations:
    """Answers from the access log, for what still can be found by a person's number or id."""

    policy: Policy
    catalogue: Catalogue
    keys: KeyStore
    concerned: Concerned
    gate: Gate
    reader: LogReader

    def of(self, actor: Actor, *, number: str | None = None, customer_id: str | None = None) -> Consulted:
        """Every consultation of the calls of one number or customer. The reading of the log is itself written down
        first, once for every recording concerned.

        Raises UsageError unless exactly one of both is given, or for a number that is none; RefusedError with every
        reason when the actor may not read the log.
        """
        if (number is None) == (customer_id is None):
            raise UsageError("say whose calls: exactly one of --number or --customer")
        with self.catalogue.snapshot() as tx:
            recordings = tx.recordings.find(self._wanted(number, customer_id))
        if is_scoped(actor):  # calls of others are as if there were none
            known = self.gate.permitted(
                actor, Purpose.RIGHTS_REQUEST, Readable.LOG, [recording.recording_id for recording in recordings]
            )
            recordings = [recording for recording in recordings if recording.recording_id in known]
        return self.about(actor, recordings)

    def about(self, actor: Actor, recordings: Sequence[Recording]) -> Consulted:
        """Every consultation of these recordings, and of the calls they are of. Writes and raises as `of`."""
        self.gate.disclose(
            actor,
            Purpose.RIGHTS_REQUEST,
            Operation.LOG_READ,
            Readable.LOG,
            subjects=[recording.recording_id for recording in recordings],
        )
        found: Counter[Consultation] = Counter()
        about = self._subjects(recordings)
        for logged in self.reader.entries(subjects=about, operations=CONSULTED) if about else ():
            found.update(self._told(about[logged.entry.subject or ""], logged.entry))
        return Consulted(
            calls=len({recording.call_id for recording in recordings}),
            consultations=sorted(
                (replace(reading, times=times) for reading, times in found.items()),
                key=lambda one: (one.day, one.recording_id, one.purpose, one.operation, one.artefact),
                reverse=True,
            ),
        )

    def _wanted(self, number: str | None, customer_id: str | None) -> RecordingFilter:
        if number is not None:
            return RecordingFilter(caller=self.concerned.number(number))
        return RecordingFilter(customer=self.concerned.customer(customer_id or ""))

    def _subjects(self, recordings: Iterable[Recording]) -> Mapping[str, Sequence[Recording]]:
        """What the log calls these recordings, and their calls: a live listening is of a call, not of a recording."""
        about: dict[str, list[Recording]] = {}
        for recording in recordings:
            call = call_reference(self.keys.pseudonym("call", recording.call_id))
            for subject in (recording.recording_id, call):
                about.setdefault(subject, []).append(recording)
        return about

    def _told(self, concerned: Iterable[Recording], entry: LogEntry) -> Iterable[Consultation]:
        if entry.outcome is EntryOutcome.REFUSED:
            return
        for recording in concerned:
            yield Consultation(
                day=entry.at.astimezone(self.policy.time_zone).date(),
                purpose=entry.purpose or "",
                operation=entry.operation.value,
                artefact=entry.artefact or "",
                by_machine=entry.actor.startswith("service:"),
                call_ended_at=recording.ended_at,
                line=recording.line,
                recording_id=recording.recording_id,
                times=1,
            )
