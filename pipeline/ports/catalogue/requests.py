"""What people ask of their own data."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from callwarden.model.ids import Pseudonym, RecordingId
from callwarden.model.request import Request, RequestId, RequestItem


class Requests(Protocol):
    """Requests of the persons concerned, and the recordings each is about."""

    def get(self, request_id: RequestId, *, lock: bool = False) -> Request | None: ...

    def all(self) -> Sequence[Request]:
        """Newest first."""
        ...

    def under(self, reference: Pseudonym) -> Sequence[Request]:
        """Those of one number or customer, oldest first."""
        ...

    def unanswered(self) -> Sequence[Request]:
        """Those that nobody has answered yet, the one due first first."""
        ...

    def save(self, request: Request) -> None:
        """Insert, or replace the one of the same id."""
        ...

    def items(self, request_id: RequestId) -> Sequence[RequestItem]:
        """What a request is about, by recording."""
        ...

    def about(self, recording_ids: Collection[RecordingId]) -> Sequence[RequestItem]:
        """The items of all requests that are about any of these recordings."""
        ...

    def asking(self, recording_ids: Collection[RecordingId]) -> Sequence[RequestId]:
        """The requests that are about any of these recordings."""
        ...

    def save_items(self, items: Sequence[RequestItem]) -> None:
        """Insert, or replace those of the same request and recording."""
        ...

    def unfinished(self) -> Sequence[RequestId]:
        """Requests with an approved item that is not carried out yet, and answered ones that are not closed."""
        ...

    def freezing(
        self, recording_ids: Collection[RecordingId], *, but_for: RequestId | None = None
    ) -> Mapping[RecordingId, RequestId]:
        """Of these recordings those that an open request keeps from disposal (`callwarden.rules.requests.is_frozen`),
        each with one such request; `but_for` is left out of account."""
        ...

    def keep_evidence(self, request_id: RequestId, how: str) -> None:
        """Keep how the person's identity was verified, in the place of what was kept before. No journal has it."""
        ...

    def evidence(self, request_id: RequestId) -> str | None:
        """How the identity was verified; None once it is destroyed."""
        ...

    def destroy_evidence(self, request_ids: Collection[RequestId]) -> None: ...
