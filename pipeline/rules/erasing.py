"""What an erasure somebody asks for comes to: what goes, what is held, what is kept by law, what is gone (D1, D3)."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from callwarden.model.ids import RecordingId
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.model.request import Decision, Request, RequestItem
from callwarden.rules.requests import is_answered


class Waits(StrEnum):
    """What was granted waits for. An erasure is done by itself once that has ended."""

    LITIGATION = "litigation"
    """A case holds the recording."""
    OTHER_REQUEST = "other_request"
    """Another open request asks for it."""
    RESTRICTED = "restricted"
    RELEASE_DELAY = "release_delay"
    """A hold was released a short while ago."""
    ARRIVING = "arriving"
    """Its audio is being taken in anew."""
    REDACTION_INCOMPLETE = "redaction_incomplete"
    """Of an access: what others said in it is not masked yet. It is handed over with the next answer."""
    ALTERED = "altered"
    """Somebody wrote its row past the system: what is held may not be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePreview:
    """Recordings by what becomes of them; of `held` and `kept` each with its reason."""

    erasable: tuple[RecordingId, ...]
    held: Mapping[RecordingId, str]
    kept: Mapping[RecordingId, str]
    gone: tuple[RecordingId, ...]
    restriction_ends: tuple[RecordingId, ...] = ()
    """Of `erasable`: what only the same person had had restricted before."""

    put_right: tuple[RecordingId, ...] = ()
    """Of `erasable`: what somebody has put right in whose they are, on the word of one person."""

    @property
    def digest(self) -> str:
        """The same for the same preview: what is approved is what was shown."""
        said: list[object] = [self.erasable, sorted(self.held.items()), sorted(self.kept.items())]
        if self.put_right:
            said.append(self.put_right)
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def erasure_preview(
    items: Collection[RequestItem],
    rows: Mapping[RecordingId, Recording],
    *,
    frozen: Collection[RecordingId],
    own_restrictions: Collection[RecordingId] = (),
    put_right: Collection[RecordingId] = (),
    now: datetime,
) -> ErasurePreview:
    """What erasing these items would do now. `rows` are their recordings as far as there are any, `frozen` those that
    another open request asks for; `own_restrictions` those that only the same person had had
    restricted, `put_right` those whose caller or customer somebody has put right. What nobody has decided yet counts as
    granted."""
    erasable, held, kept, gone = (
        list[RecordingId](),
        dict[RecordingId, str](),
        dict[RecordingId, str](),
        list[RecordingId](),
    )
    for item in sorted(items, key=lambda one: one.recording_id):
        name, row = item.recording_id, rows.get(item.recording_id)
        if row is None or is_gone(row):
            gone.append(name)
        elif item.decision is Decision.REFUSED:
            kept[name] = item.reason or ""
        elif (
            why := erasure_waits_for(row, frozen=name in frozen, own_restriction=name in own_restrictions, now=now)
        ) is not None:
            held[name] = why.value
        else:
            erasable.append(name)
    return ErasurePreview(
        erasable=tuple(erasable),
        held=held,
        kept=kept,
        gone=tuple(gone),
        restriction_ends=tuple(name for name in erasable if name in own_restrictions),
        put_right=tuple(name for name in erasable if name in put_right),
    )


def erasure_waits_for(row: Recording, *, frozen: bool, now: datetime, own_restriction: bool = False) -> Waits | None:
    """What keeps a recording that is there from being erased now; a hold comes first. A restriction that the same
    person had asked for before does not: they have changed their mind."""
    facts = (
        (Waits.LITIGATION, bool(row.holds)),
        (Waits.OTHER_REQUEST, frozen),
        (Waits.RESTRICTED, row.restricted and not own_restriction),
        (Waits.RELEASE_DELAY, row.not_before is not None and now < row.not_before),
        (Waits.ARRIVING, row.state is RecordingState.PENDING),
        (Waits.ALTERED, row.altered),
    )
    return next((why for why, applies in facts if applies), None)


def erasures_that_wait(items: Collection[RequestItem]) -> Mapping[RecordingId, datetime]:
    """Since when each of these is to be erased: approved, and not done yet."""
    waiting = [(one.recording_id, one.approved_at) for one in items if one.done_at is None]
    return {recording_id: at for recording_id, at in waiting if at is not None}


def over_from(row: Recording, instant: datetime | None) -> Recording:
    """The row with its period over from then at the latest: what a case keeps of it is kept for the case only."""
    if instant is None:
        return row
    return replace(row, keep_until=instant if row.keep_until is None else min(instant, row.keep_until))


def first_people(request: Request, items: Collection[RequestItem]) -> frozenset[str]:
    """Who previewed the erasure, or granted what is still to be approved, by name: somebody else approves it. Nobody
    where nothing waits for that."""
    waits = [one for one in items if one.approved_at is None and one.decision is not Decision.REFUSED]
    if request.previewed_by is None or is_answered(request) or not waits:
        return frozenset()
    return frozenset({request.previewed_by, *(one.decided_by for one in waits if one.decided_by)})


def is_gone(row: Recording) -> bool:
    """Whether nothing of it is left to erase, or it is on its way out already."""
    return row.state in _ON_ITS_WAY_OUT


_ON_ITS_WAY_OUT = GONE | {RecordingState.DISPOSING, RecordingState.DROPPING, RecordingState.REFUSED}
