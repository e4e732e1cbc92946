"""Builds the access log of a system from its settings; an importer of adapters, beside `callwarden.wiring`."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from callwarden.accesslog.book.anchors import Look, look_outside
from callwarden.accesslog.book.book import LogBook
from callwarden.accesslog.book.export_files import Exported, verify_directory
from callwarden.accesslog.book.handover import may_make_key
from callwarden.accesslog.book.segments import snapshot
from callwarden.accesslog.book.stamping import Stamper
from callwarden.accesslog.book.status import read_status
from callwarden.accesslog.book.upgrade import upgrade_log
from callwarden.accesslog.key.signer import Ed25519Signer, open_signer, read_trusted
from callwarden.accesslog.key.succession import install_successor, open_successor, read_earlier
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
    "log_keys",
    "log_signer",
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
    signer = log_signer(system)
    places = checkpoint_places(system)
    roots = system.settings.timestamp_roots
    return LogBook(
        engine=system.catalogue.engine,
        signer=signer,
        earlier=read_earlier(_key_path(system)),
        places=places,
        now=system.clock.now,
        journal=system.journal.mark,
        stamper=_stamper(system, places),
        check_stamp=None if roots is None else read_trust(roots),
    )


def log_signer(system: System) -> Ed25519Signer:
    """The log's key, made on first use. Raises: as `log_book`; the places need not be in reach."""
    engine, path = system.catalogue.engine, _key_path(system)
    upgrade_log(engine)
    origin, earlier = f"callwarden.{system.settings.log_name}/{system.policy.tenant}", read_earlier(path)
    return open_signer(path, origin, create=lambda: may_make_key(engine, origin, earlier=earlier))


def log_keys(system: System) -> tuple[TrustedKey, ...]:
    """The public keys the log is believed under: its present one and those before it. Raises: as `log_signer`."""
    return (log_signer(system).trusted, *read_earlier(_key_path(system)))


def _key_path(system: System) -> Path:
    return system.home / "keys" / f"{system.settings.log_name}.pem"


def rotate_log_key(system: System, book: LogBook, actor: Actor) -> VerifierKey:
    """Make a new key, have the present one hand over to it in a checkpoint both sign, and put it in its place. The old
    private key is gone then. An interrupted rotation is finished by the next; the act is an entry of the log.

    Raises: `SecondSequencerError` while a sequencer runs, RetryableError (a place is out of reach: the old key signs
    nothing more if it had handed over; try again), `LogDamagedError`, `ConfigurationError`.
    """
    path, scribe = _key_path(system), system.scribe
    successor = open_successor(path, book.signer.key.name)
    with book.sequencer(successor=successor.key) as sequencer:
        with system.catalogue.transaction() as tx:
            subject = f"logkey-ed25519-{successor.key.key_id.hex()}"
            tx.append_log([scribe.entry(actor, Operation.KEY_ROTATED, subject=subject)])
        sequencer.hand_over(successor)
        install_successor(path, retired=book.signer.key)
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
        held = {hold.recording_id for hold in tx.holds()}
        cases = [one.case_id for one in tx.cases() if one.state is CaseState.OPEN]
    references = {log_case(one, system.keys.pseudonym("case", one)) for one in cases}
    with book.sequencer() as sequencer:
        gone = sequencer.expire(
            due=lambda sealed_at: all(is_past(keep_until(sealed_at, one, zone), now=now) for one in (age, kept)),
            keep=lambda subject, case: subject in held or case in references,
        )
        sequencer.sequence()
        sequencer.checkpoint()
    return gone


def read_keys(*files: Path) -> tuple[TrustedKey, ...]:
    """The public keys in these files, each once. Raises: `ConfigurationError` naming the line."""
    found: dict[VerifierKey, TrustedKey] = {}
    for file in files:
        try:
            keys = read_trusted(file.read_text(encoding="utf-8").splitlines())
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{file}: the public key cannot be read") from error
        found |= {one.key: one for one in keys}
    return tuple(found.values())


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
