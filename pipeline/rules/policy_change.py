"""What a changed policy changes: in codes for the access log, in words for the person who answers for it, and in the
dates of what is stored already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from callwarden.model.log_entry import MAX_REASONS
from callwarden.model.policy import Policy
from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.policy_words import explain, grant_words
from callwarden.rules.redating import given, is_later, periods_of, redated, terms

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


@dataclass(slots=True, kw_only=True)
class LineEffect:
    """Of the stored recordings of one line: those whose date an approval would move, `sooner` or `later`; those that
    keep a shorter one than new calls get, `unchanged`. `oldest` and `newest` are ends of calls that would move."""

    sooner: int = 0
    later: int = 0
    unchanged: int = 0
    no_line: int = 0
    """The policy has their line no more: they keep their date."""
    oldest: datetime | None = None
    newest: datetime | None = None

    def moves(self, ended_at: datetime) -> None:
        """A call that ended then would get another date."""
        self.oldest = min(ended_at, self.oldest or ended_at)
        self.newest = max(ended_at, self.newest or ended_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEffect:
    """Of `stored` recordings, how many keep another date than a policy would give them now, and by line what an
    approval would do to them."""

    stored: int
    another_date: int
    by_line: Mapping[str, LineEffect]

    @property
    def sooner(self) -> int:
        """How many would go sooner."""
        return sum(line.sooner for line in self.by_line.values())

    @property
    def later(self) -> int:
        """How many would be kept longer, on the ground that the policy states."""
        return sum(line.later for line in self.by_line.values())

    @property
    def no_line(self) -> int:
        """How many are of a line that the policy has no more."""
        return sum(line.no_line for line in self.by_line.values())

    @property
    def moving(self) -> tuple[datetime, datetime] | None:
        """The oldest and the newest end of a call that would get another date."""
        oldest = [line.oldest for line in self.by_line.values() if line.oldest is not None]
        newest = [line.newest for line in self.by_line.values() if line.newest is not None]
        return (min(oldest), max(newest)) if oldest else None


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


def policy_effect(recordings: Iterable[Recording], policy: Policy, *, now: datetime) -> PolicyEffect:
    """Count over all of them, one at a time: what an approval now would do. Who keeps another date than the policy
    would give is counted too where it would stay as it is."""
    by = terms(policy.time_zone.key, periods_of(policy))
    stored = another_date = 0
    by_line: dict[str, LineEffect] = {}
    for recording in recordings:
        if recording.state is not RecordingState.STORED:
            continue
        stored += 1
        line = by_line.setdefault(recording.line, LineEffect())
        periods = by.lines.get(recording.line)
        if periods is None:
            line.no_line += 1
            another_date += recording.ended_at is not None
            continue
        if recording.ended_at is None:
            continue
        another = given(recording.ended_at, periods, by.zone) != (recording.keep_until, recording.audio_until)
        another_date += another
        after = redated(recording, by, as_at=now)
        if after is None:
            line.unchanged += another
            continue
        later = is_later(recording, after)
        line.later += later
        line.sooner += not later
        line.moves(recording.ended_at)
    return PolicyEffect(stored=stored, another_date=another_date, by_line=by_line)


def _code(text: str) -> str:
    # A line may be called with capitals, and longer than a code is.
    return text.lower()[:_LONGEST_CODE]
