"""``/api/v1/experiments``: what AI experiments may take, for how long, and who has approved it."""

from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from callwarden.errors import UsageError
from callwarden.model.experiment import Carried, ExportId, Wish
from callwarden.model.ids import LineId
from callwarden.rules.experiments import LARGEST_SEED, LEAST_K, MOST_K, MOST_SAMPLED, carries_of
from callwarden.rules.free_text import LONGEST
from callwarden.rules.rights import Act
from callwarden.workers.shapes.experiments import (
    built_shape,
    experiment_shape,
    listed_experiment_shape,
    preview_shape,
    shown_experiment_shape,
    standing_shape,
)
from callwarden.workers.web import packs, paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Body, Day, Flag, Id, Name, example
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import (
    COUNT,
    FLAG,
    INSTANT,
    TEXT,
    answers,
    answers_with,
    many,
    maybe,
    one_of,
    page_of,
    thing,
)

router = APIRouter(tags=["experiments"])

_EXPERIMENT = thing(
    experiment=TEXT,
    experiment_id=TEXT,
    state=one_of("draft", "approved", "built", "closed", "ended"),
    purpose=TEXT,
    hypothesis=maybe(TEXT),
    owner=TEXT,
    dpia=maybe(TEXT),
    line=TEXT,
    labels=many(TEXT),
    sample=maybe(COUNT),
    seed=maybe(COUNT),
    carries=many(one_of(*Carried)),
    k=COUNT,
    with_agents=FLAG,
    until=TEXT,
    ends_at=INSTANT,
    opened_at=INSTANT,
    approved_by=maybe(TEXT),
    approved_at=maybe(INSTANT),
    generation=COUNT,
    over_at=maybe(INSTANT),
    cleared_at=maybe(INSTANT),
)
_BUILT = thing(experiment=TEXT, state=one_of("built"), generation=COUNT, included=COUNT, new=COUNT, renewed=COUNT)
_PREVIEW = thing(
    count=maybe(COUNT),
    eligible=maybe(COUNT),
    matched=maybe(COUNT),
    oldest=maybe(INSTANT),
    newest=maybe(INSTANT),
    fewer_than=maybe(COUNT),
)

_STANDING = thing(
    export=TEXT,
    generation=COUNT,
    made_at=INSTANT,
    manifest_sha256=TEXT,
    items=COUNT,
    to_take_out=COUNT,
    acknowledged_at=maybe(INSTANT),
)
_LIST = thing(statement={"type": "object"}, key=TEXT, signature=TEXT)

LONGEST_CERTIFICATE: Final = 10_000_000
Words = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class NewExperiment(Body):
    """What is asked for. Days are the policy's, ``from`` and ``to`` included; ``carries`` has ``text`` at least."""

    model_config = example(
        name="silences-2026",
        purpose="Mesurer les silences",
        owner="ada",
        line="customer-service",
        from_="2026-10-01",
        to="2026-10-31",
        until="2027-01-31",
        carries=["text", "metadata"],
        sample=100,
        seed=7,
    )

    name: Name
    purpose: Words
    owner: Name
    line: Name
    from_: Annotated[Day, Field(alias="from")]
    to: Day
    until: Day
    carries: Annotated[tuple[Name, ...], Field(min_length=1, max_length=len(Carried))]
    sample: Annotated[int | None, Field(strict=True, ge=1, le=MOST_SAMPLED)] = None
    seed: Annotated[int | None, Field(strict=True, ge=0, le=LARGEST_SEED)] = None
    hypothesis: Words | None = None
    dpia: Words | None = None
    labels: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    k: Annotated[int, Field(strict=True, ge=LEAST_K, le=MOST_K)] = 5
    with_agents: Flag = False


@router.get("/experiments", responses=answers(page_of(_EXPERIMENT)))
@does(Act.EXPERIMENT_LIST)
def list_experiments(actor: Asking, system: TheSystem) -> Response:
    """Experiments of your lines, the newest first."""
    return as_json(paging.page_shape([listed_experiment_shape(one) for one in system.experiment_desk.listed(actor)]))


