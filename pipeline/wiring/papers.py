"""What papers take from a system: how long evaluations are kept, and what writes a spreadsheet."""

from callwarden.adapters.policy.grid_file import load_grid
from callwarden.model.paper import Paper
from callwarden.model.period import CalendarPeriod
from callwarden.settings import Settings
from callwarden.shipped import shipped_config


def evaluations_kept(settings: Settings) -> CalendarPeriod:
    """Raises ConfigurationError naming file, line and field."""
    return load_grid(settings.evaluation or shipped_config() / "evaluation.yaml").kept


def as_sheets(paper: Paper) -> bytes:
    """A paper as a spreadsheet; what writes it takes a second to load, so only who asks for one waits."""
    from callwarden.adapters import spreadsheets

    return spreadsheets.as_sheets(paper)
