"""The shape of inbound events on the wire. Values of the model are built from them in `events`.

Strict throughout: a number is no text and a text no number. Unknown fields are let through (CloudEvents extensions,
newer telephone systems) and then not looked at. `null` is the same as absence where absence is allowed.
"""

from typing import Annotated, Final, Literal, NotRequired

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, with_config
from typing_extensions import TypedDict  # before Python 3.12 pydantic needs this one

# Printable anywhere: no control character (least of all NUL, which PostgreSQL does not take), no separator of lines.
_CLEAN: Final = r"^[^\p{Cc}\p{Zl}\p{Zp}]*$"

Id = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=_CLEAN)]
"""Foreign names. Bounded and printable, nothing else: `../` and look-alikes are just names, since none is a path."""
ShortId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_CLEAN)]
Text = Annotated[str, StringConstraints(max_length=256, pattern=_CLEAN)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{64}$")]
RoleCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,31}$")]
Segment = Annotated[int, Field(ge=0, lt=2**31)]
ByteCount = Annotated[int, Field(ge=0, lt=2**63)]
Seconds = Annotated[float, Field(ge=0, le=31_622_400, allow_inf_nan=False)]
"""At most a leap year: anything a clock can mean and a database can hold."""

PurposeWord = Literal[
    "training", "quality", "dispute", "staff_protection", "ai_experiment", "rights_request", "fraud_control"
]
ObjectionWord = Literal["recording", PurposeWord]

_STRICT: Final = ConfigDict(strict=True, extra="allow", hide_input_in_errors=True)


@with_config(_STRICT)
class PersonShape(TypedDict, total=False):
    number: Text | None
    customer_id: Text | None
    name: Text | None
    names: Annotated[list[Text], Field(max_length=32)] | None


@with_config(_STRICT)
class AgentShape(TypedDict, total=False):
    id: Text | None


@with_config(_STRICT)
class AudioShape(TypedDict, total=False):
    uri: str | None
    """Unbounded and unchecked: which addresses are allowed is a rule, and its verdict has its own reason code."""
    sha256: Sha256 | None
    bytes: ByteCount | None


@with_config(_STRICT)
class PauseShape(TypedDict):
    from_s: Seconds
    to_s: Seconds
    reason: Annotated[str, StringConstraints(max_length=64, pattern=_CLEAN)]


@with_config(_STRICT)
class RecordedShape(TypedDict):
    call_id: Id
    leg: NotRequired[ShortId]
    segment: NotRequired[Segment]
    line: ShortId
    direction: Literal["inbound", "outbound", "internal"]
    started_at: NotRequired[str | None]
    ended_at: NotRequired[str | None]
    answered_after_s: NotRequired[Seconds | None]
    caller: NotRequired[PersonShape | None]
    agent: NotRequired[AgentShape | None]
    channels: NotRequired[Annotated[list[ShortId], Field(max_length=64)] | None]
    audio: NotRequired[AudioShape | None]
    objections: NotRequired[Annotated[list[ObjectionWord], Field(max_length=64)] | None]
    notice_version: NotRequired[Text | None]
    pauses: NotRequired[Annotated[list[PauseShape], Field(max_length=1000)] | None]
    labels: NotRequired[Annotated[dict[ShortId, Text], Field(max_length=64)] | None]


@with_config(_STRICT)
class ObjectorShape(TypedDict, total=False):
    number: Id | None
    customer_id: Id | None


@with_config(_STRICT)
class ObjectionShape(TypedDict):
    call_id: NotRequired[Id | None]
    caller: NotRequired[ObjectorShape | None]
    purposes: Annotated[list[ObjectionWord], Field(min_length=1, max_length=64)]
    channel: ShortId
    at: str


@with_config(_STRICT)
class ListenerShape(TypedDict):
    id: Id
    role: RoleCode


# `from` is a word of the language, so this one is written as a table.
MonitoredShape = TypedDict(
    "MonitoredShape",
    {"call_id": Id, "listener": ListenerShape, "purpose": PurposeWord, "from": str, "to": str},
)
with_config(_STRICT)(MonitoredShape)


@with_config(_STRICT)
class RecordedEvent(TypedDict):
    """Every CloudEvent has these four attributes (CloudEvents 1.0, section 3.1)."""

    specversion: Literal["1.0"]
    type: Literal["call.recorded"]
    source: Id
    id: Id
    data: RecordedShape


@with_config(_STRICT)
class ObjectedEvent(TypedDict):
    specversion: Literal["1.0"]
    type: Literal["call.objected"]
    source: Id
    id: Id
    data: ObjectionShape


@with_config(_STRICT)
class WithdrawnEvent(TypedDict):
    specversion: Literal["1.0"]
    type: Literal["call.objection_withdrawn"]
    source: Id
    id: Id
    data: ObjectionShape


@with_config(_STRICT)
class MonitoredEvent(TypedDict):
    specversion: Literal["1.0"]
    type: Literal["call.monitored"]
    source: Id
    id: Id
    data: MonitoredShape


EventShape = RecordedEvent | ObjectedEvent | WithdrawnEvent | MonitoredEvent

KNOWN_TYPES: Final = frozenset({"call.recorded", "call.objected", "call.objection_withdrawn", "call.monitored"})
SPEC_VERSION: Final = "1.0"

EVENT: Final[TypeAdapter[EventShape]] = TypeAdapter(Annotated[EventShape, Field(discriminator="type")])
