"""`callwarden hold open|edit|show|list`: litigation cases, and who may see them."""

from collections.abc import Mapping
from typing import Annotated, Final, cast

import typer

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.court import OVERSEAS, CourtKind, Party, Residence
from callwarden.model.ids import CaseId
from callwarden.rules.cases import CaseDetails
from callwarden.workers.cli.actor import account_option, signed_in
from callwarden.workers.cli.output import JsonOption, Row, print_list, print_thing, say, warn_of_altered
from callwarden.workers.shapes.cases import case_row, case_shape, listed_case

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="The case's name, such as DOSSIER-2026-014.")]
LegalOption = Annotated[Actor, account_option(Role.LEGAL)]
CourtOption = Annotated[CourtKind | None, typer.Option(help="What kind of court it is before.")]
SeatOption = Annotated[
    str | None, typer.Option(metavar="DEPARTMENT", help="The department of the court, such as 75, 2A or 974.")
]
PartyOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORD=RESIDENCE",
        help=f"A party, under a word of yours and not its name, and where it resides: {', '.join(Residence)}, or the "
        "number of a collectivity overseas; with ,absent where it did not appear. May be repeated. On edit, these take "
        "the place of all.",
    ),
]
PeopleOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,…",
        help="Whose case it is, beside yours: nobody else of legal may see it. Left out: everybody of legal.",
    ),
]
ResponsibleOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who answers for it; whoever opened it, where left out.")
]

_LISTS: Final = frozenset({"recordings", "not_fast", "refused", "history", "placements"})


def open_command(
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="Why: what the litigation is about.")],
    actor: LegalOption,
    court: CourtOption = None,
    seat: SeatOption = None,
    party: PartyOption = None,
    people: PeopleOption = None,
    responsible: ResponsibleOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Open a case."""
    details = _details(None, court, seat, party, people, responsible)
    with signed_in(actor, make=True) as (system, asking):
        opened = system.case_desk.open(asking, CaseId(case), reason=reason, details=details)
    print_thing(case_row(opened, whole=True), as_json=as_json)


def edit_command(
    case: CaseArgument,
    actor: LegalOption,
    reason: Annotated[str | None, typer.Option(help="Why: what the litigation is about.")] = None,
    court: CourtOption = None,
    seat: SeatOption = None,
    party: PartyOption = None,
    people: PeopleOption = None,
    responsible: ResponsibleOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Change what an open case says. What it said before stays in its history."""
    details = _details(reason, court, seat, party, people, responsible)
    with signed_in(actor) as (system, asking):
        edited = system.case_desk.edit(asking, CaseId(case), details)
    print_thing(case_row(edited, whole=bool(edited.reason)), as_json=as_json)


def show_command(case: CaseArgument, actor: LegalOption, *, as_json: JsonOption = False) -> None:
    """Show a case: what it says and said, what it holds, and the criteria it holds by."""
    with signed_in(actor, reading=True) as (system, asking):
        shown = system.case_desk.shown(asking, CaseId(case))
    thing = case_shape(shown)
    if as_json:
        print_thing(thing, as_json=True)
        return
    history, placements = _rows(thing, "history"), _rows(thing, "placements")
    refused, not_fast = _rows(thing, "refused"), _rows(thing, "not_fast")
    print_thing({key: value for key, value in thing.items() if key not in _LISTS}, as_json=False)
    if not_fast:
        title = (
            "Held, and their flags still to be set on what was stored since: by the next callwarden drain, or worker"
        )
        print_list(not_fast, columns=("recording_id", "objects"), as_json=False, title=title)
    if refused:
        faults = ("recording_id", "object", "version", "error", "tries", "again_at")
        print_list(refused, columns=faults, as_json=False, title="Not fast yet: the vault refused")
    if placements:
        columns = (
            "placement",
            "state",
            "criteria",
            "once",
            "matched",
            "kept",
            "placed_by",
            "placed_at",
            "confirmed_by",
        )
        print_list(placements, columns=columns, as_json=False, title="Holds by")
    if history:
        print_list(history, columns=("at", "by", "field", "before", "after"), as_json=False, title="History")


def list_command(actor: LegalOption, *, as_json: JsonOption = False) -> None:
    """List the cases that you may know of, with what each holds."""
    with signed_in(actor, reading=True) as (system, asking):
        cases = system.case_desk.listed(asking)
    rows = [listed_case(*each) for each in cases]
    columns = ("case", "state", "reason", "opened_at", "held", "fast_in_vault", "waiting", "altered")
    print_list(rows, columns=columns, as_json=as_json, title="Cases", empty="No case has been opened.")
    warn_of_altered(rows)
    if any(waiting for _, _, waiting in cases):
        say(
            "What is waiting is not held yet: a second person has to ask for the same (callwarden hold show CASE).",
            as_json=as_json,
        )


def _rows(thing: Mapping[str, object], name: str) -> list[Row]:
    return cast("list[Row]", thing[name])


def _details(
    reason: str | None,
    court: CourtKind | None,
    seat: str | None,
    party: list[str] | None,
    people: str | None,
    responsible: str | None,
) -> CaseDetails:
    return CaseDetails(
        reason=None if reason is None else reason.strip(),
        court=court,
        seat=None if seat is None else seat.strip().upper(),
        parties=None if party is None else tuple(_party(text) for text in party if text.strip()),
        people=None if people is None else tuple(_account(name) for name in people.split(",") if name.strip()),
        responsible=None if responsible is None else _account(responsible),
    )


def _party(text: str) -> Party:
    word, equals, said = text.partition("=")
    where, comma, absent = (part.strip() for part in said.partition(","))
    known = {each.value: each for each in Residence} | dict.fromkeys(OVERSEAS, Residence.OVERSEAS)
    if not equals or where not in known or absent != ("absent" if comma else ""):
        raise UsageError(
            f"a party is a word and a residence, such as claimant={Residence.OVERSEAS}, claimant=974 or "
            f"claimant={Residence.METROPOLE},absent, and not {text!r}"
        )
    return Party(
        party_id=word.strip().lower(),
        residence=known[where],
        collectivity=where if where in OVERSEAS else None,
        appeared=not absent,
    )


def _account(text: str) -> str:
    """The name, of ``legal:bruno`` too."""
    return text.strip().rpartition(":")[2]
