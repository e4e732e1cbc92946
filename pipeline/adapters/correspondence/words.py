"""The words of the letters: ``words.yaml`` of each language, and ``sender.yaml``."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from callwarden.errors import ConfigurationError
from callwarden.model.access import Readable, Role
from callwarden.model.event import Direction
from callwarden.model.letter import Language, Sender, Words
from callwarden.model.paper import PaperKind
from callwarden.model.paper_words import PLACES, PROMISES, SAYS, Heading, Kind, Risk
from callwarden.model.purpose import Purpose
from callwarden.model.redaction import SpanType
from callwarden.model.request import RefusalGround, RequestType
from callwarden.rules.access_pack import BASES, CONSULTED, NOT_ENCLOSED, SPEAKERS
from callwarden.rules.erasing import Waits
from callwarden.rules.rectifying import FIELDS
from callwarden.rules.rights import RIGHTS

SECTIONS: Mapping[str, frozenset[str]] = {
    "types": frozenset(RequestType),
    "reasons": frozenset(RefusalGround),
    "waits": frozenset(Waits),
    "withheld": NOT_ENCLOSED,
    "purposes": frozenset(Purpose),
    "bases": BASES,
    "roles": frozenset(Role),
    "artefacts": frozenset(Readable),
    "consultations": CONSULTED,
    "directions": frozenset(Direction),
    "speakers": SPEAKERS,
    "masks": frozenset(SpanType),
    "fields": FIELDS,
    "units": frozenset(
        one + plural for one in ("year", "month", "day", "hour", "minute", "second") for plural in ("", "s")
    ),
    "spoken": frozenset(Purpose),
    "papers": frozenset(PaperKind),
    "headings": frozenset(Heading),
    "kinds": frozenset(Kind),
    "risks": frozenset(Risk),
    "promises": PROMISES,
    "places": PLACES,
    "acts": frozenset(act.value for act, right in RIGHTS.items() if right.two_people),
    "says": SAYS,
}
"""Each a text for every code of a closed vocabulary."""
PHRASES = frozenset(
    [
        "recording",
        "masked",
        "keyed",
        "first_of_month",
        "moment",
        "undated",
        "source",
        "interest",
        "location",
        "no_automated",
        "your_rights",
        "retention",
        "held",
        "is_restricted",
        "objected",
        "by_machine",
        "by_person",
        "disclosed",
        "recorded",
        "not_recorded",
        "objection_offered",
        "objection_not_offered",
        "quarantine",
        "sound",
        "notice_heard",
        "notice_broken_off",
        "notice_played",
        "notice_not_played",
        "notice_unknown",
    ]
)
MONTHS = "months"
_SENDER = frozenset({"name", "address", "dpo", "contact"})
_SENDER_MAY = frozenset({"website", "joint_controllers", "works_council"})


def read_words(language: Language, *files: Path) -> Words:
    """What these files say, the later ones over the earlier: one of them may hold only what differs. Raises
    ConfigurationError naming file, line and key."""
    sections: dict[str, dict[str, str]] = {name: {} for name in SECTIONS}
    phrases: dict[str, str] = {}
    months: tuple[str, ...] = ()
    for file in files:
        for key, node in _entries(file, _tree(file)):
            if key in SECTIONS:
                for code, text in _entries(file, node):
                    if code not in SECTIONS[key]:
                        known = ", ".join(sorted(SECTIONS[key]))
                        raise _fault(file, text, f"{key} has no {code}: its codes are {known}")
                    sections[key][code] = _text(file, text)
            elif key == MONTHS:
                months = _texts(file, node)
                if len(months) != 12:
                    raise _fault(file, node, "months are twelve, the first of them January")
            elif key in PHRASES:
                phrases[key] = _text(file, node)
            else:
                known = ", ".join(sorted({*SECTIONS, *PHRASES, MONTHS}))
                raise _fault(file, node, f"{key} is not one of {known}")
    _check_complete(files[-1], sections, phrases, months)
    return Words(language=language, sections=sections, phrases=phrases, months=months)


def read_sender(file: Path) -> Sender:
    """Who writes. Raises ConfigurationError naming file, line and key."""
    entries = dict(_entries(file, _tree(file)))
    if odd := (entries.keys() - _SENDER_MAY) ^ _SENDER:
        raise ConfigurationError(
            f"{file}: the sender has {', '.join(sorted(_SENDER))}, and may have {', '.join(sorted(_SENDER_MAY))}; look "
            f"at {', '.join(sorted(odd))}"
        )
    return Sender(
        name=_text(file, entries["name"]),
        address=_texts(file, entries["address"]),
        dpo=_text(file, entries["dpo"]),
        contact=_text(file, entries["contact"]),
        website=_text(file, entries["website"]) if "website" in entries else None,
        joint_controllers=_texts(file, entries["joint_controllers"]) if "joint_controllers" in entries else (),
        works_council=_text(file, entries["works_council"]) if "works_council" in entries else None,
    )


def _check_complete(
    file: Path, sections: Mapping[str, Mapping[str, str]], phrases: Mapping[str, str], months: tuple[str, ...]
) -> None:
    missing = [f"{name}.{code}" for name, codes in SECTIONS.items() for code in sorted(codes - sections[name].keys())]
    missing += sorted(PHRASES - phrases.keys())
    missing += [] if months else [MONTHS]
    if missing:
        raise ConfigurationError(f"{file}: there is no text for {', '.join(missing)}: write one")


def _tree(file: Path) -> yaml.Node:
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: is not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{file}, line {line}: not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{file}: not YAML: {error}") from error
    if root is None:
        raise ConfigurationError(f"{file}: is empty: it holds keys and texts")
    return root


def _entries(file: Path, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _fault(file, node, "here are keys, each with a text")
    for key, value in node.value:
        yield str(key.value), value


def _texts(file: Path, node: yaml.Node) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise _fault(file, node, "here is a list of texts")
    return tuple(_text(file, each) for each in node.value)


def _text(file: Path, node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        raise _fault(file, node, "here is a text, which is not empty")
    return str(node.value)


def _fault(file: Path, node: yaml.Node, says: str) -> ConfigurationError:
    return ConfigurationError(f"{file}, line {node.start_mark.line + 1}: {says}")
