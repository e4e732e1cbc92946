"""Builds the access log of a system from its settings; an importer of adapters, beside `callwarden.wiring`."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from callwarden.accesslog.book.anchors import Look, look_outside
from callwarden.accesslog.book.book import LogBook
from callwarden.accesslog.book.export_files import Exported, verify_directory
from callwarden.accesslog.book.segments import snapshot
from callwarden.accesslog.book.stamping import Stamper
from callwarden.accesslog.book.status import read_status
from callwarden.accesslog.key.signer import read_keys
from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.accesslog.proof.export import Report
from callwarden.accesslog.proof.note import TrustedKey, format_key
from callwarden.accesslog.proof.stamps import CheckStamp
from callwarden.accesslog.proof.status import LogStatus
from callwarden.accesslog.proof.tail import late_after, tail_age
from callwarden.accesslog.proof.values import VerifierKey
from callwarden.desks.access_log import LogDesk
from callwarden.errors import ConfigurationError
from callwarden.model.access import Actor
from callwarden.model.hold import CaseState
from callwarden.model.log_entry import Operation
from callwarden.model.period import CalendarPeriod
from callwarden.ports.log import CheckpointPlace
from callwarden.rules.identity import log_case
from callwarden.rules.retention import is_past, keep_until
from callwarden.wiring import System, proxies_to
from callwarden.wiring.exposure import refuse_clear_text
from callwarden.wiring.places import checkpoint_places

__all__ = [
    "Exported",
    "LogBook",
    "LogDesk",
    "Report",
    "check_places",
    "expire_log",
    "log_book",
    "log_desk",
    "log_standing",
    "read_keys",
    "read_trust",
    "rotate_log_key",
    "verify_exported",
    "written_keys",
]


def log_book(system: System) -> LogBook:
    """The log of this system: its tables brought up to date, its key made on first use.

    Raises: `ConfigurationError` (also where the key it has signed with is missing), RetryableError.
    """
    key = system.log_key
    signer = key.signer()
    places = checkpoint_places(system)
    roots = system.settings.timestamp_roots
    return LogBook(
        engine=system.log_database.engine,
        signer=signer,
        earlier=key.earlier(),
        places=places,
        now=system.clock.now,
        journal=system.journal.mark,
        stamper=_stamper(system, places),
        check_stamp=None if roots is None else read_trust(roots),
    )


def rotate_log_key(system: System, book: LogBook, actor: Actor) -> VerifierKey:
    """Make a new key, have the present one hand over to it in a checkpoint both sign, and put it in its place. The old
    private key is gone then. An interrupted rotation is finished by the next; the act is an entry of the log.

    Raises: `SecondSequencerError` while a sequencer runs, RetryableError (a place is out of reach: the old key signs
    nothing more if it had handed over; try again), `LogDamagedError`, `ConfigurationError`.
    """
    key, scribe = system.log_key, system.scribe
    successor = key.successor()
    with book.sequencer(successor=successor.key) as sequencer:
        with system.catalogue.transaction() as tx:
            subject = f"logkey-ed25519-{successor.key.key_id.hex()}"
            tx.log.append([scribe.entry(actor, Operation.KEY_ROTATED, subject=subject)])
        sequencer.hand_over(successor)
        key.install_successor(retired=book.signer.key)
    return successor.key


def log_desk(system: System, book: LogBook) -> LogDesk:
    """Where people read the log."""
    return LogDesk(
        policy=system.policy,
        clock=system.clock,
        catalogue=system.catalogue,
        scribe=system.scribe,
        writer=system.log_writer,
        reader=book.reader,
    )


def expire_log(system: System, book: LogBook, age: CalendarPeriod) -> int:
    """Delete the months of the log that were sealed longer than ``age`` ago, never sooner than the policy says, and not
    what open litigation needs; how many entries went (L3).

    Raises: ClockAstrayError (the clock may be wrong), `SecondSequencerError`, `LogDamagedError`, RetryableError.
    """
    now, zone, kept = system.timekeeper.now(), system.policy.time_zone, system.policy.log_retention
    with system.catalogue.transaction() as tx:
        held = {hold.recording_id for hold in tx.holds.find()}
        cases = [one.case_id for one in tx.cases.all() if one.state is CaseState.OPEN]
    references = {log_case(one, system.keys.pseudonym("case", one)) for one in cases}
    with book.sequencer() as sequencer:
        gone = sequencer.expire(
            due=lambda sealed_at: all(is_past(keep_until(sealed_at, one, zone), now=now) for one in (age, kept)),
            keep=lambda subject, case: subject in held or case in references,
        )
        sequencer.sequence()
        sequencer.checkpoint()
    return gone


def written_keys(keys: Iterable[VerifierKey | TrustedKey]) -> list[str]:
    """Each as the one line it is handed out as."""
    return [format_key(one.key if isinstance(one, TrustedKey) else one) for one in keys]


def read_trust(file: Path) -> CheckStamp:
    """Believes the time-stamping authorities under the roots in a PEM file. Raises: `ConfigurationError`."""
    from callwarden.accesslog.timestamps.tokens import open_trust

    return open_trust(file).check


def verify_exported(
    directory: Path,
    trusted: tuple[TrustedKey, ...],
    checkpoints: Path | None,
    check_stamp: CheckStamp | None = None,
) -> Report:
    """Verify an export and, where given, hold it against the checkpoints and time-stamps of a directory elsewhere: its
    own copies prove no roll-back."""
    place = None if checkpoints is None else CheckpointDirectory(checkpoints)
    stamps = () if place is None else tuple(place.timestamps())  # first: what they were made for is there by then
    outside = () if place is None else tuple(place.iterate())
    return verify_directory(directory, trusted=trusted, outside=outside, stamps=stamps, check_stamp=check_stamp)


def _stamper(system: System, places: list[CheckpointPlace]) -> Stamper | None:
    """Only where an authority is named: what it needs is an extra."""
    settings = system.settings
    if settings.timestamp_url is None or settings.timestamp_roots is None:
        return None
    from callwarden.accesslog.timestamps.http import AuthorityAddress, HttpTimestampAuthority
    from callwarden.accesslog.timestamps.tokens import open_trust

    refuse_clear_text("timestamp", settings, system.policy)
    secret = settings.timestamp_password
    address = AuthorityAddress(
        url=settings.timestamp_url.whole,
        timeout_s=settings.timestamp_timeout_s,
        user=settings.timestamp_user,
        password=None if secret is None else secret.get_secret_value(),
        proxies=proxies_to(settings.timestamp_url.host, settings),
    )
    return Stamper(
        engine=system.catalogue.engine,
        authority=HttpTimestampAuthority(address, open_trust(settings.timestamp_roots)),
        places=places,
        now=system.clock.now,
        every=timedelta(seconds=settings.timestamp_every_s),
    )


def log_standing(system: System) -> tuple[LogStatus, Look]:
    """How the log stands, and whether its newest checkpoint is really in its places: where one has lost it, nothing
    counts as anchored. A place that is out of reach is told, not raised. Raises: `LogDamagedError`, RetryableError."""
    status = system.log_reader.status()
    engine = system.catalogue.engine
    with snapshot(engine) as connection:
        look = look_outside(connection, checkpoint_places(system, check=False))
    return (read_status(engine, anchors_are_gone=True) if look.missing else status), look


def check_places(system: System) -> tuple[str, ...]:
    """The places of checkpoints, where each can be written and holds the newest one, and no entry has waited too long.

    Raises: `ConfigurationError`, `LogDamagedError`, RetryableError: the first of these that is not so.
    """
    places = checkpoint_places(system, check=False)
    for place in places:
        place.check()
    status, look = log_standing(system)
    if look.outages:
        raise look.outages[0]
    if look.missing:
        missing = ", ".join(look.missing)
        raise ConfigurationError(f"the newest checkpoint is not in {missing}: callwarden log checkpoint")
    age = tail_age(status.unanchored_since, now=system.clock.now())
    if age > late_after(timedelta(seconds=system.settings.checkpoint_every_s)):
        raise ConfigurationError(
            f"entries have waited {age.total_seconds():.0f} s for a checkpoint: does callwarden work log run?"
        )
    return tuple(place.name for place in places)