@router.post("/experiments", status_code=201, responses=answers(_EXPERIMENT, status=201))
@does(Act.EXPERIMENT_OPEN)
def open_experiment(new: NewExperiment, actor: Asking, system: TheSystem) -> Response:
    """Ask for an experiment; it waits for the data protection officer."""
    wish = Wish(
        name=new.name,
        purpose=new.purpose,
        owner=new.owner,
        line=LineId(new.line),
        first=new.from_,
        last=new.to,
        until=new.until,
        carries=carries_of(new.carries),
        hypothesis=new.hypothesis,
        dpia=new.dpia,
        labels=frozenset(new.labels),
        sample=new.sample,
        seed=new.seed,
        k=new.k,
        with_agents=new.with_agents,
    )
    return as_json(experiment_shape(system.experiment_desk.open(actor, wish)), status=201)


@router.get("/experiments/{experiment}", responses=answers(_EXPERIMENT))
@does(Act.EXPERIMENT_SHOW)
def show_experiment(experiment: Id, actor: Asking, system: TheSystem) -> Response:
    """One experiment, and how many of its items are in which state."""
    return as_json(shown_experiment_shape(system.experiment_desk.shown(actor, experiment)))


@router.get("/experiments/{experiment}/preview", responses=answers(_PREVIEW))
@does(Act.EXPERIMENT_PREVIEW)
def preview_experiment(experiment: Id, actor: Asking, system: TheSystem) -> Response:
    """How many calls it would take now, and why not the others."""
    return as_json(preview_shape(system.experiment_desk.preview(actor, experiment)))


@router.post("/experiments/{experiment}/approve", responses=answers(_EXPERIMENT))
@does(Act.EXPERIMENT_APPROVE)
def approve_experiment(experiment: Id, actor: Asking, system: TheSystem) -> Response:
    """Let it be built: somebody else than its owner and who asked for it."""
    return as_json(experiment_shape(system.experiment_desk.approve(actor, experiment)))


@router.post("/experiments/{experiment}/build", responses=answers(_BUILT))
@does(Act.EXPERIMENT_BUILD)
def build_experiment(experiment: Id, actor: Asking, system: TheSystem) -> Response:
    """Take what may be taken now, and let go of what may not be used any more. Interrupted, it goes on when it is sent
    again."""
    return as_json(built_shape(system.experiment_build_desk.build(actor, experiment)))


@router.post(
    "/experiments/{experiment}/export", responses=answers_with(packs.MEDIA_TYPE, says="The data set, as an archive.")
)
@does(Act.EXPERIMENT_EXPORT)
def export_experiment(experiment: Id, actor: Asking, system: TheSystem) -> Response:
    """The items of its newest build that may still be used: lines, sound, a card, a signed manifest."""
    return packs.as_archive(
        lambda folder: system.experiment_export_desk.export(actor, experiment, folder),
        name="data-set",
        digest=lambda exported: exported.export.manifest,
    )


@router.post("/experiments/{experiment}/close", responses=answers(_EXPERIMENT))
@does(Act.EXPERIMENT_CLOSE)
def close_experiment(experiment: Id, actor: Asking, system: TheSystem) -> Response:
    """End it now: nothing more is built or exported, and its copies here are destroyed."""
    return as_json(experiment_shape(system.experiment_desk.close(actor, experiment)))


class Acknowledgement(Body):
    """One of both: the text that ``callwarden experiment apply-revocations`` has written, or the export of which no
    copy is left."""

    model_config = example(deleted="export-1a2b3c4d5e6f7a8b9c0d1e2f3")

    certificate: Annotated[str | None, Field(min_length=1, max_length=LONGEST_CERTIFICATE)] = None
    deleted: Name | None = None


@router.get("/experiments/{experiment}/revocations", responses=answers(_LIST))
@does(Act.EXPERIMENT_REVOCATIONS)
def sign_revocations(experiment: Id, actor: Asking, system: TheSystem) -> Response:
    """The signed list of every item that is to be taken out of copies, for ``experiment apply-revocations``."""
    made = system.revocation_desk.signed(actor, experiment)
    return Response(made.document, media_type="application/json")


@router.post("/experiments/{experiment}/acknowledge", responses=answers(_STANDING))
@does(Act.EXPERIMENT_ACKNOWLEDGE)
def acknowledge_revocations(experiment: Id, said: Acknowledgement, actor: Asking, system: TheSystem) -> Response:
    """Say what has become of a copy of yours: its revoked items are out, or nothing of it is left."""
    desk = system.revocation_desk
    if (said.certificate is None) is (said.deleted is None):
        raise UsageError("say one of both: certificate, or deleted")
    if said.certificate is not None:
        return as_json(standing_shape(desk.acknowledge(actor, experiment, said.certificate.encode())))
    return as_json(standing_shape(desk.deleted(actor, experiment, ExportId(said.deleted or ""))))
