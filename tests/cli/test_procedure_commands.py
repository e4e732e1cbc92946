"""`callwarden hold procedure`: a case's procedure from a file, and what is refused by the name of its field (K3)."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from callwarden.shipped import shipped_config
from callwarden.workers.cli import run

P1 = {"id": "p1", "residence": "metropole"}
DECIDED = {"type": "decision", "date": "2026-03-02"}
NOTIFIED = {"type": "notified", "date": "2026-03-09", "party": "p1"}


@pytest.fixture(autouse=True)
def _away_from_any_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_NOW", "2026-11-27T08:00:00Z")


def tried(*events: object, parties: object = (P1,), kind: str = "civil", seat: object = "75") -> int:
    matter = {"court": {"kind": kind, "seat": seat}, "parties": parties, "events": events}
    Path("case.json").write_text(json.dumps(matter), encoding="utf-8")
    return run(["hold", "procedure", "try", "case.json", "--json", "--as", "legal:bruno"])


def test_a_case_is_computed_where_there_is_no_system_and_nothing_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert tried(DECIDED, NOTIFIED) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["exhausted_on"] == "2026-04-09"
    assert answer["waiting_for"] == []
    way = {"party": "p1", "way": "appeal", "last_day": "2026-04-09", "article": "CPC 538"}
    assert [way] == [{key: each[key] for key in way} for each in answer["ways"]]
    assert answer["periods"]["confirmed_by_lawyer"] is None
    assert "No lawyer has confirmed" in answer["note"]
    assert "legifrance" in answer["sources"]["CPC"]
    assert {path.name for path in Path().iterdir()} == {"case.json"}


def test_what_is_not_known_yet_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    appealed = {"type": "appealed", "date": "2026-03-12", "party": "p1"}
    assert tried(DECIDED, NOTIFIED, appealed) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["exhausted_on"] is None
    assert answer["waiting_for"] == ["the decision on the appeal of 2026-03-12 by p1"]


def test_a_file_of_periods_of_ones_own_is_used_checked_and_said_to_be_confirmed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLWARDEN_PROCEDURE", "mine.yaml")
    text = (shipped_config() / "procedure.yaml").read_text().replace("confirmed: nobody", "confirmed: Me Exemple")
    Path("mine.yaml").write_text(text.replace("period: P1M, from", "period: P15D, from", 1))
    assert tried(DECIDED, NOTIFIED) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["exhausted_on"], answer["periods"]["confirmed_by_lawyer"]) == ("2026-03-24", "Me Exemple")
    assert run(["policy", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["procedure"]["confirmed_by_lawyer"] == "Me Exemple"
    Path("mine.yaml").write_text(text.replace("article: CPC 538", "artikel: CPC 538", 1))
    assert run(["policy", "check", "--json"]) == 1
    assert "mine.yaml, line 27: kinds.civil.appeal.artikel" in json.loads(capsys.readouterr().err)["error"]["message"]
    assert run(["doctor", "--json"]) == 1
    [row] = [each for each in json.loads(capsys.readouterr().out)["checks"] if each["part"] == "procedure"]
    assert not row["works"]
    assert "artikel" in row["what"]


@pytest.mark.parametrize(
    ("seat", "last_day"), [("75", "2026-04-03"), ("57", "2026-04-07"), ("67", "2026-04-07"), (68, "2026-04-07")]
)
def test_good_friday_is_a_holiday_in_moselle_and_alsace(
    seat: object, last_day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tried(DECIDED, NOTIFIED | {"date": "2026-03-03"}, seat=seat) == 0
    assert json.loads(capsys.readouterr().out)["exhausted_on"] == last_day


def case(says: str, *events: object, **others: Any) -> Any:
    return pytest.param(events, others, says, id=says[:50])


@pytest.mark.parametrize(
    ("events", "others", "says"),
    [
        case("events[0].date: '2026-02-30' is no day of the calendar", DECIDED | {"date": "2026-02-30"}),
        case("events[0].date: '20260302' is no day", DECIDED | {"date": "20260302"}),
        case("events[0].date: 2099-03-02 is in the future", DECIDED | {"date": "2099-03-02"}),
        case(
            "events[0].date: 2026-03-01 is before the decision of 2026-03-02",
            NOTIFIED | {"date": "2026-03-01"},
            DECIDED,
        ),
        case(
            "events[1].date: 2026-03-02 is before the summons of 2026-05-01",
            {"type": "summons", "date": "2026-05-01"},
            DECIDED,
        ),
        case("events[1].type: decision of 2026-03-02 is entered twice", DECIDED, DECIDED),
        case(
            "events[2].party: the decision of 2026-03-02 is notified to p1 already",
            DECIDED,
            NOTIFIED,
            NOTIFIED | {"date": "2026-04-01"},
        ),
        case("events[1].party: p9 is none of the parties of the case: p1", DECIDED, NOTIFIED | {"party": "p9"}),
        case("events[0].type: is 'judged'; it must be one of summons, decision", DECIDED | {"type": "judged"}),
        case("events[0].type: there is no decision yet", NOTIFIED),
        case("events[1].type: no cassation was lodged", DECIDED, {"type": "rejected", "date": "2026-03-09"}),
        case(
            "events[1].instance: there is no decision of the instance appeal",
            DECIDED,
            NOTIFIED | {"instance": "appeal"},
        ),
        case("events[1].instance: the decision of first instance was made", DECIDED, DECIDED | {"date": "2026-04-02"}),
        case("events[0]: knows no when", DECIDED | {"when": "now"}),
        case("events[0].type: periods run from the pronouncement in criminal", DECIDED | {"type": "pronounced"}),
        case("events[0].of: only a desistment gives up", DECIDED | {"of": "action"}),
        case("events[0].of: is 'case'", DECIDED | {"of": "case"}),
        case("court.seat: '99' is no department", DECIDED, seat="99"),
        case("court.kind: is 'martial'", DECIDED, kind="martial"),
        case("parties[0].residence: is 'moon'", DECIDED, parties=[P1 | {"residence": "moon"}]),
        case("parties[1].id: p1 is named twice", DECIDED, parties=[P1, P1]),
        case("parties: must be a list", DECIDED, parties="p1"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(
    events: tuple[object, ...], others: dict[str, Any], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tried(*events, **others) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert says in json.loads(errors)["error"]["message"]


@pytest.mark.parametrize("text", ["", "null", "[" * 100_000, '{"court": NaN}', "\x00"], ids=lambda text: text[:9])
def test_a_file_that_is_no_case_is_refused_with_an_example_of_one(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("case.json").write_text(text, encoding="utf-8")
    assert run(["hold", "procedure", "try", "case.json", "--json"]) == 2
    assert '"parties":[{"id":"p1"' in json.loads(capsys.readouterr().err)["error"]["message"]


def test_a_case_is_followed_from_its_summons_to_its_calendar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLWARDEN_HOME", "home")

    def does(command: str) -> Any:
        assert run([*shlex.split(command), "--as", "legal:bruno", "--json"]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    does(
        "hold open DOSSIER-2026-014 --reason dispute --court civil --seat 974 "
        "--party Claimant=974 --party insurer=metropole --party p3=abroad,absent"
    )
    does("hold procedure add DOSSIER-2026-014 --event decision --date 2026-03-02")
    said = does("hold procedure add DOSSIER-2026-014 --event notified --date 2026-03-09 --by insurer --party CLAIMANT")
    assert said["exhausted_on"] is None
    assert said["waiting_for"] == ["the notification of the decision of 2026-03-02 to p3"]
    assert [(way["party"], way["last_day"], way["distance"]) for way in said["ways"]] == [
        ("claimant", "2026-04-09", ""),
        ("insurer", "2026-05-11", "CPC 644"),
    ]
    does("hold procedure add DOSSIER-2026-014 --event notified --date 2026-03-10 --party p3")
    does("hold procedure undo DOSSIER-2026-014 2")
    shown = does("hold procedure show dossier-2026-014")
    assert [(each["type"], each["counts"], each["undoes"]) for each in shown["events"]][1:] == [
        ("notified", False, None),
        ("notified", True, None),
        ("undone", False, 2),
    ]
    assert shown["exhausted_on"] == "2028-03-02", "two years from the decision for who appeared (CPC 528-1)"
    assert does("hold due") == []
    assert [(each["due"], each["on"]) for each in does("hold due --days 800")] == [
        ("review", "2027-02-27"),
        ("ends", "2028-03-02"),
    ]
    for _ in range(2):  # whoever subscribes finds it renewed in its place
        assert does("hold calendar -o feed.ics")["bytes"] == Path("feed.ics").stat().st_size
    assert {path.name for path in Path().iterdir()} == {"home", "feed.ics"}
    Path("notes.txt").write_text("not a calendar")
    with pytest.raises(AssertionError, match="is no calendar"):
        does("hold calendar -o notes.txt")
    assert Path("notes.txt").read_text() == "not a calendar"
