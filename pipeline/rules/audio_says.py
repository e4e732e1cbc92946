"""Does the audio look like the call its event describes? Times, channels and pauses are only the sender's word."""

import json
from collections.abc import Sequence

from callwarden.model.audio import AudioFacts
from callwarden.model.event import CallRecorded, Pause
from callwarden.model.note import Note, NoteWhy
from callwarden.model.outcome import Reason
from callwarden.model.policy import Limits, WhenUnlike

PAUSE_OFF_S = 1.0
"""How far a pause may reach over the end of the audio: consoles count whole seconds."""
NEARLY_ALL = 0.98
"""Pauses over this share of the audio cover all of it."""


def unlike_audio(event: CallRecorded, facts: AudioFacts, *, limits: Limits) -> tuple[Note, ...]:
    """A note for each field of the event that the audio contradicts; `needed` where the policy sets such a call aside.

    The audio may be shorter than the call by what rang before it was answered and by what was paused, and either may
    be off by `limits.times_off`.
    """
    needed = limits.when_unlike is WhenUnlike.QUARANTINE
    notes = []
    if event.started_at is not None and event.ended_at is not None:
        lasted = (event.ended_at - event.started_at).total_seconds()
        left_out = (event.answered_after_s or 0) + _covered(event.pauses, to_s=lasted)
        slack = limits.times_off.total_seconds()
        if not lasted - left_out - slack <= facts.duration_s <= lasted + slack:
            kind = f"{lasted:.0f} s by the event, {facts.duration_s:.0f} s of audio"
            notes.append(Note(field="data.ended_at", why=NoteWhy.DURATION_MISMATCH, kind=kind, needed=needed))
    if event.channels and len(event.channels) != facts.channels:
        kind = f"{len(event.channels)} named, {facts.channels} in the audio"
        notes.append(Note(field="data.channels", why=NoteWhy.NOT_AS_AUDIO, kind=kind, needed=needed))
    if facts.voiceless:
        notes.append(Note(field="data.audio", why=NoteWhy.NO_VOICE, kind="nothing loud, and no voice"))
    if event.pauses:
        notes += _of_pauses(event.pauses, facts.duration_s, needed=needed)
    return tuple(notes)


def unlike_reason(note: Note) -> Reason:
    """Why a call is set aside whose audio contradicts it so."""
    return Reason.DURATION_MISMATCH if note.why is NoteWhy.DURATION_MISMATCH else Reason.UNLIKE_AUDIO


def _of_pauses(pauses: Sequence[Pause], duration_s: float, *, needed: bool) -> list[Note]:
    """What is worst about them. Only overlapping costs nothing: the stretch is the same."""
    outside = sum(pause.to_s > duration_s + PAUSE_OFF_S for pause in pauses)
    overlapping, reached = 0, 0.0
    for pause in sorted(pauses, key=lambda pause: (pause.from_s, pause.to_s)):
        overlapping += pause.from_s < reached
        reached = max(reached, pause.to_s)
    covered_s = _covered(pauses, to_s=duration_s)
    if covered_s > 0 and covered_s >= NEARLY_ALL * duration_s:
        why, kind = NoteWhy.COVERS_AUDIO, f"{covered_s:.1f} s of {duration_s:.1f} s of audio"
    elif outside:
        why, kind = NoteWhy.OUTSIDE_AUDIO, f"{outside} of {len(pauses)} outside the {duration_s:.1f} s of audio"
    elif overlapping:
        why, kind, needed = NoteWhy.OVERLAPPING, f"{overlapping} of {len(pauses)} begin within another", False
    else:
        return []
    was = json.dumps([{"from_s": pause.from_s, "to_s": pause.to_s} for pause in pauses[:4]])
    return [Note(field="data.pauses", why=why, kind=kind, was=was, needed=needed)]


def _covered(pauses: Sequence[Pause], *, to_s: float) -> float:
    """Seconds before `to_s` that lie in one pause or several."""
    covered = reached = 0.0
    for pause in sorted(pauses, key=lambda pause: pause.from_s):
        first, last = max(pause.from_s, reached), min(pause.to_s, to_s)
        if last > first:
            covered += last - first
            reached = last
    return covered
