"""``/api/v1/holds`` and ``/cases``: litigation cases, what they hold, and what happens before their court."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from callwarden.desks.procedure import tried
from callwarden.model.court import CourtKind, Party, Residence
from callwarden.model.criteria import Asked
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.procedure import CaseEvent, EventType, GivenUp, Instance
from callwarden.rules.cases import CaseDetails
from callwarden.rules.rights import Act
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.shapes import to_json
from callwarden.workers.shapes.cases import (
    case_row,
    case_shape,
    listed_case,
    placed_shape,
    placement_row,
    preview_shape,
    released_shape,
)
from callwarden.workers.shapes.evidence import custody_shape, disclosure_row
from callwarden.workers.shapes.procedure import case_standing_shape, due_row, reviewed_shape, standing_shape
from callwarden.workers.web import packs, paging
from callwarden.workers.web.answers import as_file, as_json
from callwarden.workers.web.asking import Asking, TheSystem, actor_of
from callwarden.workers.web.bodies import Body, Count, Day, Flag, Id, Name, Names, OptionalName, Text, example
from callwarden.workers.web.routes import does, own
from callwarden.workers.web.schemas import (
    COUNT,
    DAY,
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    answers,
    answers_with,
    many,
    maybe,
    page_of,
    thing,
)

of_cases = APIRouter(tags=["cases"])
of_recordings = APIRouter(prefix="/recordings", tags=["cases"])

_CASE = {"case": TEXT, "state": TEXT, "reason": maybe(TEXT), "people": many(TEXT), "opened_at": INSTANT}
_PREVIEW = thing(
    case=TEXT,
    count=COUNT,
    already_gone=many({"type": "object"}),
    oldest=maybe(INSTANT),
    newest=maybe(INSTANT),
    bytes=COUNT,
    share=NUMBER,
)
_PLACEMENT = thing(placement=TEXT, state=TEXT, criteria={"type": "object"}, once=FLAG, matched=COUNT, kept=COUNT)
_PLACED = thing(
    case=TEXT,
    held=many(TEXT),
    count=COUNT,
    gone=many(TEXT),
    unknown=many(TEXT),
    placement=maybe(TEXT),
    waiting_for_second_person=FLAG,
)
_STANDING = thing(
    exhausted_on=maybe(DAY),
    waiting_for=many(TEXT),
    ways=many(thing(party=TEXT, way=TEXT, last_day=maybe(DAY), article=TEXT)),
)


class PartyOf(Body):
    """A party under a word of yours, and not its name; where it resides; whether it appeared."""

    id: Name = Field(examples=["claimant"])
    residence: Residence
    collectivity: Name | None = Field(default=None, description="The number of a collectivity overseas.")
    appeared: Flag = True

    def party(self) -> Party:
        """As the desk takes it."""
        return Party(
            party_id=self.id.strip().lower(),
            residence=self.residence,
            collectivity=self.collectivity,
            appeared=self.appeared,
        )


class Details(Body):
    """What may be said of a case beside its name. What is left out stays as it is."""

    court: CourtKind | None = None
    seat: Name | None = Field(default=None, description="The department of the court, such as 75, 2A or 974.")
    parties: Annotated[list[PartyOf], Field(max_length=1000)] | None = None
    people: Names | None = Field(default=None, description="Whose case it is; nobody else of legal may see it.")
    responsible: Name | None = None

    def details(self, reason: str | None) -> CaseDetails:
        """As the desk takes them."""
        return CaseDetails(
            reason=None if reason is None else reason.strip(),
            court=self.court,
            seat=None if self.seat is None else self.seat.strip().upper(),
            parties=None if self.parties is None else tuple(each.party() for each in self.parties),
            people=None if self.people is None else tuple(_account(name) for name in self.people),
            responsible=None if self.responsible is None else _account(self.responsible),
        )


class NewCase(Details):
    """A case that is opened."""

    model_config = example(case="DOSSIER-2026-014", reason="claim after a burglary", court="civil", seat="79")

    case: Name = Field(examples=["DOSSIER-2026-014"])
    reason: Text = Field(description="Why: what the litigation is about.")


class EditedCase(Details):
    """What is said anew."""

    model_config = example(people=["bruno"])

    reason: Text | None = None


class AskedFor(Body):
    """Which recordings; what is given together all has to hold."""

    model_config = example(line="monitoring-centre", from_="2026-11-01", to="2026-11-20")

    recording: Names = ()
    call: Name | None = None
    caller: Name | None = Field(default=None, description="The caller's number.")
    customer: Name | None = None
    agent: Name | None = None
    line: Name | None = None
    label: Names = Field(default=(), description="``K=V``, every one of them.")
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")

    def asked(self) -> Asked:
        """As the desk takes it."""
        return Asked(
            recordings=tuple(self.recording),
            call=self.call,
            caller=self.caller,
            customer=self.customer,
            agent=self.agent,
            line=self.line,
            labels=tuple(self.label),
            first=self.first,
            last=self.last,
        )


class ToPlace(AskedFor):
    """The same, to be held from now on, later calls too; with `once` only what is there now."""

    model_config = example(recording=["rec-3f0c"])

    once: Flag = False
    justification: Text | None = Field(default=None, description="Why it may be more than one person may hold.")


class Happened(Body):
    """What has happened in a case."""

    model_config = example(event="decision", date="2026-11-20")

    event: EventType
    date: Day
    party: Name | None = None
    instance: Instance | None = None
    by: Name | None = Field(default=None, description="Notified, summons: which party had it served.")
    of: GivenUp | None = Field(default=None, description="Desisted: of the proceedings alone, or of the action.")
    last_instance: Flag = False


@of_cases.post("", status_code=201, responses=answers(thing(**_CASE), status=201))
@does(Act.HOLD_OPEN)
def open_case(new: NewCase, actor: Asking, system: TheSystem) -> Response:
    """Open a case."""
    opened = system.case_desk.open(actor, CaseId(new.case), reason=new.reason, details=new.details(None))
    return as_json(case_row(opened, whole=True), status=201)


@of_cases.get("", responses=answers(page_of(thing(**_CASE, recordings=many(TEXT), held=COUNT, waiting=COUNT))))
@does(Act.HOLD_LIST)
def list_cases(actor: Asking, system: TheSystem, cursor: paging.Cursor = None, limit: paging.Limit = 100) -> Response:
    """The cases that you may know of, with what each holds."""
    rows = [((each[0].case_id,), listed_case(*each)) for each in system.case_desk.listed(actor)]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit))


@of_cases.get("/due", responses=answers(page_of(thing(case=TEXT, due=TEXT, on=DAY, what=TEXT))))
@does(Act.HOLD_DUE)
def list_due(
    actor: Asking,
    system: TheSystem,
    *,
    days: Annotated[int, Query(ge=0, le=3660, description="Look so many days ahead.")] = 0,
) -> Response:
    """What is due of the open cases: ways exhausted, releases to confirm, cases nobody reviewed. Releases nothing."""
    found = system.procedure_desk.due(actor, within=timedelta(days=days))
    return as_json(paging.page_shape([due_row(each) for each in found]))


@of_cases.get("/calendar", responses=answers_with("text/calendar", says="References only."))
@does(Act.HOLD_CALENDAR)
def export_calendar(actor: Asking, system: TheSystem) -> Response:
    """The days of the open cases as a file calendars read."""
    return as_file(system.procedure_desk.calendar(actor), name="cases.ics", media_type="text/calendar")


@of_cases.get(
    "/disclosures",
    responses=answers(page_of(thing(disclosure=TEXT, case=TEXT, made_at=INSTANT, recipient=TEXT, basis=TEXT))),
)
@does(Act.HOLD_DISCLOSURES)
def list_disclosures(
    actor: Asking, system: TheSystem, case: OptionalName = None, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> Response:
    """What left for a court or the police: to whom, by which right. Of one case; else of all that are yours."""
    rows = [((one.disclosure_id,), disclosure_row(one)) for one in system.evidence_desk.disclosures(actor, case)]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit))


@of_cases.post("/procedure/try", responses=answers(_STANDING), dependencies=[Depends(actor_of)])
@own
def try_procedure(matter: dict[str, object], system: TheSystem) -> Response:
    """When every way of appeal would be exhausted, by a court, parties and events; keeps nothing."""
    today = system.clock.now().astimezone(system.policy.time_zone).date()
    standing = tried(to_json(matter), procedure=system.procedure, today=today)
    return as_json(standing_shape(standing, system.procedure.rules))


@of_cases.get("/{case}", responses=answers(thing(**_CASE, recordings=many(TEXT), placements=many({"type": "object"}))))
@does(Act.HOLD_SHOW)
def show_case(case: Id, actor: Asking, system: TheSystem) -> Response:
    """A case: what it says and said, what it holds, and the criteria it holds by."""
    return as_json(case_shape(system.case_desk.shown(actor, CaseId(case))))


@of_cases.patch("/{case}", responses=answers(thing(**_CASE)))
@does(Act.HOLD_EDIT)
def edit_case(case: Id, edited: EditedCase, actor: Asking, system: TheSystem) -> Response:
    """Change what an open case says. What it said before stays in its history."""
    found = system.case_desk.edit(actor, CaseId(case), edited.details(edited.reason))
    return as_json(case_row(found, whole=bool(found.reason)))


@of_cases.post("/{case}/preview", responses=answers(_PREVIEW))
@does(Act.HOLD_PREVIEW)
def preview_hold(case: Id, wanted: AskedFor, actor: Asking, system: TheSystem) -> Response:
    """Count what placing the same would hold."""
    return as_json(preview_shape(CaseId(case), system.placement_desk.preview(actor, CaseId(case), wanted.asked())))


@of_cases.post("/{case}/place", responses=answers(_PLACED))
@does(Act.HOLD_PLACE, Act.HOLD_PLACE_CRITERIA, Act.HOLD_PLACE_ASK, Act.HOLD_PLACE_CONFIRM)
def place_hold(case: Id, wanted: ToPlace, actor: Asking, system: TheSystem) -> Response:
    """Hold recordings for a case, from this moment on: those listed, or all that is like this, now and later."""
    asked = wanted.asked()
    if asked.recordings and asked == Asked(recordings=asked.recordings) and wanted.justification is None:
        placed = system.hold_desk.place(actor, CaseId(case), [RecordingId(name) for name in asked.recordings])
    else:
        placed = system.placement_desk.place(
            actor, CaseId(case), asked, once=wanted.once, justification=wanted.justification
        )
    send_outbox(system)
    return as_json(placed_shape(placed))


@of_cases.post(
    "/{case}/release",
    responses=answers(thing(case=TEXT, state=TEXT, waiting_for_second_person=FLAG, recordings=many(TEXT))),
)
@does(Act.HOLD_RELEASE_ASK, Act.HOLD_RELEASE_CONFIRM)
def release_case(case: Id, actor: Asking, system: TheSystem) -> Response:
    """Release a case: one person asks, a second confirms."""
    released = system.hold_desk.release(actor, CaseId(case))
    send_outbox(system)
    return as_json(released_shape(released))


@of_cases.post(
    "/{case}/withdraw",
    responses=answers(thing(case=TEXT, state=TEXT, waiting_for_second_person=FLAG, recordings=many(TEXT))),
)
@does(Act.HOLD_RELEASE_WITHDRAW)
def withdraw_release(case: Id, actor: Asking, system: TheSystem) -> Response:
    """Take back a proposed release: the case keeps what it holds."""
    return as_json(released_shape(system.hold_desk.withdraw(actor, CaseId(case))))


class EndedCriteria(Body):
    """The id of the criteria, as the case shows it."""

    placement: Id


@of_cases.post("/{case}/end-criteria", responses=answers(_PLACEMENT))
@does(Act.HOLD_END_CRITERIA)
def end_criteria(case: Id, ended: EndedCriteria, actor: Asking, system: TheSystem) -> Response:
    """Hold no later calls by these criteria; what is held stays held."""
    return as_json(placement_row(system.placement_desk.end(actor, CaseId(case), ended.placement)))


@of_cases.post("/{case}/review", responses=answers(thing(case=TEXT, review_on=maybe(DAY))))
@does(Act.HOLD_REVIEW)
def review_case(case: Id, actor: Asking, system: TheSystem) -> Response:
    """Write down that somebody has looked whether a case still has to hold what it holds."""
    return as_json(reviewed_shape(system.procedure_desk.review(actor, CaseId(case))))


@of_cases.get("/{case}/procedure", responses=answers(_STANDING))
@does(Act.HOLD_PROCEDURE_SHOW)
def show_procedure(case: Id, actor: Asking, system: TheSystem) -> Response:
    """What has happened in a case, and when every way of appeal is exhausted by it."""
    stands = system.procedure_desk.show(actor, CaseId(case))
    return as_json(case_standing_shape(stands, system.procedure.rules))


@of_cases.post("/{case}/procedure", status_code=201, responses=answers(_STANDING, status=201))
@does(Act.HOLD_PROCEDURE_ADD)
def enter_event(case: Id, happened: Happened, actor: Asking, system: TheSystem) -> Response:
    """Enter what has happened in a case; answers where the case stands by it."""
    event = CaseEvent(
        type=happened.event,
        on=happened.date,
        party=happened.party,
        instance=happened.instance,
        by=happened.by,
        last_instance=happened.last_instance,
        gives_up=happened.of,
    )
    stands = system.procedure_desk.enter(actor, CaseId(case), event)
    return as_json(case_standing_shape(stands, system.procedure.rules), status=201)


class WrongEvent(Body):
    """The number of the event, as the procedure shows it."""

    number: Count


@of_cases.post("/{case}/procedure/undo", responses=answers(_STANDING))
@does(Act.HOLD_PROCEDURE_UNDO)
def undo_event(case: Id, wrong: WrongEvent, actor: Asking, system: TheSystem) -> Response:
    """Enter that an event was wrong: it counts no more, and stays in the case with who entered it."""
    stands = system.procedure_desk.undo(actor, CaseId(case), wrong.number)
    return as_json(case_standing_shape(stands, system.procedure.rules))


@of_recordings.get(
    "/{rec}/custody",
    responses=answers(thing(recording_id=TEXT, unbroken=FLAG, objects=many({"type": "object"}))),
)
@does(Act.HOLD_CUSTODY)
def show_custody(rec: Id, actor: Asking, system: TheSystem) -> Response:
    """The chain of custody of a held recording: its digests from the telephone system's to today's, and every
    access."""
    return as_json(custody_shape(system.custody_desk.record(actor, RecordingId(rec))))


class ForWhom(Body):
    """Who gets it, and by which right; both make it a disclosure, in the access log before anything is read."""

    model_config = example(recipient="Tribunal judiciaire de Niort", basis="art. 145 CPC")

    recipient: Text | None = None
    basis: Text | None = None


@of_cases.post("/{case}/pack", responses=answers_with(packs.MEDIA_TYPE, says="The evidence pack, as an archive."))
@does(Act.HOLD_PACK, Act.HOLD_DISCLOSE)
def pack_evidence(case: Id, whom: ForWhom, actor: Asking, system: TheSystem) -> Response:
    """A case's evidence pack: originals, transcripts, digests, custody, certificates and log proofs, signed."""
    return packs.as_archive(
        lambda folder: system.evidence_desk.pack(
            actor,
            case,
            folder,
            recipient=whom.recipient,
            basis=whom.basis,
            wait_s=system.settings.checkpoint_every_s + 10,
        ),
        name="pack",
        digest=lambda packed: packed.digest,
    )


def _account(text: str) -> str:
    """The name, of ``legal:bruno`` too."""
    return text.strip().rpartition(":")[2]


router = APIRouter()
router.include_router(of_cases, prefix="/cases")
router.include_router(of_cases, prefix="/holds", include_in_schema=False)  # the same: commands say `hold`
router.include_router(of_recordings)
