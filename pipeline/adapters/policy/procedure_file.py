"""The procedure file: periods of appeal with their articles, from YAML a lawyer confirms."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from callwarden.adapters.policy.file import compose, faults
from callwarden.errors import ConfigurationError
from callwarden.model.court import CourtKind
from callwarden.model.period import CalendarPeriod
from callwarden.model.procedure import Distance, KindRules, ProcedureRules, Start, WayPeriod

LONGEST: Final = CalendarPeriod(months=60)
NOBODY: Final = "nobody"


def _period(text: object) -> CalendarPeriod:
    try:
        period = CalendarPeriod.parse(str(text))
    except ValueError:
        raise ValueError("must be a period longer than nothing, such as P1M or P15D") from None
    if period.at_most_days() > LONGEST.at_most_days():
        raise ValueError("must be five years at most")
    return period


_Period = Annotated[CalendarPeriod, BeforeValidator(_period)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
_Runs = Literal["notification", "pronouncement"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class _SourceShape(_Shape):
    text: _Text
    version: _Text


class _AddedShape(_Shape):
    period: _Period
    article: _Text


class _WayShape(_AddedShape):
    start: _Runs = Field(alias="from")
    clear: Literal["yes", "no"] = "no"


class _UnnotifiedShape(_AddedShape):
    start: Literal["decision"] = Field(alias="from")


class _DistanceShape(_Shape):
    overseas: _Period
    abroad: _Period
    courts_in_metropole: _Text
    courts_overseas: _Text


class _KindShape(_Shape):
    appeal: _WayShape
    cassation: _WayShape
    others: _AddedShape | None = None
    prosecutor: _WayShape | None = None
    unnotified: _UnnotifiedShape | None = None
    distance: _DistanceShape | None = None

    def articles(self) -> Iterable[str]:
        """Every article named for this kind."""
        for part in (self.appeal, self.cassation, self.others, self.prosecutor, self.unnotified):
            if part is not None:
                yield part.article
        if self.distance is not None:
            yield from (self.distance.courts_in_metropole, self.distance.courts_overseas)


class _FileShape(_Shape):
    version: _Text
    confirmed: _Text
    sources: dict[_Text, _SourceShape]
    kinds: dict[CourtKind, _KindShape]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if lacking := [kind.value for kind in CourtKind if kind not in self.kinds]:
            raise ValueError(f"kinds says nothing of {', '.join(lacking)}")
        for kind, shape in self.kinds.items():
            for article in shape.articles():
                if not any(article.startswith(f"{code} ") for code in self.sources):
                    raise ValueError(
                        f"kinds.{kind.value} names {article}, which is of none of the sources: "
                        f"{', '.join(self.sources)}"
                    )
        return self


_KEYS: Final[Mapping[str, type[BaseModel]]] = {
    "appeal": _WayShape,
    "cassation": _WayShape,
    "prosecutor": _WayShape,
    "others": _AddedShape,
    "unnotified": _UnnotifiedShape,
    "distance": _DistanceShape,
}


def load_procedure(path: Path) -> ProcedureRules:
    """The periods in this file. Raises ConfigurationError naming file, line and field of everything that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: the procedure file is not UTF-8 text") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: the procedure file cannot be read: {error.strerror}") from error
    return read_procedure(text, name=str(path))


def read_procedure(text: str, *, name: str) -> ProcedureRules:
    """The periods in this text; `name` is what errors call it. Raises ConfigurationError."""
    root = compose(text, name)
    try:
        shape = _FileShape.model_validate(yaml.BaseLoader("").construct_document(root))
    except ValidationError as error:
        raise ConfigurationError(faults(error, root, name, known=_known_keys)) from None
    return ProcedureRules(
        version=shape.version,
        confirmed="" if shape.confirmed.casefold() == NOBODY else shape.confirmed,
        kinds={kind: _kind(each) for kind, each in shape.kinds.items()},
        sources={code: f"{source.text} ({source.version})" for code, source in shape.sources.items()},
    )


def _known_keys(location: Sequence[str]) -> Iterable[str]:
    match location:
        case ["kinds", _, part, _] if part in _KEYS:
            shape = _KEYS[part]
        case ["kinds", _, _]:
            shape = _KindShape
        case ["sources", _, _]:
            shape = _SourceShape
        case _:
            shape = _FileShape
    return [field.alias or name for name, field in shape.model_fields.items()]


def _kind(shape: _KindShape) -> KindRules:
    distance = shape.distance
    return KindRules(
        appeal=_way(shape.appeal),
        cassation=_way(shape.cassation),
        others=None if shape.others is None else _added(shape.others, Start.DECISION),
        prosecutor=None if shape.prosecutor is None else _way(shape.prosecutor),
        unnotified=None if shape.unnotified is None else _added(shape.unnotified, Start.DECISION),
        distance=None
        if distance is None
        else Distance(
            overseas=distance.overseas,
            abroad=distance.abroad,
            from_metropole=distance.courts_in_metropole,
            from_overseas=distance.courts_overseas,
        ),
    )


def _way(shape: _WayShape) -> WayPeriod:
    return WayPeriod(period=shape.period, start=Start(shape.start), article=shape.article, clear=shape.clear == "yes")


def _added(shape: _AddedShape, start: Start) -> WayPeriod:
    return WayPeriod(period=shape.period, start=start, article=shape.article)
