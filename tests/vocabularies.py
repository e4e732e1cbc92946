"""`python -m tests.vocabularies` renews what follows from the closed vocabularies: config/topics/*.schema.json,
config/webhooks/notice.schema.json, and the words in docs/policy.md. Tests say when something is out of date."""

import re
from collections.abc import Iterable
from pathlib import Path

from callwarden.model.access import MACHINES, Readable, Role
from callwarden.model.purpose import Purpose
from tests.topic_schemas import FOLDER, NOTICE, notice_schema, schemas, text

POLICY_PAGE = Path(__file__).parents[1] / "docs" / "policy.md"


def renewed_page(page: str) -> str:
    """docs/policy.md with the words as they are."""
    people = [role for role in Role if role not in MACHINES]
    machines = [role for role in Role if role in MACHINES]
    roles = f"{_joined(people, 'or')}; and the machines {_joined(machines, 'and')}, which no person can be given."
    for key, says in (
        ("role", roles),
        ("purposes", f"Any of {_listed(Purpose)}."),
        ("artefacts", f"Any of {_listed(Readable)}."),
    ):
        page = re.sub(rf"^\| `{key}` \| .* \|$", f"| `{key}` | {says} |", page, count=1, flags=re.MULTILINE)
    return page


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _joined(words: Iterable[str], joined: str) -> str:
    *others, last = words
    return f"{_listed(others)} {joined} `{last}`"


if __name__ == "__main__":
    for topic, schema in schemas().items():
        (FOLDER / f"{topic}.schema.json").write_text(text(schema), encoding="utf-8")
    NOTICE.write_text(text(notice_schema()), encoding="utf-8")
    POLICY_PAGE.write_text(renewed_page(POLICY_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
