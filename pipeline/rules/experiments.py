"""What an experiment may ask for, what it may take, and how far it may go (U2, U5, U7)."""

import hashlib
import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from callwarden.errors import Faults, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.criteria import Criteria
from callwarden.model.experiment import OVER, Carried, Experiment, ExperimentState, Wish
from callwarden.model.ids import LineId, Pseudonym, RecordingId
from callwarden.model.recording import Recording
from callwarden.rules.criteria import matches
from callwarden.rules.free_text import free_text
from callwarden.rules.identity import holds_a_number
from callwarden.rules.people import ACCOUNT_RULE, is_account_name, same_person
from callwarden.rules.reading import Deny, Reading, ReadRefusal

LEAST_K: Final = 2
MOST_K: Final = 1_000
MOST_SAMPLED: Final = 1_000_000
LARGEST_SEED: Final = 2**63 - 1

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAME_RULE: Final = "letters a to z without accents, digits and . _ -, 64 at most, such as silences-2026"
_LABEL: Final = re.compile(r"[^=]*[^=\s][^=]*=.*\S.*")


class ExperimentRefusal(StrEnum):
    """Why an experiment goes no further; documented in docs/reasons.md."""

    NOT_APPROVED = "not_approved"
    """Nobody has approved it yet."""
    EXPERIMENT_OVER = "experiment_over"
    """It was closed, or its end date has come."""
    NOT_BUILT = "not_built"
    """No build of it is finished."""
    NOTHING_TO_EXPORT = "nothing_to_export"
    """No item of it may be used any more."""
    REVOKED_SINCE = "revoked_since"
    """Something of this copy may not be used any more; it was made, and nobody has taken it yet."""


class Unfit(StrEnum):
    """Why an experiment does not take a recording that could be read for it. Beside these, `ReadRefusal`."""

    OTHER_LINE = "other_line"
    OUT_OF_DATES = "out_of_dates"
    LABEL_MISSING = "label_missing"
    NOT_DRAWN = "not_drawn"
    """It could be taken, and is not of the sample."""
    REVOKED_BEFORE = "revoked_before"
    """The experiment had taken it and had to let it go: it is not taken again."""
    REDACTION_CHANGED = "redaction_changed"
    """Its redaction was made anew since the build."""


def checked(wish: Wish, *, lines: Collection[LineId], today: date) -> Wish:
    """The wish as it is kept: texts without what surrounds them. `today` is a day of the policy's zone. Raises
    UsageError for all that cannot be meant or may not be done."""
    wrong = Faults()
    if not _NAME.fullmatch(wish.name):
        wrong.add(UsageError(f"an experiment has a name: {_NAME_RULE}"))
    elif holds_a_number(wish.name):
        wrong.add(
            UsageError(
                "so many digits with nothing but signs between them could be a telephone number, and a name holds "
                "none: put letters between them, or leave some out"
            )
        )
    with wrong:
        purpose = free_text(wish.purpose, "an experiment says what it is for: --purpose TEXT")
    with wrong:
        hypothesis = None if wish.hypothesis is None else free_text(wish.hypothesis, "--hypothesis is a text")
    if not is_account_name(wish.owner):
        wrong.add(UsageError(f"--owner is the account of who answers for it: {ACCOUNT_RULE}"))
    with wrong:
        dpia = None if wish.dpia is None else free_text(wish.dpia, "--dpia is a reference")
    if wish.line not in lines:
        wrong.add(UsageError(f"unknown line {wish.line}: the policy has {', '.join(sorted(lines))}"))
    if wish.last < wish.first:
        wrong.add(UsageError(f"an impossible range: it ends ({wish.last}) before it begins ({wish.first})"))
    if wrong_label := next((label for label in sorted(wish.labels) if not _LABEL.fullmatch(label)), None):
        wrong.add(UsageError(f"a label is its name and its value, such as alarm_id=A-17, and not {wrong_label!r}"))
    if wish.sample is not None and not 1 <= wish.sample <= MOST_SAMPLED:
        wrong.add(UsageError(f"a sample has 1 to {MOST_SAMPLED} calls; leave it out for all of them"))
    if wish.seed is not None and (wish.sample is None or not 0 <= wish.seed <= LARGEST_SEED):
        wrong.add(UsageError(f"a seed is a whole number from 0 to {LARGEST_SEED}, and draws a sample: say its size"))
    if Carried.TEXT not in wish.carries:
        wrong.add(UsageError("an item carries the redacted text at least: --carries text[,audio][,metadata]"))
    if not LEAST_K <= wish.k <= MOST_K:
        wrong.add(UsageError(f"k is from {LEAST_K} to {MOST_K}: a combination only one item has points at a person"))
    if wish.until <= today:
        wrong.add(UsageError(f"--until lies in the past or is today ({wish.until}): say a day to come"))
    elif wish.until <= wish.first:
        wrong.add(UsageError(f"it would end ({wish.until}) before its first call ({wish.first})"))
    wrong.check()
    return replace(wish, purpose=purpose, hypothesis=hypothesis, dpia=dpia)


def carries_of(words: Iterable[str]) -> frozenset[Carried]:
    """What items are to carry. Raises UsageError for a word that is none."""
    known = {one.value for one in Carried}
    if unknown := sorted({word.strip() for word in words} - known):
        raise UsageError(f"items carry {', '.join(Carried)}, and not {', '.join(map(repr, unknown))}")
    return frozenset(Carried(word.strip()) for word in words)


