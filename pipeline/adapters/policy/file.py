"""The policy file: from YAML a person writes to the `Policy` everything else decides by."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, fields, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from callwarden.adapters.policy.shapes import (
    EVERY_AREA,
    GrantShape,
    HoldsShape,
    LimitsShape,
    LineShape,
    PolicyShape,
    ProcessorShape,
    RealTestingShape,
    SweepShape,
)
from callwarden.errors import ConfigurationError
from callwarden.model.ids import LineId, PolicyVersion
from callwarden.model.policy import (
    FigureMinimums,
    Grant,
    HoldLimits,
    Limits,
    LinePolicy,
    Policy,
    Processor,
    RealTesting,
    SweepLimits,
    UnusualReading,
    WhenUnknown,
)

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml's where PyYAML has it, as ready-made packages do: ten times as fast, and every command reads a policy."""

DEEPEST = 16
"""A policy needs four levels."""


def load_policy(path: Path) -> Policy:
    """The policy in this file. Raises ConfigurationError naming file, line and field of everything that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: the policy file is not UTF-8 text") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: the policy file cannot be read: {error.strerror}") from error
    return read_policy(text, name=str(path))


def read_policy(text: str, *, name: str) -> Policy:
    """The policy in this text; `name` is what errors call it. Raises ConfigurationError.

    Two texts that mean the same have the same version, whatever their comments, order and spelling.
    """
    root = compose(text, name)
    try:
        shape = PolicyShape.model_validate(yaml.BaseLoader("").construct_document(root))
    except ValidationError as error:
        raise ConfigurationError(faults(error, root, name, known=_known_keys)) from None
    for index, grant in enumerate(shape.access):
        if unknown := set(grant.lines or ()) - set(shape.lines):
            line = line_of(root, ["access", str(index), "lines"])
            raise ConfigurationError(
                f"{name}, line {line}: access.{index}.lines names {', '.join(sorted(unknown))}, "
                f"which is not one of the lines: {', '.join(shape.lines)}"
            )
    return _versioned(_policy(shape))


def compose(text: str, name: str) -> yaml.MappingNode:
    """The document's tree, in which every node knows its line. Raises ConfigurationError."""
    try:
        _check_events(text, name)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{name}, line {line}: not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{name}: not YAML: {error}") from None
    if not isinstance(root, yaml.MappingNode):
        raise ConfigurationError(f"{name}, line 1: the file is a list of keys and values, such as tenant: niort")
    for key, says in _odd_keys(root):
        raise ConfigurationError(f"{name}, line {key.start_mark.line + 1}: {says}")
    return root


def _check_events(text: str, name: str) -> None:
    """Refuse, before a tree is built, what would make the tree endless or deeper than any policy is."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise ConfigurationError(f"{name}, line {line}: such a file has no references (*) and no nesting this deep")


def _odd_keys(node: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    """Keys given twice in one mapping, of which YAML would take the last and say nothing, and keys that are no word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                yield key, "a key is a word"
                continue
            if key.value in seen:
                yield key, f"{key.value} is given twice; each key stands once"
            seen.add(key.value)
            yield from _odd_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _odd_keys(value)


def faults(
    error: ValidationError, root: yaml.Node, name: str, *, known: Callable[[Sequence[str]], Iterable[str]]
) -> str:
    """Every fault of a file with its line, one a line; `known` are the keys there are at a place."""
    found = [_fault(details, root, name, known) for details in error.errors(include_url=False)]
    return "\n".join(sorted(set(found), key=found.index))


def _fault(details: ErrorDetails, root: yaml.Node, name: str, known: Callable[[Sequence[str]], Iterable[str]]) -> str:
    location = [str(part) for part in details["loc"] if part != "[key]"]
    line = line_of(root, location)
    field = ".".join(location) or "policy"
    message = details["msg"].removeprefix("Value error, ")
    value = details["input"]
    match details["type"]:
        case "missing":
            says = "is missing"
        case "extra_forbidden":
            says = f"is not a key of this file; there it knows {', '.join(known(location))}"
        case "value_error":
            says = f"is {value!r}; it {message}" if isinstance(value, str) else f"does not add up: {message}"
        case "literal_error" | "enum":
            says = f"is {value!r}; it must be {details.get('ctx', {}).get('expected', '')}"
        case "dict_type" | "model_type":
            says = "must be keys and values, each on a line of its own"
        case "list_type":
            says = "must be a list, such as [one, two]"
        case "too_short":
            says = "must not be empty"
        case "string_pattern_mismatch":
            says = f"is {value!r}; it must be letters, digits, dots, hyphens, underscores, 64 at most"
        case _:
            says = f"is {value!r}; {message}"
    return f"{name}, line {line}: {field} {says}"


def _known_keys(location: Sequence[str]) -> Iterable[str]:
    match location:
        case ["lines", _, _]:
            known = LineShape.model_fields
        case ["sweep", _]:
            known = SweepShape.model_fields
        case ["holds", _]:
            known = HoldsShape.model_fields
        case ["testing", _]:
            known = RealTestingShape.model_fields
        case ["access", _, _]:
            known = GrantShape.model_fields
        case ["processors", _, _]:
            known = ProcessorShape.model_fields
        case ["limits", _]:
            known = LimitsShape.model_fields
        case _:
            known = PolicyShape.model_fields
    return known


