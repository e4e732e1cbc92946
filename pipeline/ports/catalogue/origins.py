"""Which recording a landed file became, so that two workers that fetch it at the same moment do not both keep it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from callwarden.model.ids import Pseudonym, RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One landed file, by a keyed digest of its address and of what tells it from any other there, and whose it is."""

    origin: Pseudonym
    recording_id: RecordingId
    at: datetime
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""


class Origins(Protocol):
    """Landed files that were taken."""

    def take(self, origins: Collection[Origin]) -> Mapping[Pseudonym, Origin]:
        """Keep those that nobody has taken yet, and give whose each of them is now, by its digest."""
        ...

    def forget(self, *, before: datetime) -> None:
        """Those taken before this instant: what they were is not there to be fetched any more."""
        ...
