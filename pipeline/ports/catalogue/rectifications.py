"""What was put right in the metadata of recordings, and who was told of what changed."""

from collections.abc import Collection, Sequence
from typing import Protocol

from callwarden.model.ids import RecordingId
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.rectification import Rectification
from callwarden.model.request import RequestId


class Rectifications(Protocol):
    """Rows are never changed; their content dies with the recording's key."""

    def add(self, rectification: Rectification) -> None:
        """One that is there already stays as it is."""
        ...

    def of(self, recording_ids: Collection[RecordingId]) -> Sequence[Rectification]:
        """Those of these recordings, oldest first."""
        ...


class RecipientNotices(Protocol):
    """What recipients of disclosures were told."""

    def of(self, request_id: RequestId) -> Sequence[RecipientNotice]:
        """Those of a request, by disclosure."""
        ...

    def save(self, notice: RecipientNotice) -> None:
        """Insert, or replace the one of the same request and disclosure."""
        ...
