"""Which groups are too small, or one person's, is what the package `acro` of UK trusted research environments says."""

import logging
import random
from collections.abc import Iterator, Sequence

import pytest

from callwarden.model.figure import Cell, Contribution, TeamId, Week
from callwarden.model.ids import LineId, Pseudonym
from callwarden.model.policy import FigureMinimums
from callwarden.rules.figures.tally import Group
from tests.rules.figures.test_publishing import FIRST

MINIMUMS = FigureMinimums()
WEEKS = [FIRST.after(each) for each in range(6)]
LINES = [LineId(f"line-{each}") for each in range(5)]

Counted = dict[tuple[LineId, Week], Sequence[Contribution]]


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    logging.getLogger("acro").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("acro").setLevel(logging.NOTSET)


def _calls(drawn: random.Random) -> Counted:
    """Around every bound: ten to twelve callers, two to four employees, and somebody who talks nearly all the time."""
    found: Counted = {}
    for line in LINES:
        for week in WEEKS:
            callers, employees = drawn.choice((2, 10, 11, 12, 30)), drawn.choice((2, 3, 4))
            longest = drawn.choice((60, 60, 2_000, 200_000))
            found[line, week] = [
                Contribution(
                    caller=Pseudonym(f"c{each}"),
                    employee=f"e{each % employees}",
                    amounts={"talk_s": drawn.randrange(1, 60) if each else longest},
                )
                for each in range(callers)
            ]
    return found


def _withheld(calls: Counted, who: str, least: int) -> set[tuple[LineId, Week]]:
    """What acro withholds of a table to which each person contributes once to a cell."""
    import acro
    import pandas as pd

    rows = [
        {"line": line, "week": str(week), "who": getattr(one, who), "talk_s": one.amounts["talk_s"]}
        for (line, week), each in calls.items()
        for one in each
    ]
    data = pd.DataFrame(rows).groupby(["line", "week", "who"], as_index=False)["talk_s"].sum()
    session = acro.ACRO(suppress=True)
    session.sdc_checks.risk_appetite.update(
        safe_threshold=least, safe_nk_n=1, safe_nk_k=float(MINIMUMS.share), safe_pratio_p=0
    )
    table = session.crosstab(data.line, data.week, values=data.talk_s, aggfunc="sum")
    return {(line, week) for line, week in calls if not table.notna().at[str(line), str(week)]}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_withheld_by_itself_is_what_acro_withholds(seed: int) -> None:
    calls = _calls(random.Random(seed))
    ours = {
        (line, week)
        for (line, week), each in calls.items()
        if not Group([Cell(line=line, team=TeamId(""), week=week, contributions=each)]).may_be_told(MINIMUMS)
    }
    theirs = _withheld(calls, "caller", MINIMUMS.callers) | _withheld(calls, "employee", MINIMUMS.employees)
    assert ours == theirs
    assert 0 < len(ours) < len(calls)
