"""AI experiments: what somebody asks for, and what of which recording was taken (U5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from callwarden.model.ids import LineId, RecordingId

ExperimentId = NewType("ExperimentId", str)
"""``exp-`` and the letters of an entry id."""
ExperimentItemId = NewType("ExperimentItemId", str)
"""``item-`` and 32 hexadecimal digits: what a recording is called outside, in this experiment and in no other."""


ExportId = NewType("ExportId", str)
"""``export-1`` and 24 hexadecimal digits."""


class Carried(StrEnum):
    """What an item carries of a recording."""

    TEXT = "text"
    """The redacted transcript; every experiment has it."""
    AUDIO = "audio"
    """The beeped audio."""
    METADATA = "metadata"
    """Times coarsened, persons as pseudonyms of this experiment."""


class ExperimentState(StrEnum):
    """How far an experiment has come."""

    DRAFT = "draft"
    """It waits for the data protection officer."""
    APPROVED = "approved"
    BUILT = "built"
    CLOSED = "closed"
    """By somebody, before its end date."""
    ENDED = "ended"
    """By its end date."""


OVER = frozenset({ExperimentState.CLOSED, ExperimentState.ENDED})
"""Nothing more is built or exported."""


class ItemState(StrEnum):
    """What became of an item. There is no way back: what was revoked is never taken again by this experiment."""

    INCLUDED = "included"
    REVOKED = "revoked"
    """It may not be used any more: no build takes it and no export has it."""
    DESTROYED = "destroyed"
    """The experiment is over: there is no key any more that would make this item again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks for. Days are the policy's, `first` and `last` included; labels are ``name=value``.

    `sample`: how many of what is found, drawn by `seed`; None: all of it. From the beginning of the day `until` on
    nothing more is built or exported. No combination of metadata is carried that fewer than `k` items share.
    `with_agents`: whether items may carry who took the call, as a pseudonym of this experiment.
    """

    name: str = field(repr=False)
    purpose: str = field(repr=False)
    owner: str = field(repr=False)
    """The account of who answers for it."""
    line: LineId
    first: date
    last: date
    until: date
    carries: frozenset[Carried]
    hypothesis: str | None = field(default=None, repr=False)
    dpia: str | None = field(default=None, repr=False)
    """Reference of the data protection impact assessment."""
    labels: frozenset[str] = field(default=frozenset(), repr=False)
    sample: int | None = None
    seed: int | None = None
    k: int = 5
    with_agents: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment(Wish):
    """A wish on file, and what was decided about it. The wish never changes: what was approved is what is built."""

    experiment_id: ExperimentId
    state: ExperimentState
    opened_by: str = field(repr=False)
    opened_at: datetime
    ends_at: datetime
    """When the day `until` begins in the policy's zone."""
    approved_by: str | None = field(default=None, repr=False)
    approved_at: datetime | None = None
    generation: int = 0
    """Of the newest finished build, from 1."""
    built_at: datetime | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    """What that build did not take, by reason."""
    over_by: str | None = field(default=None, repr=False)
    """Who closed it; None where its end date did."""
    over_at: datetime | None = None
    cleared_at: datetime | None = None
    """When nothing of it was left in the system, once it was over."""
    altered: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentItem:
    """A recording an experiment has taken: the lineage of what left the house."""

    experiment_id: ExperimentId
    recording_id: RecordingId
    item_id: ExperimentItemId
    state: ItemState
    reason: str | None = None
    """Why it was revoked or destroyed: a `ReadRefusal`, an `Unfit`, ``closed`` or ``ended``."""
    generation: int
    """Of the build that took it, or took it anew because its redaction was made anew."""
    digest: str
    """What it is pinned to (`callwarden.rules.experiment_items.pin_of`): the forms, their redaction's generation and
    their digests."""
    included_at: datetime
    changed_at: datetime
    """When it came into its state."""
    altered: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentExport:
    """A folder that was exported. Its items are those that have left in it, whatever became of them since; of them,
    `taken_out` are those its holder has stated to have taken out again."""

    export_id: ExportId
    experiment_id: ExperimentId
    generation: int
    """Of the build it was made of."""
    made_by: str = field(repr=False)
    made_at: datetime
    manifest: str
    """SHA-256 of its manifest, in hexadecimal."""
    items: frozenset[ExperimentItemId] = field(repr=False)
    taken_out: frozenset[ExperimentItemId] = field(default=frozenset(), repr=False)
    acknowledged_at: datetime | None = None
    """When its holder stated that last."""
    altered: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentKey:
    """What the pseudonyms of an experiment are made with: a data key, wrapped by a master key. Without it nobody
    makes the same ones again."""

    experiment_id: ExperimentId
    wrapped_key: bytes = field(repr=False)
    master_key_id: str