def line_of(node: yaml.Node, location: Sequence[str]) -> int:
    """The line, from 1, of the innermost part of `location` that is in the file."""
    line = node.start_mark.line + 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _policy(shape: PolicyShape) -> Policy:
    limits = shape.limits
    return Policy(
        tenant=shape.tenant,
        version=PolicyVersion(""),
        time_zone=shape.time_zone,
        region=shape.region,
        lines={LineId(name): _line_policy(LineId(name), line) for name, line in sorted(shape.lines.items())},
        landing_areas=tuple(sorted(set(shape.landing_areas))),
        landing={area: shape.landing.get(area, shape.landing[EVERY_AREA]) for area in sorted(set(shape.landing_areas))},
        storage_regions=frozenset(shape.storage_regions),
        quarantine=shape.quarantine,
        objection_within=shape.objection_within,
        release_delay=shape.release_delay,
        lifecycle_margin=shape.lifecycle_margin,
        log_retention=shape.log_retention,
        limits=Limits(
            max_audio_bytes=limits.max_audio,
            max_duration=limits.max_duration,
            max_channels=limits.max_channels,
            max_clock_ahead=limits.max_clock_ahead,
            max_call_length=limits.max_call_length,
            times_off=limits.times_off,
            when_unlike=limits.unlike_audio,
        ),
        sweep=SweepLimits(clock_within=shape.sweep.clock_within, at_most=shape.sweep.at_most, share=shape.sweep.share),
        holds=HoldLimits(at_most=shape.holds.at_most, share=shape.holds.share),
        unusual_reading=UnusualReading(
            times=shape.unusual_reading.times,
            at_least=shape.unusual_reading.at_least,
            from_hour=shape.unusual_reading.from_hour,
            to_hour=shape.unusual_reading.to_hour,
            days=shape.unusual_reading.days,
        ),
        figures=FigureMinimums(
            callers=shape.figures.callers, employees=shape.figures.employees, share=shape.figures.share
        ),
        testing=None
        if shape.testing is None
        else RealTesting(
            roles=tuple(sorted(set(shape.testing.roles))), at_most=shape.testing.at_most, lasts=shape.testing.lasts
        ),
        only_included=shape.experiment_readings == "included",
        access=tuple(_grant(grant) for grant in shape.access),
        read_timeout=shape.read_timeout,
        break_glass_lasts=shape.break_glass_lasts,
        transport_encrypted=shape.transport == "encrypted",
        case_review=shape.case_review,
        legal_bases=_pairs(shape.legal_bases),
        interest=_pairs(shape.interest),
        transfers=_pairs(shape.transfers),
        automated_decisions=_pairs(shape.automated_decisions),
        processors=None
        if shape.processors is None
        else tuple(_processor(one) for one in sorted(shape.processors, key=lambda one: one.name)),
    )


def _processor(processor: ProcessorShape) -> Processor:
    return Processor(
        name=processor.name,
        what=_pairs(processor.what),
        country=processor.country,
        contract=processor.contract,
        regions=tuple(sorted(set(processor.regions))),
        guarantees=_pairs(processor.guarantees),
    )


def _pairs(said: Mapping[Any, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(key), str(words)) for key, words in said.items()))


def _grant(grant: GrantShape) -> Grant:
    return Grant(
        role=grant.role,
        purposes=frozenset(grant.purposes),
        artefacts=frozenset(grant.artefacts),
        lines=frozenset(LineId(line) for line in grant.lines or ()),
        own_calls_only=grant.only == "own-calls",
        team_only=grant.only == "team",
        break_glass=grant.break_glass,
    )


def _line_policy(name: LineId, line: LineShape) -> LinePolicy:
    return LinePolicy(
        line=name,
        share=line.record,
        retention=line.retention,
        objection_honoured=line.objection_to_recording == "honoured",
        when_unknown=WhenUnknown(line.objection_unknown or "record"),
        wait=line.wait or timedelta(0),
        transcription=line.transcription,
        notice=line.notice,
        name=_pairs(line.name),
        audio_retention=line.audio_retention,
        to_object=_pairs(line.to_object),
        longer_for_stored=line.longer_for_stored,
    )


def _versioned(policy: Policy) -> Policy:
    """The policy stamped with the digest of everything it says."""
    content = asdict(policy)
    del content["version"]
    # A key that may be left out, and says what leaving it out says, changes no version: older files keep theirs.
    for kind, said in ((Policy, content), *((LinePolicy, line) for line in content["lines"].values())):
        for field in fields(kind):
            if field.default is not MISSING and said[field.name] == field.default:
                del said[field.name]
    # Several grants mean the same in any order.
    content["access"] = sorted(_canonical(grant) for grant in content["access"])
    canonical = _canonical(content)
    return replace(policy, version=PolicyVersion(f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"))


def _canonical(content: object) -> str:
    return json.dumps(content, default=_plain, sort_keys=True, separators=(",", ":"))


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return format(value.normalize(), "f")
        case timedelta():
            return value.total_seconds()
        case ZoneInfo():
            return value.key
        case frozenset():
            return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in a policy's digest")
