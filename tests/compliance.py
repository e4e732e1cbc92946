"""Writes docs/compliance.md: what is promised, where the code keeps it, which tests show it.

`python -m tests.compliance` renews the page. A test or a piece of code serves a promise when its docstring or a
comment names the promise's id. A promise listed here as kept that no test names fails `tests/test_compliance.py`.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.traps import TRAPS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "compliance.md"
_ID = re.compile(r"(?<![\w-])(?:R[1-5]|K[1-7]|U10|U[1-9]|D[1-7]|L[1-4]|I11|I10|I[1-9])(?![\w-])")

_HEAD = """\
# What is promised, where it is kept, what shows it

<!-- written by tests/compliance.py; renew with: python -m tests.compliance -->

Recorded calls are personal data of callers and of employees. Each promise below comes from the law or from what
companies publish about their recordings, and has an id that code and tests name; this page is written from those names.
It says which tests show a promise, not that a company keeps it: that also takes the right policy, people and
contracts.""".splitlines()

_INVARIANTS_HEAD = """\
## Invariants

What must hold at every moment, whatever fails. `callwarden reconcile` checks what can be checked from outside, and the
tests that kill workers end with it.""".splitlines()

PROMISES = {
    "R1": "which calls are recorded: all of a line, a part of them, or none",
    "R2": "live double-listening by a supervisor is written down under the same rules",
    "R3": "a caller may object: the call is not recorded, and what was recorded of it is dropped",
    "R4": "objection at any time, also to some uses only, while others go on",
    "R5": "a sample is decided at capture, by policy, reproducibly; never record all and delete half later",
    "K1": "customer-service recordings go six months after the call, with all that was derived from them",
    "K2": "monitoring-centre recordings are kept as long as their own line says",
    "K3": "longer only for litigation, until it ends and every way of appeal is exhausted",
    "K4": "backups live longer than recordings, and bring none of them back",
    "K5": "data stays in the European Economic Area",
    "K6": "an evaluation made from a recording may live a year; the recording may not",
    "K7": "months are calendar months from the end of the call, in the company's time zone",
    "U1": "seven purposes and no others, each with a legal basis",
    "U2": "only authorised people, each only what the task needs; operators reach no content",
    "U3": "every access is logged: who, when, what, for which purpose",
    "U4": "trainers get redacted transcripts and beeped audio, never the original",
    "U5": "AI experiments see redacted data only, and only of callers who did not object",
    "U6": "figures leave only in groups too large to point at a person",
    "U7": "no automated decision about a person",
    "U8": "tests use synthetic or anonymised data",
    "U9": "past the ordinary period a held recording opens to litigation alone",
    "U10": "disclosure to authorities is a recorded act",
    "D1": "information, access, rectification, erasure, objection, restriction, portability",
    "D2": "answered within 30 days; an extension is announced, with its reason, within the first month",
    "D3": "a refusal states its reason",
    "D4": "restriction: stored only; it blocks every use and the ordinary deletion",
    "D5": "an access copy masks third parties",
    "D6": "secrets and sensitive data spoken aloud are found and protected",
    "D7": "consultation dates and purposes can be given to the person; staff names are not",
    "L1": "the log holds author, time, operation and reference; no content; callers as pseudonyms",
    "L2": "the log is apart, append-only, time-stamped and signed; an alteration is seen",
    "L3": "the log is kept for its own period and expires without breaking the proofs",
    "L4": "the log has no other use",
}

INVARIANTS = {
    "I1": "events in = outcomes + on their way",
    "I2": "object versions and catalogue rows agree, both ways",
    "I3": "of an objecting caller no byte is left",
    "I4": "what is held stays, readable by legal, its digest unchanged",
    "I5": "past its period nothing is readable, and the next sweep removes it",
    "I6": "the log entry is durable before the first byte; bytes sent never exceed bytes logged",
    "I7": "every checkpoint agrees with every earlier one",
    "I8": "a reviewer gets no original, and nothing before its redaction is done",
    "I9": "a beeped file has the same frames, untouched outside its windows",
    "I10": "what was erased stays unreadable after an older backup is restored",
    "I11": "twice, or in any order, gives the same state",
}

NOT_BUILT = {
    "K6": "evaluations are not kept by the system yet",
    "U7": "no part decides about persons; nothing to build, and nothing tests it",
    "U10": "disclosures are not there yet",
    "L4": "a rule for people; the log's readers are limited by the policy",
}
"""Promises of parts that are not built, or not the system's to keep: what is missing."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an id is named: a file, and the test or definition inside it (empty: the file as a whole)."""

    path: str
    name: str


@cache
def named() -> dict[str, set[Place]]:
    """Every place in the product and the tests that names an id."""
    found: dict[str, set[Place]] = {one: set() for one in (*PROMISES, *INVARIANTS)}
    for folder in ("pipeline", "workers", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path == Path(__file__) or path.name in ("test_compliance.py", "traps.py"):
                continue
            for one, place in _ids(path):
                found[one].add(place)
    return found


def _ids(path: Path) -> Iterator[tuple[str, Place]]:
    text = path.read_text()
    if not _ID.search(text):
        return  # most have none, and to parse them all takes seconds
    relative = path.relative_to(ROOT).as_posix()
    tree = ast.parse(text)
    owners = [
        (node.lineno, node.end_lineno or node.lineno, node.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]

    def owner(line: int) -> str:
        inside = [(first, name) for first, last, name in owners if first <= line <= last]
        return max(inside)[1] if inside else ""

    for line, words in (*_comments(text), *_docstrings(tree)):
        for one in _ID.findall(words):
            yield one, Place(relative, owner(line))


def _comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def is_test(place: Place) -> bool:
    """Whether a place is a test, or a file of tests as a whole."""
    return Path(place.path).name.startswith("test_") and (not place.name or place.name.startswith("test_"))


def page() -> str:
    """docs/compliance.md."""
    places = named()
    lines = [*_HEAD, "", "## Promises", "", "| id | promise | in the code | shown by |", "|---|---|---|---|"]
    kept = [one for one in PROMISES if one not in NOT_BUILT]
    lines += [_row(one, PROMISES[one], places[one]) for one in kept]
    lines += [
        "",
        "## Not built yet, or not the system's to keep",
        "",
        "| id | promise | state |",
        "|---|---|---|",
        *(f"| {one} | {PROMISES[one]} | {reason} |" for one, reason in NOT_BUILT.items()),
        "",
        *_INVARIANTS_HEAD,
        "",
        "| id | invariant | in the code | shown by |",
        "|---|---|---|---|",
        *(_row(one, text, places[one]) for one, text in INVARIANTS.items()),
        "",
        "## What is easily got wrong",
        "",
        "| about | what is so here | shown by |",
        "|---|---|---|",
        *(f"| {about} | {says} | {_tests(shown)} |" for about, traps in TRAPS.items() for says, shown in traps.items()),
    ]
    return "\n".join(lines) + "\n"


def _row(one: str, promise: str, places: set[Place]) -> str:
    code = sorted({place.path for place in places if not place.path.startswith("tests/")})
    tests = sorted({place.path for place in places if is_test(place)})
    return f"| {one} | {promise} | {_links(code)} | {_links(tests)} |"


def _tests(shown: tuple[str, ...]) -> str:
    named = [one.partition("::") for one in shown]
    return "<br>".join(f"[{name}](../tests/{path})" for path, _, name in named)


def _links(paths: list[str]) -> str:
    return "<br>".join(f"[{path}](../{path})" for path in paths)


if __name__ == "__main__":
    PAGE.write_text(page())
