"""No page is in two languages: what desks and rules say of a mistake has French words; what has none is not shown."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import callwarden
from callwarden.workers.web.portal.sentences import found_in, retold
from callwarden.workers.web.portal.why import AWAITED, USAGE

ROOT = Path(callwarden.__file__).parent
NO_PAGE = (
    *("accesslog/", "adapters/", "desks/keys.py", "desks/log_beginning.py", "desks/tokens.py"),
    *("evidence/", "model/matter_reading.py", "rules/ranges.py", "wiring/", "workers/cli", "workers/web/api"),
    *("workers/web/bodies.py", "workers/demo", "desks/papers.py", "workers/shapes/papers.py"),
)
"""What only commands and the API reach: see tests/web/test_rights_of_routes.py."""
PASSED_ON = {"{}{}: {}", "events[{}].{}: {}", "{}, of {} characters at most"}
"""Sentences whose words are another's."""


KNOWN_PARTS = {
    "said": "the desistment of 2026-03-02 by p1",
    "lacks": "p1 did not begin it",
    "missing": "the notification of the decision of 2026-03-02 to p1",
    "'appeal' if lodged.type is EventType.APPEALED else 'cassation'": "appeal",
}


def _text(node: ast.expr, parts: Mapping[str, str] = {}) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(
                str(each.value) if isinstance(each, ast.Constant) else parts.get(ast.unparse(each.value), "{}")
                for each in values
                if isinstance(each, ast.Constant | ast.FormattedValue)
            )
    return None


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(ROOT.rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith(NO_PAGE):
            yield name, ast.parse(file.read_text())


def _said() -> Iterator[tuple[str, str]]:
    for name, module in _modules():
        for node in ast.walk(module):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", None)
            at = {"UsageError": 0, "free_text": 1}.get(called or "")
            if at is not None and len(node.args) > at and (text := _text(node.args[at])) is not None:
                yield f"{name}:{node.lineno}", text


def test_whatever_a_page_can_be_told_of_a_mistake_has_words_of_its_own() -> None:
    said = [(where, text) for where, text in _said() if text not in PASSED_ON]
    assert len(said) > 60
    assert [each for each in said if found_in(each[1], USAGE) is None] == []


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("rules/procedure_checks.py", USAGE),
        ("rules/procedure.py", AWAITED),
        ("rules/appeal_ways.py", AWAITED),
        ("rules/desistments.py", AWAITED),
    ],
)
def test_so_has_what_a_procedure_finds_wrong_or_waits_for(module: str, words: dict[str, str]) -> None:
    tree = ast.parse((ROOT / module).read_text())
    described = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and isinstance(node.body[0], ast.Expr)
    }
    within = {id(each) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for each in node.values}
    texts = [
        re.sub(r"\{\}", "x", text)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        and id(node) not in described | within
        and (text := _text(node, KNOWN_PARTS)) is not None
        and text.count(" ") > 3
        and not text.startswith(("the desistment of {}", "the claimant is not known", "{} did not begin it"))
    ]
    assert texts
    assert [text for text in texts if retold(text, words, translated=str, shown=str) is None] == []


def test_a_sentence_keeps_its_values_and_its_parts() -> None:
    told = retold(
        "the notification of the decision of 2026-03-02 to claimant; if there is none, its ways end on 2028-03-02 "
        "(CPC 528-1)",
        AWAITED,
        translated=str.upper,
        shown=lambda value: value.replace("-", "/"),
    )
    assert told == (
        "THE NOTIFICATION OF THE DECISION OF 2026/03/02 TO claimant; "
        "IF THERE IS NONE, ITS WAYS END ON 2028/03/02 (CPC 528/1)"
    )


def test_of_a_sentence_of_which_any_part_has_no_words_nothing_is_told() -> None:
    part = "the notification of the decision of 2026-03-02 to claimant"
    assert retold(f"{part}; something of which nobody knew", AWAITED, translated=str, shown=str) is None
    assert retold("", AWAITED, translated=str, shown=str) is None
