"""What papers take from a system: how long evaluations are kept, and when what the policy says came into force."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from callwarden.adapters.policy.grid_file import load_grid
from callwarden.model.ids import PolicyVersion
from callwarden.model.paper import Change, Paper
from callwarden.model.period import CalendarPeriod
from callwarden.settings import Settings
from callwarden.shipped import shipped_config
from callwarden.steps.policy_in_force import PolicyNote


def evaluations_kept(settings: Settings) -> CalendarPeriod:
    """Raises ConfigurationError naming file, line and field."""
    return load_grid(settings.evaluation or shipped_config() / "evaluation.yaml").kept


def changes_of(notes: Sequence[PolicyNote], version: PolicyVersion, zone: ZoneInfo) -> tuple[Change, ...]:
    """The changes that led to the policy in force, the newest first; none where it is not this one."""
    if not notes or notes[0].version != version:
        return ()
    return tuple(
        Change(
            day=None if note.since is None else note.since.astimezone(zone).date(),
            changed=frozenset(one.code for one in note.changes),
            brought=frozenset(one.code for one in note.changes if one.was is None),
        )
        for note in notes
    )


def as_sheets(paper: Paper) -> bytes:
    """A paper as a spreadsheet; what writes it takes a second to load, so only who asks for one waits."""
    from callwarden.adapters import spreadsheets

    return spreadsheets.as_sheets(paper)
