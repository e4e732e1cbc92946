"""What a redaction was made with: when rules, vocabularies or models change, what was redacted is done again."""

import ast
import hashlib
from functools import lru_cache
from pathlib import Path

from callwarden.model.redaction import RedactionPolicy
from callwarden.redaction.lexicon import read_sections

_HOUSE = Path(__file__).parent
_NO_RULES = frozenset({"__init__.py", "evaluate.py", "gold.py", "policy_file.py", "version.py"})
"""Modules that change nothing about what is found."""


@lru_cache(maxsize=4)
def recognisers_version(house: Path = _HOUSE) -> str:
    """Twelve hexadecimal digits over every rule and vocabulary; comments, docstrings and layout do not count."""
    digest = hashlib.sha256()
    for path in sorted(house.rglob("*")):
        if not path.is_file() or path.name in _NO_RULES or "__pycache__" in path.parts:
            continue
        digest.update(path.relative_to(house).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() if path.suffix == ".weights" else meaning(path.suffix, path.read_text("utf-8")))
    return digest.hexdigest()[:12]


def redaction_version(policy: RedactionPolicy) -> str:
    """What a redaction record carries: the policy's version and the recognisers', such as ``1+5f0c2a9d71e4``. The
    latter includes the policy's level, its learned reader, and the models and further recognisers it names."""
    named = repr((sorted(policy.models), policy.also, policy.level.value, policy.learned)).encode()
    both = hashlib.sha256(recognisers_version().encode() + named).hexdigest()[:12]
    return f"{policy.version}+{both}"


def meaning(suffix: str, text: str) -> bytes:
    """A module or vocabulary without what only readers see."""
    if suffix == ".txt":
        return repr([(name, kind, *lines) for name, (kind, lines) in read_sections(text).items()]).encode()
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_text(one)]  # type: ignore[attr-defined]  # any node with a body
    return ast.dump(tree).encode()


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
