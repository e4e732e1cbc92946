"""The file of the evaluation grid."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from callwarden.adapters.policy.file import compose, faults
from callwarden.errors import ConfigurationError
from callwarden.model.period import CalendarPeriod
from callwarden.model.review import Grid, Question

LONGEST: Final = CalendarPeriod(months=12)


def _period(text: object) -> CalendarPeriod:
    try:
        period = CalendarPeriod.parse(str(text))
    except ValueError:
        raise ValueError("must be a period longer than nothing, such as P6M") from None
    if period.at_most_days() > LONGEST.at_most_days():
        raise ValueError("must be a year at most: an evaluation may live that long (K6)")
    return period


_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class _FileShape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    kept: Annotated[CalendarPeriod, BeforeValidator(_period)]
    lowest: Annotated[int, Field(ge=0, le=100)]
    highest: Annotated[int, Field(ge=1, le=100)]
    questions: Annotated[dict[_Id, Annotated[dict[_Language, _Text], Field(min_length=1)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_a_scale(self) -> Self:
        if self.lowest >= self.highest:
            raise ValueError("the lowest score must be below the highest")
        return self


def load_grid(path: Path) -> Grid:
    """The grid in this file. Raises ConfigurationError naming file, line and field of everything that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: the evaluation file is not UTF-8 text") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: the evaluation file cannot be read: {error.strerror}") from error
    root = compose(text, str(path))
    try:
        shape = _FileShape.model_validate(yaml.BaseLoader("").construct_document(root))
    except ValidationError as error:
        raise ConfigurationError(faults(error, root, str(path), known=_known_keys)) from None
    said = [str(shape.kept), shape.lowest, shape.highest, shape.questions]
    return Grid(
        version=hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16],
        kept=shape.kept,
        lowest=shape.lowest,
        highest=shape.highest,
        questions=tuple(Question(question_id=name, text=tuple(text.items())) for name, text in shape.questions.items()),
    )


def _known_keys(location: Sequence[str]) -> Iterable[str]:
    return _FileShape.model_fields if len(location) == 1 else ()
