"""Full-text search: redacted transcripts only, in the same transaction as the rows they belong to (U4)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from callwarden.model.ids import LineId, RecordingId
from callwarden.model.reach import Reach
from callwarden.model.search import Facet, Hit, Place, Wanted


class SearchIndex(Protocol):
    """What a transaction offers beside its rows. Words are compared as `callwarden.rules.search_text` folds them."""

    def index(
        self, recording_id: RecordingId, *, generation: int, line: LineId, ended_at: datetime | None, text: str
    ) -> None:
        """Make a redacted transcript findable; replaces the one indexed before.

        `text` comes from `callwarden.rules.search_text.searchable_text`; of a longer one the first `MAX_TEXT`
        characters count. Raises InvariantError for a recording that does not exist.
        """
        ...

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        """Nothing of these can be found any more, and nothing of them stays in the index. `Keys.destroy` does the
        same for its recordings, in whatever state the index was restored (K4)."""
        ...

    def find(
        self, question: str, *, limit: int, skip: int = 0, lines: Collection[LineId] | None = None
    ) -> Sequence[Hit]:
        """Transcripts with every word, phrase and beginning asked for (`terms_of`), best first, then the newest call.

        None for a question without words; there is no wrong question. `lines` narrows. Of more than 20,000 that have
        it, only those of the newest calls may be given. Whoever calls it asks the reading rule for every hit before
        anybody sees it.
        """
        ...


class Findable(Protocol):
    """Indexed transcripts as calls: by what their recordings' rows say now, and by words where any are asked for."""

    def page(
        self, wanted: Wanted, reach: Reach, *, limit: int, after: Place | None = None, before: Place | None = None
    ) -> Sequence[Hit]:
        """Those asked for and within reach, the newest call first: the first of all, those that come after a place, or
        those just before one. None where words are asked for that are none. Whoever calls it asks the reading rule for
        every hit before anybody sees it."""
        ...

    def count(
        self, facets: Collection[Facet], wanted: Wanted, reach: Reach, *, limit: int
    ) -> tuple[int, Mapping[Facet, Mapping[str, int]]]:
        """How many of these there are, of the `limit` newest, and of each value of each facet: the day as the start of
        an hour in seconds since 1970, the length as the first second of its band (`callwarden.model.search.BANDS`).
        Calls without a value are in none."""
        ...
