"""What may stand in a request: closed bodies, in which an unknown field is told by its name, and bounded ids."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import Path, Query
from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from callwarden.errors import UsageError
from callwarden.model.period import CalendarPeriod
from callwarden.model.purpose import OBJECTABLE

LONGEST_TEXT: Final = 10_000
LONGEST_ID: Final = 200
MOST_ITEMS: Final = 10_000
"""Of a list in a body."""


def _is_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("is given as text")  # noqa: TRY004 -- told field by field; a number would pass for seconds
    return value


Day = Annotated[date, BeforeValidator(_is_text), Field(description="A day, such as 2026-11-20.")]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_is_text),
    Field(description="An instant with its offset, such as 2026-11-20T10:25:01+01:00."),
]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
Names = Annotated[tuple[Name, ...], Field(max_length=MOST_ITEMS)]


def _period(text: str) -> str:
    CalendarPeriod.parse(text)
    return text


Period = Annotated[str, AfterValidator(_period), Field(max_length=20, description="P1D, P3M, P1Y …")]


def at_most(period: str) -> timedelta:
    """A period of a body as a length of time."""
    return timedelta(days=CalendarPeriod.parse(period).at_most_days())


Id = Annotated[str, Path(min_length=1, max_length=LONGEST_ID)]
OptionalName = Annotated[str | None, Query(min_length=1, max_length=LONGEST_ID)]


class Body(BaseModel):
    """A body of a request: nothing in it is passed over."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_max_length=LONGEST_TEXT, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _printable(cls, value: Any) -> Any:
        if any("\x00" in text for text in _texts(value)):
            raise ValueError("holds a null character")
        return value


def example(**fields: Any) -> ConfigDict:
    """The ``model_config`` of a body: an example for its description."""
    return ConfigDict(json_schema_extra={"examples": [{name.rstrip("_"): value for name, value in fields.items()}]})


def _texts(value: object) -> Iterable[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for name, each in value.items():
                yield from _texts(name)
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)


def exactly_one(**given: object) -> None:
    """Raises UsageError unless exactly one of these is given."""
    if sum(value is not None for value in given.values()) != 1:
        raise UsageError(f"give exactly one of {', '.join(given)}")


def _objectable(words: tuple[str, ...]) -> tuple[str, ...]:
    if not set(words) <= OBJECTABLE:
        raise ValueError(f"of {', '.join(sorted(OBJECTABLE))}")
    return words


ObjectedTo = Annotated[
    tuple[Name, ...],
    AfterValidator(_objectable),
    Field(max_length=20, description=f"What is objected to: of {', '.join(sorted(OBJECTABLE))}."),
]
Purposes = Annotated[ObjectedTo, Field(validation_alias=AliasChoices("purpose", "purposes"))]
"""Under either word: the commands', and the events'."""
