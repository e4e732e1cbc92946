"""What a changed policy changes: in codes for the access log, in words for the person who answers for it, and in the
dates of what is stored already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from callwarden.model.log_entry import MAX_REASONS
from callwarden.model.policy import Policy
from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.audio_period import audio_until
from callwarden.rules.policy_words import explain, grant_words
from callwarden.rules.retention import keep_until

IN_DETAIL = "in_detail"
"""The code of a change too fine for words."""
MORE = "more"
"""The code that stands for the changes an entry has no room for."""
_LONGEST_CODE = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One statement that is another one now; None where there was, or is, none."""

    code: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEffect:
    """Of `stored` recordings, how many keep another date than a policy would give them now."""

    stored: int
    another_date: int


def statements(policy: Policy) -> dict[str, str]:
    """Everything a policy says, in words, by code: ``landing``, ``line.monitoring-centre.retention``,
    ``access.trainer``. The version is no statement."""
    said = {
        _code(row.key if row.about == "system" else f"line.{row.about}.{row.key}"): row.says
        for row in explain(policy)
        if row.key != "version"
    }
    for role in sorted({grant.role for grant in policy.access}):
        grants = [
            f"{', '.join(sorted(grant.artefacts))} for {', '.join(sorted(grant.purposes))}"
            + (f" ({words})" if (words := grant_words(grant)) else "")
            for grant in policy.access
            if grant.role is role
        ]
        said[f"access.{role.value}"] = "; ".join(sorted(grants))
    return said


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """What `new` says otherwise than `old`, by code."""
    return [
        Change(code=code, was=old.get(code), now=new.get(code))
        for code in sorted({*old, *new})
        if old.get(code) != new.get(code)
    ]


def codes_of(changed: list[Change]) -> tuple[str, ...]:
    """The codes of changes, as many as a log entry takes."""
    codes = [change.code for change in changed] or [IN_DETAIL]
    return tuple(codes) if len(codes) <= MAX_REASONS else (*codes[: MAX_REASONS - 1], MORE)


def keeps_another_date(recording: Recording, policy: Policy) -> bool:
    """Whether a stored recording is kept until another instant than this policy would give it now; also where the
    policy has its line no more. What is stored keeps the date it was given."""
    if recording.state is not RecordingState.STORED or recording.ended_at is None:
        return False
    line = policy.lines.get(recording.line)
    if line is None:
        return True
    until = keep_until(recording.ended_at, line.retention, policy.time_zone)
    audio = audio_until(recording.ended_at, line, policy.time_zone, until=until)
    return (recording.keep_until, recording.audio_until) != (until, audio)


def policy_effect(recordings: Iterable[Recording], policy: Policy) -> PolicyEffect:
    """Count over all of them, one at a time."""
    stored = another_date = 0
    for recording in recordings:
        stored += recording.state is RecordingState.STORED
        another_date += keeps_another_date(recording, policy)
    return PolicyEffect(stored=stored, another_date=another_date)


def _code(text: str) -> str:
    # A line may be called with capitals, and longer than a code is.
    return text.lower()[:_LONGEST_CODE]
