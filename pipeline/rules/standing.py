"""What the journal's acts, told in their order, say is to be kept: held by a case, asked for by a person, or caught by
criteria of a case (I4, I7, K3). Only what still stands is remembered, so it is as small as what is open."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from callwarden.model.act import Act, HoldReleased
from callwarden.model.hold import Case, CaseState, Hold, Placement, PlacementState
from callwarden.model.ids import CaseId, Pseudonym, RecordingId
from callwarden.model.recording import Recording
from callwarden.model.request import Request, RequestId, RequestItem
from callwarden.rules.criteria import matches
from callwarden.rules.requests import freezes, is_frozen


@dataclass(slots=True)
class Standing:
    """`holds` has every recording that was ever held; the rest is of what stands."""

    holds: dict[RecordingId, set[CaseId]] = field(default_factory=dict)
    placements: dict[str, Placement] = field(default_factory=dict)
    _requests: dict[RequestId, Request] = field(default_factory=dict)
    _under: dict[Pseudonym, set[RequestId]] = field(default_factory=dict)
    _items: dict[RequestId, set[RecordingId]] = field(default_factory=dict)
    _asking: dict[RecordingId, set[RequestId]] = field(default_factory=dict)

    def note(self, act: Act) -> None:
        """Take in the next act."""
        match act:
            case Hold():
                self.holds.setdefault(act.recording_id, set()).add(act.case_id)
            case HoldReleased():
                self.holds.setdefault(act.recording_id, set()).discard(act.case_id)
            case Placement():
                self.placements.pop(act.placement_id, None)
                if act.state is not PlacementState.WAITING and not (act.once and act.state is PlacementState.DONE):
                    self.placements[act.placement_id] = act
            case Case(state=CaseState.RELEASED):
                self.placements = {name: one for name, one in self.placements.items() if one.case_id != act.case_id}
            case Request():
                self._request(act)
            case RequestItem() if act.request_id in self._requests:
                self._items[act.request_id].add(act.recording_id)
                self._asking.setdefault(act.recording_id, set()).add(act.request_id)
            case _:
                pass

    def asked_for(self, row: Recording, *, but_for: RequestId | None = None) -> RequestId | None:
        """An open request that keeps this recording; None where there is none, `but_for` left out of account."""
        found = self._asking.get(row.recording_id, set[RequestId]())
        mine = (self._under.get(one, set[RequestId]()) for one in (row.caller, row.customer) if one is not None)
        for request_id in sorted(found.union(*mine)):
            if request_id != but_for and is_frozen(row, self._requests[request_id], found=request_id in found):
                return request_id
        return None

    def caught_by(
        self, row: Recording, labels: Collection[Pseudonym], *, but_for: Collection[str]
    ) -> Iterator[Placement]:
        """The criteria in force that match this recording, those with the names `but_for` left out of account."""
        for name, placement in self.placements.items():
            if name not in but_for and matches(placement.criteria, row, labels):
                yield placement

    def _request(self, request: Request) -> None:
        name = request.request_id
        before = self._requests.pop(name, None)
        if before is not None:
            self._under[before.reference].discard(name)
        if freezes(request):
            self._requests[name] = request
            self._under.setdefault(request.reference, set()).add(name)
            self._items.setdefault(name, set())
        else:
            for recording_id in self._items.pop(name, ()):
                self._asking[recording_id].discard(name)
