"""The shapes of the inbound events that are no recording. Values of the model are built from them in `events`.

Strict: nobody objects, or is listened to, by guesswork. Unknown fields are let through (CloudEvents extensions, newer
telephone systems) and then not looked at. `null` is the same as absence where absence is allowed.
"""

from typing import Annotated, Final, Literal, NotRequired

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, with_config
from typing_extensions import TypedDict  # before Python 3.12 pydantic needs this one

# Printable anywhere: no control character (least of all NUL, which PostgreSQL does not take), no separator of lines.
_CLEAN: Final = r"^[^\p{Cc}\p{Zl}\p{Zp}]*$"

Id = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=_CLEAN)]
"""Foreign names. Bounded and printable, nothing else: `../` and look-alikes are just names, since none is a path."""
ShortId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_CLEAN)]
RoleCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,31}$")]

PurposeWord = Literal[
    "training", "quality", "dispute", "staff_protection", "ai_experiment", "rights_request", "fraud_control"
]
ObjectionWord = Literal["recording", PurposeWord]

_STRICT: Final = ConfigDict(strict=True, extra="allow", hide_input_in_errors=True)


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
class ObjectedEvent(TypedDict):
    """Every CloudEvent has these four attributes (CloudEvents 1.0, section 3.1)."""

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


EventShape = ObjectedEvent | WithdrawnEvent | MonitoredEvent

EVENT: Final[TypeAdapter[EventShape]] = TypeAdapter(Annotated[EventShape, Field(discriminator="type")])
