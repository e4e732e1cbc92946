"""The log's vocabulary is what the product does: each word of it is written by something (U3, L1)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from callwarden.model.log_entry import Operation
from callwarden.rules.rights import RIGHTS, Act

ROOT = Path(__file__).parents[2]
READ_ONLY = (ast.Compare, ast.MatchValue, ast.Set, ast.Tuple)
"""Where an operation stands that somebody looks for."""


def named(vocabulary: str, *folders: str, besides: str) -> Iterator[str]:
    """Every member of this enumeration that the code names, other than to look for it."""
    for path in sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py")):
        if path.match(besides):
            continue
        nodes = list(ast.walk(ast.parse(path.read_text())))
        looked_for = {child for node in nodes if isinstance(node, READ_ONLY) for child in ast.iter_child_nodes(node)}
        for node in nodes:
            match node:
                case ast.Attribute(value=ast.Name(id=of), attr=member) if of == vocabulary and node not in looked_for:
                    yield member


WRITTEN = set(named("Operation", "pipeline", "workers", besides="rules/rights.py"))
PERFORMED = set(named("Act", "pipeline", "workers", besides="rules/rights.py"))


@pytest.mark.parametrize("operation", Operation, ids=str)
def test_something_writes_every_operation(operation: Operation) -> None:
    by_act = {act.name for act, right in RIGHTS.items() if right.entry is operation}
    assert operation.name in WRITTEN or by_act & PERFORMED, f"nothing writes {operation}"


@pytest.mark.parametrize("act", Act, ids=str)
def test_something_performs_every_act(act: Act) -> None:
    assert act.name in PERFORMED, f"nothing performs {act}"
