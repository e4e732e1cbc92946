"""Changes of the policy, what they do to what is stored, and the words they are told in."""

from typing import Final

from callwarden.model.period import CalendarPeriod
from callwarden.model.policy_change import PolicyChange, Told
from callwarden.rules.policy_change import PolicyEffect
from callwarden.rules.policy_words import period_words
from callwarden.workers.shapes import Row

PERIODS: Final = frozenset({"retention", "audio_retention", "line_new"})
"""What has a period as its value."""
NOTHING: Final = "nothing"
AS_THE_REST: Final = "as long as the rest"
SAYS: Final = {
    "line_new": "{subject}: a new line, whose calls are kept {now}",
    "line_gone": "{subject}: no longer a line of the policy",
    "name": "{subject}: people are told its name is {now} instead of {was}",
    "retention": "{subject}: calls are kept {now} instead of {was}, from the end of the call",
    "audio_retention": "{subject}: the sound is kept {now} instead of {was}",
    "record": "{subject}: the share of calls recorded is {now} instead of {was}",
    "objection_to_recording": "{subject}: an objection to recording is {now} instead of {was}",
    "objection_unknown": "{subject}: where nothing is known of an objection: {now} instead of {was}",
    "to_object": "{subject}: how they object during the call: {now} instead of {was}",
    "wait": "{subject}: word of an objection is waited for {now} instead of {was}",
    "transcription": "{subject}: speech turned into text: {now} instead of {was}",
    "notice": "{subject}: where the caller was not told of the recording: {now} instead of {was}",
    "longer_for_stored": "{subject}: a longer period for what is stored already: {now} instead of {was}",
    "access_new": "{role}: may now read {now}, for {purpose}",
    "access_lost": "{role}: no longer reads {was}, for {purpose}",
    "access_narrowed": "{role}: reads {now} under other conditions, for {purpose}",
    "statement": "{subject}: {now} (until now: {was})",
}


def told_words(one: Told) -> str:
    """One thing that changes, in a sentence."""
    role, _, purpose = one.subject.partition("/")
    return SAYS[one.code].format(
        subject=one.subject, role=role, purpose=purpose, was=_value(one, one.was), now=_value(one, one.now)
    )


def effect_shape(effect: PolicyEffect) -> Row:
    """What an approval would do to what is stored."""
    moving = effect.moving
    return {
        "stored": effect.stored,
        "another_date": effect.another_date,
        "sooner": effect.sooner,
        "later": effect.later,
        "no_line": effect.no_line,
        "oldest": moving and moving[0],
        "newest": moving and moving[1],
        "by_line": [
            {
                "line": name,
                "sooner": line.sooner,
                "later": line.later,
                "unchanged": line.unchanged,
                "no_line": line.no_line,
            }
            for name, line in sorted(effect.by_line.items())
        ],
        "words": effect_words(effect),
    }


def effect_words(effect: PolicyEffect) -> str:
    """The same in a sentence."""
    stays = sum(line.unchanged for line in effect.by_line.values())
    said = f"Of {effect.stored} stored recordings an approval would have {effect.sooner} go sooner"
    said += f", {effect.later} kept longer, {stays} stay with a shorter date than new calls get"
    said += f"; {effect.no_line} are of no line of the policy and keep their date." if effect.no_line else "."
    return said


def change_shape(change: PolicyChange) -> Row:
    """A change, and what became of it."""
    return {
        "change": change.change_id,
        "version": change.version,
        "former": change.former,
        "state": change.state,
        "sooner": change.sooner,
        "later": change.later,
        "changed": change.changed,
        "proposed_by": change.proposed_by,
        "proposed_at": change.proposed_at,
        "approved_by": change.approved_by,
        "approved_at": change.approved_at,
        "began_at": change.began_at,
        "ended_at": change.ended_at,
        "withdrawn_by": change.withdrawn_by,
        "told": [{"about": one.about, "code": one.code, "says": told_words(one)} for one in change.told],
    }


def _value(one: Told, value: str | None) -> str:
    if value is None:
        return AS_THE_REST if one.code in PERIODS else NOTHING
    return period_words(CalendarPeriod.parse(value)) if one.code in PERIODS else value
