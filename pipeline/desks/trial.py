"""What would become of an event, and why, without doing it: the policy and the event alone decide here.

Nothing of what is stored is looked at (objections on file, whether it was sent before), and no audio.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callwarden.errors import InvalidMessageError
from callwarden.model.event import CallRecorded
from callwarden.model.note import Note
from callwarden.model.outcome import Outcome, Reason
from callwarden.model.policy import Policy
from callwarden.ports.codec import EventCodec
from callwarden.rules.admit import Admit, Quarantine, Refuse, Wait, admit
from callwarden.rules.landing_uri import unaddressed
from callwarden.rules.live_listening import ENDED, complaint

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The outcome; with `waits_until`, the one it comes to then if no word of an objection has come."""

    outcome: Outcome
    reason: Reason | None = None
    field: str = ""
    keep_until: datetime | None = None
    audio_until: datetime | None = None
    waits_until: datetime | None = None
    notes: tuple[Note, ...] = ()


def tried(
    value: bytes,
    headers: Headers = (),
    *,
    codec: EventCodec,
    policy: Policy,
    now: datetime,
    handed_over: bool = False,
) -> Trial:
    """Decide on an event as ingest would at `now`. The audio of one that is `handed_over` comes with it, wherever it
    says none."""
    try:
        event = codec.decode(value, headers)
    except InvalidMessageError as error:
        return Trial(outcome=Outcome.DEAD_LETTERED, reason=Reason(error.reason), field=error.field)
    if not isinstance(event, CallRecorded):
        reason = complaint(event, policy=policy, now=now)
        if reason is Reason.FUTURE_TIME:
            return Trial(outcome=Outcome.DEAD_LETTERED, reason=reason, field=ENDED)
        return Trial(outcome=Outcome.APPLIED, reason=reason)
    verdict, waits_until = admit(event, policy=policy, objections=(), now=now), None
    if isinstance(verdict, Wait):
        waits_until = verdict.until
        verdict = admit(event, policy=policy, objections=(), now=waits_until)
    notes = event.notes
    match verdict:
        case Admit(keep_until=until, audio_until=audio):
            fault = unaddressed(event.audio.uri, policy.landing_areas)
            if fault is not None and not (handed_over and fault is Reason.MISSING_AUDIO):
                return Trial(outcome=Outcome.QUARANTINED, reason=fault, field="data.audio.uri", notes=notes)
            return Trial(
                outcome=Outcome.STORED, keep_until=until, audio_until=audio, waits_until=waits_until, notes=notes
            )
        case Refuse(reason=why):
            return Trial(outcome=Outcome.REFUSED, reason=why, waits_until=waits_until, notes=notes)
        case Quarantine(reason=why, field=blamed):
            return Trial(outcome=Outcome.QUARANTINED, reason=why, field=blamed, notes=notes)
        case Wait():
            raise AssertionError("a wait that is over is no wait")
