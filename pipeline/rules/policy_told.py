"""What a changed policy changes for callers and for staff, statement by statement, so that it can be told in words.

Compared are facts: flat, in the policy's own notation, so that those of a policy that is no longer there can be kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from callwarden.model.policy import LinePolicy, Policy
from callwarden.model.policy_change import Told
from callwarden.rules.policy_words import duration_words, explain, grant_words

CALLERS: Final = "callers"
STAFF: Final = "staff"
_FOR_CALLERS: Final = frozenset({"time_zone", "quarantine", "objection_within"})
"""Statements about the whole system that only callers are told of; those of neither notice are for staff."""
_FOR_BOTH: Final = frozenset(
    {
        "tenant",
        "storage_regions",
        "legal_bases",
        "interest",
        "transfers",
        "automated_decisions",
        "processors",
        "testing",
    }
)
_OF_A_LINE_FOR_BOTH: Final = frozenset(
    {"line_new", "line_gone", "name", "record", "retention", "audio_retention", "transcription"}
)
"""What both notices say: whoever's own notice says another thing is told (tests hold the notices against this)."""


def facts_of(policy: Policy) -> dict[str, str]:
    """Everything a policy says, by ``line/LINE/KEY``, ``access/ROLE/PURPOSE/ARTEFACT`` and ``system/KEY``."""
    said = {f"system/{row.key}": row.says for row in explain(policy) if row.about == "system" and row.key != "version"}
    for line in policy.lines.values():
        said |= {f"line/{line.line}/{key}": value for key, value in _line_facts(line).items()}
    grants: dict[str, list[str]] = {}
    for grant in policy.access:
        for purpose in grant.purposes:
            for artefact in grant.artefacts:
                grants.setdefault(f"access/{grant.role}/{purpose}/{artefact}", []).append(grant_words(grant))
    return said | {key: " | ".join(sorted(words)) for key, words in grants.items()}


def told(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Told, ...]:
    """What is another, for callers first, line by line, then for staff."""
    lines, system, access = [list(of(old, new)) for of in (_lines, _system, _access)]
    return (
        *lines,
        *(one for one in system if one.subject in _FOR_CALLERS | _FOR_BOTH),
        *(one for one in access if _is_of_callers(one, old, new)),
        *(replace(one, about=STAFF) for one in lines if one.code in _OF_A_LINE_FOR_BOTH),
        *(replace(one, about=STAFF) for one in access),
        *(replace(one, about=STAFF) for one in system if one.subject not in _FOR_CALLERS),
    )


def _line_facts(line: LinePolicy) -> dict[str, str]:
    said = {
        "name": _stated(line.name),
        "retention": str(line.retention),
        "audio_retention": None if line.audio_retention is None else str(line.audio_retention),
        "record": f"{line.share.normalize():f}",
        "objection_to_recording": "honoured" if line.objection_honoured else "not-offered",
        "objection_unknown": line.when_unknown.value if line.objection_honoured else None,
        "wait": duration_words(line.wait) if line.wait else None,
        "transcription": "yes" if line.transcription else "no",
        "notice": line.notice.value,
        "to_object": _stated(line.to_object),
        "longer_for_stored": line.longer_for_stored,
    }
    return {key: value for key, value in said.items() if value is not None}


def _stated(said: tuple[tuple[str, str], ...]) -> str | None:
    return "; ".join(f"{language}: {words}" for language, words in said) or None


def _lines(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Told]:
    before, after = _by_line(old), _by_line(new)
    for line in sorted({*before, *after}):
        was, now = before.get(line), after.get(line)
        if now is None or was is None:
            kept = None if now is None else now.get("retention")
            yield Told(about=CALLERS, code="line_gone" if now is None else "line_new", subject=line, was=None, now=kept)
            continue
        for key in sorted({*was, *now}):
            if was.get(key) != now.get(key):
                yield Told(about=CALLERS, code=key, subject=line, was=was.get(key), now=now.get(key))


def _by_line(facts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    lines: dict[str, dict[str, str]] = {}
    for name, value in facts.items():
        kind, _, rest = name.partition("/")
        if kind == "line":
            line, _, key = rest.rpartition("/")
            lines.setdefault(line, {})[key] = value
    return lines


def _system(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Told]:
    for name in sorted({*old, *new}):
        kind, _, key = name.partition("/")
        if kind == "system" and old.get(name) != new.get(name):
            yield Told(about=CALLERS, code="statement", subject=key, was=old.get(name), now=new.get(name))


def _is_of_callers(one: Told, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Callers are told who uses calls for what, and on which lines; not which part of a recording is read."""
    return one.code == "access_narrowed" or not all(
        any(name.startswith(f"access/{one.subject}/") for name in facts) for facts in (old, new)
    )


def _access(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Told]:
    """One for each role, purpose and way in which it changed; `now` (or `was`, where it is lost) names what of a
    recording it is about."""
    changed: dict[tuple[str, str, str], list[str]] = {}
    for name in sorted({*old, *new}):
        if not name.startswith("access/") or old.get(name) == new.get(name):
            continue
        _, role, purpose, artefact = name.split("/")
        code = "access_lost" if name not in new else "access_new" if name not in old else "access_narrowed"
        changed.setdefault((role, purpose, code), []).append(artefact)
    for (role, purpose, code), artefacts in sorted(changed.items()):
        listed = ",".join(artefacts)
        lost = code == "access_lost"
        yield Told(
            about=CALLERS,
            code=code,
            subject=f"{role}/{purpose}",
            was=listed if lost else None,
            now=None if lost else listed,
        )
