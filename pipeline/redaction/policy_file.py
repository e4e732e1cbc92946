"""Reads ``config/redaction.yaml``: every value checked, errors naming the line and the field."""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from callwarden.errors import ConfigurationError
from callwarden.model.redaction import AudioLevel, RedactionPolicy, SpanType
from callwarden.shipped import shipped_config


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_Kind = Annotated[SpanType, Field(strict=False)]


class _Audio(_Strict):
    level: Annotated[AudioLevel, Field(strict=False)] = AudioLevel.BALANCED
    padding_s: float = Field(ge=0, le=5)
    merge_gap_s: float = Field(ge=0, le=5)
    doubtful_below: float = Field(ge=0, le=1)
    sound: Literal["tone", "silence"]


class _File(_Strict):
    version: str = Field(min_length=1, max_length=40)
    language: str = Field(pattern=r"^[a-z]{2}$")
    models: dict[str, str]
    redact: list[_Kind] = Field(min_length=1)
    default_threshold: float = Field(ge=0, le=1)
    thresholds: dict[_Kind, float] = Field(default_factory=dict)
    withhold_from: float = Field(ge=0, le=1)
    understood_from: float = Field(ge=0, le=1)
    birth_years: Annotated[tuple[int, int], Field(strict=False)]
    time_budget_s: float = Field(gt=0, le=3600)
    audio: _Audio
    own_words: list[str] = Field(default_factory=list)
    learned: bool = True
    also: list[Annotated[str, Field(pattern=r"^(gliner:.+|[\w.]+:\w+)$")]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ordered(self) -> "_File":
        if self.birth_years[0] > self.birth_years[1]:
            raise ValueError("birth_years must be [first, last]")
        if self.language not in self.models:
            raise ValueError(f"models names no model for the language {self.language!r}")
        for kind, value in self.thresholds.items():
            if not 0 <= value <= 1:
                raise ValueError(f"thresholds.{kind} must lie in 0..1")
        return self


def load_redaction_policy(path: Path | None = None) -> RedactionPolicy:
    """The policy in ``path``, else the shipped one. Raises: `ConfigurationError` naming file, line and field."""
    path = path or shipped_config() / "redaction.yaml"
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not YAML: {error}") from error
    try:
        parsed = _File.model_validate(raw)
    except ValidationError as error:
        problems = [
            f"{path}:{_line(node, e['loc'])}: {'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}"
            for e in error.errors()
        ]
        raise ConfigurationError("\n".join(problems)) from error
    return RedactionPolicy(
        version=parsed.version,
        language=parsed.language,
        redact=frozenset(parsed.redact),
        default_threshold=parsed.default_threshold,
        thresholds=tuple(sorted(parsed.thresholds.items())),
        withhold_from=parsed.withhold_from,
        understood_from=parsed.understood_from,
        level=parsed.audio.level,
        padding_s=parsed.audio.padding_s,
        merge_gap_s=parsed.audio.merge_gap_s,
        doubtful_below=parsed.audio.doubtful_below,
        sound=parsed.audio.sound,
        own_words=tuple(parsed.own_words),
        models=tuple(sorted(parsed.models.items())),
        time_budget_s=parsed.time_budget_s,
        birth_years=parsed.birth_years,
        learned=parsed.learned,
        also=tuple(parsed.also),
    )


def _line(node: yaml.Node | None, loc: tuple[int | str, ...]) -> int:
    """The line of the field at ``loc``, or of the nearest thing around it that is there."""
    line = 1
    for key in loc:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if name.value == str(key):
                    line, found = name.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            found = node.value[key]
            line = found.start_mark.line + 1
        if found is None:
            return line
        node = found
    return line