def may_know(experiment: Experiment, actor: Actor) -> bool:
    """Whether it is within what the actor is narrowed to. An experiment takes the calls of a whole line, so nobody who
    is narrowed to some agents has to do with any."""
    return actor.agents is None and (actor.lines is None or experiment.line in actor.lines)


def is_in_charge(experiment: Wish, actor: Actor) -> bool:
    """Whether this actor decides about it: its owner; and the officer, where that one has left."""
    return actor.role is Role.DPO or same_person(actor.name, experiment.owner)


def opens_to(experiment: Experiment, actor: Actor, *, now: datetime) -> bool:
    """Whether what it includes is this person's to read at this instant: its owner's, and who asked for it. Of one that
    somebody wrote past the system nothing is."""
    theirs = any(same_person(actor.name, name) for name in (experiment.owner, experiment.opened_by))
    return theirs and not experiment.altered and goes_no_further(experiment, now=now) is None


def sees_exactly(experiment: Experiment, actor: Actor) -> bool:
    """Whether a preview tells them of groups however small: the officer, who has to decide; and whoever may know of it
    once that is done. Before it, an experiment would only be asked for to count."""
    return actor.role is Role.DPO or experiment.approved_at is not None


def goes_no_further(experiment: Experiment, *, now: datetime) -> ExperimentRefusal | None:
    """Why nothing is built or exported of it at this instant; None where it may be."""
    if experiment.state in OVER or experiment.ends_at <= now:
        return ExperimentRefusal.EXPERIMENT_OVER
    return ExperimentRefusal.NOT_APPROVED if experiment.state is ExperimentState.DRAFT else None


def reader_of(experiment: Wish) -> Actor:
    """For whom the rule of reading is asked about each recording: an analyst, and nobody wider, whoever builds. So what
    is taken depends on the policy and the calls, and not on who is asking."""
    return Actor(role=Role.ANALYST, name=experiment.owner)


def readables(carries: Collection[Carried]) -> tuple[Readable, ...]:
    """What has to be readable of a recording for an item to carry this."""
    audio = (Readable.BEEPED_AUDIO,) if Carried.AUDIO in carries else ()
    return (Readable.REDACTED_TRANSCRIPT, *audio)


def why_not(
    recording: Recording | None,
    labels: Collection[Pseudonym],
    readings: Sequence[Reading],
    *,
    wanted: Criteria,
) -> tuple[str, ...]:
    """Every reason an experiment does not take this recording; none where it does. `readings` are what the rule of
    reading says of all that an item carries."""
    if recording is None:
        return (ReadRefusal.UNKNOWN.value,)
    facts = (
        (Unfit.OTHER_LINE, wanted.line is not None and recording.line != wanted.line),
        (Unfit.OUT_OF_DATES, not matches(Criteria(since=wanted.since, until=wanted.until), recording)),
        (Unfit.LABEL_MISSING, not wanted.labels.issubset(labels)),
    )
    denied = [reason for reading in readings if isinstance(reading, Deny) for reason in reading.reasons]
    found = [reason.value for reason, applies in facts if applies] + [reason.value for reason in denied]
    return tuple(dict.fromkeys(found))


def drawn(recording_ids: Iterable[RecordingId], *, sample: int, seed: int | str) -> tuple[RecordingId, ...]:
    """A sample, by id: those whose digests with the seed are smallest. The same whatever order they come in; where one
    that is not of the sample is missing the same, too. At most `sample` are held in memory."""
    return tuple(sorted(heapq.nsmallest(sample, recording_ids, key=lambda one: (_lot(one, seed), one))))


def _lot(recording_id: RecordingId, seed: int | str) -> bytes:
    return hashlib.sha256(f"{seed}:{recording_id}".encode()).digest()


@dataclass(slots=True)
class Count:
    """What an experiment finds, counted as it comes: each recording once, left out ones by their first reason."""

    eligible: int
    excluded: Counter[str]
    oldest: datetime | None
    newest: datetime | None
    lines: Counter[LineId]
    callers: defaultdict[str, set[Pseudonym]]
    """Those who are known, of what may be taken under the empty reason."""

    @classmethod
    def nothing(cls) -> "Count":
        return cls(eligible=0, excluded=Counter(), oldest=None, newest=None, lines=Counter(), callers=defaultdict(set))

    def add(self, recording: Recording | None, reasons: Sequence[str]) -> None:
        """One more, with what `why_not` says of it."""
        if recording is not None and recording.caller is not None:
            self.callers[reasons[0] if reasons else ""].add(recording.caller)
        if recording is None or reasons:
            self.excluded[reasons[0]] += 1
            return
        self.eligible += 1
        self.lines[recording.line] += 1
        at = recording.ended_at or recording.started_at
        if at is not None:
            self.oldest = at if self.oldest is None else min(self.oldest, at)
            self.newest = at if self.newest is None else max(self.newest, at)


def taken(eligible: int, sample: int | None) -> int:
    """How many are taken of so many."""
    return eligible if sample is None else min(eligible, sample)


def totals(excluded: Mapping[str, int]) -> Mapping[str, int]:
    """By reason, the most frequent first."""
    return dict(sorted(excluded.items(), key=lambda one: (-one[1], one[0])))
