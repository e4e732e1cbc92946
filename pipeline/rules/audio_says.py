"""Does the audio look like the call its event describes? Times and channels are only the sender's word."""

from callwarden.model.audio import AudioFacts
from callwarden.model.event import CallRecorded
from callwarden.model.note import Note, NoteWhy
from callwarden.model.policy import Limits, WhenUnlike


def unlike_audio(event: CallRecorded, facts: AudioFacts, *, limits: Limits) -> tuple[Note, ...]:
    """A note for each field of the event that the audio contradicts; `needed` where the policy sets such a call aside.

    The audio may be shorter than the call by what rang before it was answered and by what was paused, and either may
    be off by `limits.times_off`.
    """
    needed = limits.when_unlike is WhenUnlike.QUARANTINE
    notes = []
    if event.started_at is not None and event.ended_at is not None:
        lasted = (event.ended_at - event.started_at).total_seconds()
        left_out = (event.answered_after_s or 0) + sum(pause.to_s - pause.from_s for pause in event.pauses)
        slack = limits.times_off.total_seconds()
        if not lasted - left_out - slack <= facts.duration_s <= lasted + slack:
            kind = f"{lasted:.0f} s by the event, {facts.duration_s:.0f} s of audio"
            notes.append(Note(field="data.ended_at", why=NoteWhy.NOT_AS_AUDIO, kind=kind, needed=needed))
    if event.channels and len(event.channels) != facts.channels:
        kind = f"{len(event.channels)} named, {facts.channels} in the audio"
        notes.append(Note(field="data.channels", why=NoteWhy.NOT_AS_AUDIO, kind=kind, needed=needed))
    return tuple(notes)
