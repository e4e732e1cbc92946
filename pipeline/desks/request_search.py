"""The desk where somebody is looked for who is named in other people's calls (D1).

Their name is in no index: the redaction has taken it out. So every transcript is read again, through the gate and for
the purpose ``rights_request``, each reading an entry; and only what stands behind the placeholders is compared.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from callwarden.custody.gate import Gate
from callwarden.desks.acts import Acts
from callwarden.desks.request_file import event, flags_follow, locked, refuse
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from callwarden.model.request import FoundBy, RequestId, RequestItem, RequestState
from callwarden.ports.clock import Clock
from callwarden.ports.speech import TranscriptCodec
from callwarden.rules.access_copy import OwnFacts, own_copy
from callwarden.rules.erasing import is_gone
from callwarden.rules.requests import may_find
from callwarden.rules.rights import Act

_PORTION: Final = 100
_BOTH: Final = (Readable.ORIGINAL_TRANSCRIPT, Readable.REDACTED_TRANSCRIPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Recordings somebody is named in, new to the request; how many calls were read, and how many could not be: not
    transcribed, not redacted, objected, restricted or over."""

    found: tuple[RecordingId, ...]
    searched: int
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSearchDesk:
    """Thread-safe."""

    clock: Clock
    acts: Acts
    gate: Gate
    codec: TranscriptCodec

    def find_named(
        self, actor: Actor, request_id: RequestId, names: Sequence[str], *, read: Callable[[int], object] = bool
    ) -> Named:
        """Add to the request what names its person: `names` are whole names, numbers or addresses, of which all, or two
        words, have to be said in one place. They are kept nowhere. `read` is told of every portion.

        Raises RefusedError as `RequestItemDesk.find`, and where the log is away; UsageError; RetryableError.
        """
        names = [name.strip() for name in names if name.strip()]
        if not names:
            raise UsageError("say who is looked for: --named TEXT")
        with self.acts.perform(Act.REQUEST_FIND_NAMED, actor, subject=request_id) as doing:
            request = locked(doing, request_id)
            if refused := may_find(request):
                refuse(refused)
            known = {item.recording_id for item in doing.tx.requests.items(request_id)}
            doing.tx.requests.save(request.noted(event(doing, self.clock.now())))
        found, searched, there = list[RecordingId](), 0, 0
        left = self._stored(known)
        while portion := list(islice(left, _PORTION)):
            readable = portion
            for what in _BOTH:
                readable = list(self.gate.permitted(actor, Purpose.RIGHTS_REQUEST, what, readable))
            found += [name for name in readable if self._is_named(actor, name, OwnFacts(texts=tuple(names)))]
            searched, there = searched + len(readable), there + len(portion)
            read(len(portion))
        added = self._add(actor, request_id, found) if found else ()
        return Named(found=added, searched=searched, unread=there - searched)

    def _stored(self, known: set[RecordingId]) -> Iterator[RecordingId]:
        for row in self.acts.catalogue.all_recordings():
            if row.state is RecordingState.STORED and row.recording_id not in known:
                yield row.recording_id

    def _is_named(self, actor: Actor, recording_id: RecordingId, facts: OwnFacts) -> bool:
        try:
            original, redacted = (
                self.gate.read(actor, Purpose.RIGHTS_REQUEST, recording_id, what).read_all() for what in _BOTH
            )
        except RefusedError as error:
            if "log_unavailable" in error.reasons:
                raise
            return False  # over, or destroyed, since it was asked
        said, shown = self.codec.decode(original), self.codec.decode_redacted(redacted)
        return own_copy(shown, said, facts) != own_copy(shown, said, OwnFacts())

    def _add(self, actor: Actor, request_id: RequestId, names: Sequence[RecordingId]) -> tuple[RecordingId, ...]:
        now = self.clock.now()
        with self.acts.perform(Act.REQUEST_FIND, actor, subject=request_id) as doing:
            request = locked(doing, request_id)
            if refused := may_find(request):
                refuse(refused)
            rows = doing.tx.recordings.get(names, lock=True)
            there = [name for name, row in rows.items() if not is_gone(row)]
            doing.tx.requests.save_items(
                [
                    RequestItem(request_id=request_id, recording_id=name, found_by=FoundBy.NAMED, found_at=now)
                    for name in there
                ]
            )
            doing.tx.requests.save(request.noted(event(doing, now), state=RequestState.FOUND))
            flags_follow(doing, there)
            doing.count = len(there)
        return tuple(there)
