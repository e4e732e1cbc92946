"""Vault ⇔ catalogue ⇔ journal ⇔ bus ⇔ log: everything that should be there is, and nothing else (I1, I2, I4, I7, K4).

Every breach names what it concerns and what to do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callwarden.accesslog.proof.values import JournalMark
from callwarden.custody.balance import Balance, balance, gaps
from callwarden.custody.disposal import Disposal
from callwarden.custody.key_census import ForeignKeysError, KeyCensus
from callwarden.errors import RetryableError
from callwarden.messages import CALLS_TOPIC
from callwarden.model.access import Actor
from callwarden.model.act import Act, NotReplayed
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.key import KeyKind
from callwarden.model.policy import Policy
from callwarden.model.recording import GONE, Artefact, Recording, RecordingState
from callwarden.ports.bus import EventBus
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.database_file import DatabaseFile
from callwarden.ports.journal import ActsRecord, ErasureRecord, Journal, JournalDamagedError
from callwarden.ports.keys import KeyStore
from callwarden.ports.landing import LandingKeeper
from callwarden.ports.log import LogDamagedError, LogReader
from callwarden.ports.vault import ObjectVersion, UnfinishedUpload, VaultLister
from callwarden.rules.disposal import Dispose, disposal
from callwarden.rules.identity import log_case
from callwarden.rules.key_faults import FaultyKey, KeyFault
from callwarden.rules.landing import is_overdue
from callwarden.rules.log_and_rows import TELLING, NotBorneOut, not_borne_out, older_rows, remember, told
from callwarden.rules.retention import keep_until
from callwarden.rules.vault_layout import read_key

STALE_AFTER = timedelta(hours=1)
"""What is older than this is no longer on its way."""
_NOT_RESTORED = {
    "recording_unknown": "it was decided after the backup, on a recording the backup does not have: once the recording "
    "is there again, start anything; or decide otherwise (for a hold: release the case)",
    "recording_gone": "it was decided after the backup, and its recording is destroyed: tell whoever decided it",
    "held": "it was destroyed after the backup, which shows a hold that nothing says has ended: two people release the "
    "case (callwarden hold release), then start anything",
    "row_altered": "somebody has written the row it concerns past the system: restore the row, then start anything",
    "unreadable": "another version wrote it, or it is not whole: install the newest version and start anything",
}
_PORTION = 500
_KEPT = frozenset({RecordingState.STORED, RecordingState.QUARANTINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Something that must not be. `code` is from a closed vocabulary; `what_to_do` is for the person on call."""

    code: str
    subject: str
    what_to_do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingCount:
    """What lies in one landing area: files, or versions, markers and unfinished uploads. `overdue` of them lie longer
    than the policy lets them."""

    area: str
    lying: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a reconciliation found."""

    recordings: int
    versions: int
    held: int
    due: int
    balance: Balance
    breaches: tuple[Breach, ...]
    landing: tuple[LandingCount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """Compares what the parts of the system say."""

    bus: EventBus
    catalogue: Catalogue
    vault: VaultLister
    disposal: Disposal
    journal: Journal
    clock: Clock
    landing: LandingKeeper
    policy: Policy
    key_census: KeyCensus
    keys: KeyStore
    log: LogReader
    marks: Callable[[], Sequence[JournalMark]] = field(default=lambda: ())
    """How far the journal reached, by what was signed elsewhere."""
    not_replayed: Callable[[], Sequence[NotReplayed]] = field(default=lambda: ())
    """What the journal could not bring the catalogue to know when this system came up."""

    def balance(self) -> Balance:
        """The sums of events in and outcomes out."""
        return balance(self.bus, self.catalogue)

    def reconcile(self) -> Report:
        """Look at everything. Costs a listing of the vault and a pass over the catalogue."""
        recordings = {one.recording_id: one for one in self.catalogue.all_recordings()}
        artefacts = {(one.key, one.version_id): one for one in self.catalogue.all_artefacts()}
        now = self.clock.now()
        faulty = self.key_census.faults()
        breaches = [_faulty(key) for key in faulty]
        if not any(key.kind is KeyKind.PSEUDONYM for key in faulty):  # without it no seal and no case can be told
            breaches += [*self._altered(), *self._against_log(recordings, now)]
        breaches += self._rows(recordings, artefacts)
        versions = 0
        seen: set[tuple[str, str]] = set()
        for version in self.vault.versions(""):
            seen.add((version.key, version.version_id))
            versions += not version.is_marker
            breaches += self._version(version, recordings, artefacts)
        breaches += [
            Breach(
                code="object_missing",
                subject=artefact.recording_id,
                what_to_do="the catalogue knows an object the vault does not list: restore the vault from a replica",
            )
            for place, artefact in artefacts.items()
            if place not in seen
        ]
        breaches += [
            Breach(
                code="unfinished_upload",
                subject=upload.key,
                what_to_do="an upload was begun and never finished: the next attempt or the sweep gives it up",
            )
            for upload in self.vault.unfinished_uploads("")
        ]
        breaches += [
            Breach(
                code="foreign_file",
                subject=name,
                what_to_do="a file in the vault that nothing here wrote or can destroy: look at it, then take it away",
            )
            for name in self.vault.foreign_files()
        ]
        landing, left_lying = self._landing(now)
        breaches += left_lying
        sums = self.balance()
        breaches += _left_behind(recordings, sums)
        breaches += self._unread(sums)
        if not (sums.balanced or sums.deleted_unread):
            breaches.append(
                Breach(
                    code="outcomes_unbalanced",
                    subject=CALLS_TOPIC,
                    what_to_do="events in and outcomes do not add up: list the outcomes and compare with the topic",
                )
            )
        return Report(
            recordings=len(recordings),
            versions=versions,
            held=sum(1 for one in recordings.values() if one.holds),
            due=sum(1 for one in recordings.values() if isinstance(disposal(one, now=now), Dispose)),
            balance=sums,
            breaches=tuple(breaches),
            landing=tuple(landing),
        )

    def _altered(self) -> Iterator[Breach]:
        for row in self.catalogue.altered_rows():
            yield Breach(
                code="row_altered",
                subject=f"{row.table} {row.key}",
                what_to_do="somebody has written this row past the system; nothing is read or destroyed by it: find "
                "out who, and restore it from a backup",
            )

    def _against_log(self, recordings: Mapping[RecordingId, Recording], now: datetime) -> Iterator[Breach]:
        """What the log says was done, against the rows. Costs a pass over the log and one over the journal."""
        with self.catalogue.snapshot() as tx:
            glasses = tx.break_glass.find(unended=True)
            held = {(one.recording_id, self._case(one.case_id)) for one in tx.holds.find()}
        try:
            said = told(one.entry for one in self.log.entries(operations=TELLING))
            remember(said, self._acts(), case=self._case)
            with self.catalogue.snapshot() as tx:  # what was done meanwhile is no contradiction
                tokens, objections = tx.tokens.all(), tx.objections.all()
                still = {(one.recording_id, self._case(one.case_id)) for one in tx.holds.find()}
                redactions = tx.redactions.get([RecordingId(one) for one in said.redactions])
        except LogDamagedError as error:
            yield Breach(code="log_damaged", subject="access log", what_to_do=f"{error}; run callwarden log verify")
            return
        differing = not_borne_out(
            said,
            tokens=tokens,
            objections=objections,
            held=held,
            still_held=still,
            gone={one.recording_id for one in recordings.values() if one.state in GONE},
            glasses=glasses,
            now=now,
        )
        older = older_rows(
            said,
            recordings=recordings.values(),
            redactions=redactions.values(),
            objections=objections,
            policy=self.policy,
            filed_before=now - STALE_AFTER,
        )
        for code, subject in (*differing, *older):
            yield _not_borne_out(code, subject)
        for portion in _portions(said.taken - recordings.keys()):
            with self.catalogue.snapshot() as tx:  # some may have come since
                there = tx.recordings.get(portion).keys()
            yield from (_not_borne_out(NotBorneOut.RECORDING_GONE, one) for one in portion if one not in there)
        for portion in _portions(said.certified):
            with self.catalogue.snapshot() as tx:
                certified = {one.recording_id for one in tx.certificates.get(portion)}
            yield from (_not_borne_out(NotBorneOut.CERTIFICATE_GONE, one) for one in portion if one not in certified)

    def _acts(self) -> Iterator[Act]:
        with suppress(JournalDamagedError):  # told by itself
            for record in self.journal.iterate():
                if isinstance(record, ActsRecord):
                    yield from record.acts

    def _case(self, case_id: CaseId) -> str:
        return log_case(case_id, self.keys.pseudonym("case", case_id))

    def _landing(self, now: datetime) -> tuple[list[LandingCount], list[Breach]]:
        counts, breaches = list[LandingCount](), list[Breach]()
        for area in self.landing.areas():
            try:
                lying = [is_overdue(one, stays=self.policy.landing, now=now) for one in self.landing.lying(area)]
            except RetryableError as error:
                breaches.append(Breach(code="landing_out_of_reach", subject=area, what_to_do=str(error)))
                continue
            counts.append(LandingCount(area=area, lying=len(lying), overdue=sum(lying)))
            if any(lying):
                breaches.append(
                    Breach(
                        code="landing_overdue",
                        subject=area,
                        what_to_do=f"{sum(lying)} things lie there longer than the policy allows, and may be voices in "
                        "clear: callwarden dispose removes them once every event is decided",
                    )
                )
        return counts, breaches

    def _unread(self, sums: Balance) -> Iterator[Breach]:
        for place, count in sums.deleted_unread.items():
            yield Breach(
                code="deleted_unread",
                subject=f"{place.topic}/{place.partition}",
                what_to_do=f"{count} events were deleted from the bus, their time being over, before anybody had read "
                "them: have the telephone system send those calls again, and see why ingest stood still",
            )
        for gap in gaps(self.bus):
            yield Breach(
                code="deleted_unread",
                subject=f"{gap.place.topic}/{gap.place.partition}",
                what_to_do=f"{gap.count} messages were deleted from the bus before {gap.group} had read them: see why "
                f"callwarden work {gap.group} stood still",
            )

    def repair(self, actor: Actor) -> int:
        """Destroy every version and marker no row knows and every stale upload; returns how many. What an attempt
        under way has stored is left alone. Raises ObjectHeldError, RetryableError."""
        known = {(one.key, one.version_id) for one in self.catalogue.all_artefacts()}
        stale = self.clock.now() - STALE_AFTER
        strangers: dict[RecordingId | None, tuple[list[ObjectVersion], list[UnfinishedUpload]]] = {}
        for version in self.vault.versions(""):
            whose = read_key(version.key)
            if whose is None or (version.key, version.version_id) in known:
                continue
            if version.is_marker or version.modified_at < stale:
                strangers.setdefault(whose[0], ([], []))[0].append(version)
        for upload in self.vault.unfinished_uploads(""):
            whose = read_key(upload.key)
            if upload.started_at < stale:
                strangers.setdefault(whose and whose[0], ([], []))[1].append(upload)
        for recording_id, (versions, uploads) in strangers.items():
            self.disposal.remove(recording_id, versions, uploads, reason="object_unknown", actor=actor)
        return sum(len(versions) + len(uploads) for versions, uploads in strangers.values())

    def _rows(
        self, recordings: Mapping[RecordingId, Recording], artefacts: Mapping[tuple[str, str], Artefact]
    ) -> Iterator[Breach]:
        with_artefact = {one.recording_id for one in artefacts.values()}
        with self.catalogue.snapshot() as tx:
            keys = tx.keys.get(list(recordings))
        for one in recordings.values():
            if self._kept_too_long(one):
                yield Breach(
                    code="period_too_long",
                    subject=one.recording_id,
                    what_to_do="it is kept longer than this very policy says for its line: restore its row",
                )
            if one.state in (RecordingState.DISPOSING, RecordingState.DROPPING):
                yield Breach(
                    code="erasure_unfinished",
                    subject=one.recording_id,
                    what_to_do="its erasure was interrupted: run callwarden dispose",
                )
            if one.state is RecordingState.STORED and one.recording_id not in with_artefact:
                yield Breach(
                    code="recording_without_object",
                    subject=one.recording_id,
                    what_to_do="the catalogue calls it stored and knows no object of it: restore the catalogue",
                )
            if one.state in GONE and (one.recording_id in keys or one.recording_id in with_artefact):
                yield Breach(
                    code="remains_of_the_gone",
                    subject=one.recording_id,
                    what_to_do="a key or an object is still recorded of something destroyed: run callwarden dispose",
                )
        for recording_id in sorted(with_artefact - keys.keys()):
            yield Breach(
                code="key_missing",
                subject=recording_id,
                what_to_do="an object has no key and cannot be read any more: if an erasure was interrupted, run "
                "callwarden dispose; else restore the catalogue",
            )
        erased = set()
        try:
            for record in self.journal.iterate(marks=self.marks()):
                if isinstance(record, ErasureRecord):
                    erased.add(record.recording_id)
        except JournalDamagedError as error:
            yield Breach(
                code="journal_damaged",
                subject=error.detail,
                what_to_do="somebody else wrote to the journal, or its disk lost something: stop serving, and put its "
                "newest true copy back",
            )
        for recording_id in erased & keys.keys():
            if recordings[recording_id].state in _KEPT:  # keys belong to rows: the id is surely there
                yield Breach(
                    code="erased_is_back",
                    subject=recording_id,
                    what_to_do="the journal says it was destroyed: run callwarden reconcile --repair, which destroys "
                    "it again; if a case still holds it, two people have to release that first",
                )
        for missed in self.not_replayed():
            yield Breach(
                code="act_not_restored",
                subject=f"{missed.act} {missed.subject}",
                what_to_do=_NOT_RESTORED[missed.why],
            )

    def _kept_too_long(self, one: Recording) -> bool:
        """K1, K2: told where the policy that decided is the one in force."""
        line = self.policy.lines.get(one.line)
        if line is None or one.ended_at is None or one.policy_version != self.policy.version:
            return False
        until = keep_until(one.ended_at, line.retention, self.policy.time_zone)
        return one.state is RecordingState.STORED and (one.keep_until is None or one.keep_until > until)

    def _version(
        self,
        version: ObjectVersion,
        recordings: Mapping[RecordingId, Recording],
        artefacts: Mapping[tuple[str, str], Artefact],
    ) -> Iterator[Breach]:
        known = read_key(version.key)
        if known is None:
            yield Breach(
                code="foreign_object",
                subject=version.key,
                what_to_do="somebody else writes into the vault: find out who, and remove it by hand",
            )
            return
        recording = recordings.get(known[0])
        if version.is_marker:
            yield Breach(
                code="stray_marker",
                subject=known[0],
                what_to_do="something other than us deleted an object: its versions are still readable; see who did it",
            )
            return
        artefact = artefacts.get((version.key, version.version_id))
        if artefact is None:
            on_its_way = recording is not None and recording.state is RecordingState.PENDING
            if not on_its_way:
                yield Breach(
                    code="object_unknown",
                    subject=known[0],
                    what_to_do="the vault holds a version nobody knows: run callwarden reconcile --repair",
                )
            return
        if artefact.stored_size != version.size:
            yield Breach(
                code="object_altered",
                subject=known[0],
                what_to_do="its size is not what was stored: nobody can read it; restore it from a replica",
            )
        if recording is None:
            return
        held = self.vault.is_held(version.key, version.version_id)
        if recording.holds and not held:
            yield Breach(
                code="hold_not_fast",
                subject=known[0],
                what_to_do="it is held, and the vault does not know: run callwarden work holds --drain",
            )
        if held and not recording.holds:
            yield Breach(
                code="hold_unknown",
                subject=known[0],
                what_to_do="the vault holds it, and no case does: ask legal; a hold was lost with the catalogue, or "
                "released a moment ago (callwarden work holds --drain)",
            )


_OLDER = "an older row was put back; callwarden reconcile --repair does again what was decided since"
_NOT_BORNE_OUT = {
    NotBorneOut.TOKEN_REVIVED: "the log says that it was revoked or spent, and its row does not: revoke it again",
    NotBorneOut.TOKEN_TWICE: "good once, and the log has it accepted more than once: an older row of it was put back; "
    "revoke it, and see what was done with it",
    NotBorneOut.HOLD_GONE: "the log says that a case holds it, and no row does: place the hold again, now "
    "(callwarden reconcile --repair does)",
    NotBorneOut.HOLD_BROKEN: "a case held it, nobody released it, and it is destroyed: tell legal; find out who took "
    "its hold away",
    NotBorneOut.HOLD_UNTOLD: "a case holds it, and the log knows of no such act: find out who wrote the row",
    NotBorneOut.OBJECTION_GONE: "the log knows this objection and no row does: restore it, or have it made again",
    NotBorneOut.OBJECTION_REVIVED: "the log says that it was withdrawn, and its row does not: withdraw it again",
    NotBorneOut.OBJECTION_UNDONE: f"an objection on file closes it to more than its row says: {_OLDER}",
    NotBorneOut.CLEARING_UNDONE: f"it was taken out of quarantine, and its row is in it again: {_OLDER}",
    NotBorneOut.REDACTION_REVIVED: f"its redaction was withdrawn, and is released again: {_OLDER}",
    NotBorneOut.APPROVAL_UNTOLD: "glass is open that nobody has approved by the log: find out who wrote the row",
    NotBorneOut.RECORDING_GONE: "the log says that it was taken in, and no row knows it: restore catalogue and vault, "
    "and find out who has deleted it",
    NotBorneOut.CERTIFICATE_GONE: "the log says that its destruction was certified, and no certificate is there: "
    "restore it from a backup",
}


def _portions(ids: Iterable[str]) -> Iterator[list[RecordingId]]:
    rest = [RecordingId(one) for one in sorted(ids)]
    for start in range(0, len(rest), _PORTION):
        yield rest[start : start + _PORTION]


def _not_borne_out(code: NotBorneOut, subject: str) -> Breach:
    return Breach(code=code.value, subject=subject, what_to_do=_NOT_BORNE_OUT[code])


def damage(files: Iterable[DatabaseFile]) -> tuple[Breach, ...]:
    """The files that are damaged. What is in them proves nothing then: look here first. Raises RetryableError."""
    return tuple(
        Breach(
            code="file_damaged",
            subject=file.name,
            what_to_do=f"SQLite says: {found[0]}. Stop everything that uses the file, keep a copy, restore a backup",
        )
        for file in files
        if (found := file.damage(thorough=True))
    )


def foreign_keys(census: KeyCensus) -> tuple[Breach, ...]:
    """What is wrong with a key store that is not this system's own; nothing of the catalogue can be compared without.
    Raises RetryableError."""
    try:
        census.admit()
    except ForeignKeysError:
        return tuple(_faulty(key) for key in census.faults())
    return ()


def _faulty(key: FaultyKey) -> Breach:
    what = {
        KeyFault.MISSING: "is not in the key store",
        KeyFault.DIFFERS: "is another one in the key store",
    }[key.fault]
    return Breach(
        code="master_key_missing" if key.kind is KeyKind.MASTER else "pseudonym_key_missing",
        subject=key.key_id,
        what_to_do=f"this {key.kind.value} key {what}, and {key.data_keys} data keys are under it: put the right key"
        " store back (docs/keys.md)",
    )


def _left_behind(recordings: Mapping[RecordingId, Recording], balance: Balance) -> Iterator[Breach]:
    """Recordings still on their way although no event is."""
    if balance.in_flight:
        return
    for one in recordings.values():
        if one.state is RecordingState.PENDING:
            yield Breach(
                code="recording_unfinished",
                subject=one.recording_id,
                what_to_do="its event is finished and its audio is not: publish the event again",
            )
