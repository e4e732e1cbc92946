"""People who log in, without their passwords."""

from callwarden.model.person import Person
from callwarden.workers.shapes import Row


def person_row(person: Person) -> Row:
    """Who may log in, as what, and since when."""
    return {
        "person_id": person.person_id,
        "name": person.name,
        "role": person.role,
        "lines": None if person.lines is None else sorted(person.lines),
        "agents": None if person.agents is None else sorted(person.agents),
        "own_agent_id": person.agent_id,
        "logs_in_with": "password" if person.password is not None else None if person.removed_at else "provider",
        "added_at": person.added_at,
        "changed_at": person.changed_at,
        "removed_at": person.removed_at,
    }
