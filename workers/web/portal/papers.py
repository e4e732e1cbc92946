"""``/register``: the record of processing, and the other papers that come from the policy, to read and to keep."""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from callwarden.model.letter import Language
from callwarden.model.paper import Notice, PaperKind
from callwarden.rules.papers.plain import blocks_of
from callwarden.workers.shapes.papers import PaperForm, forms_of, paper_file
from callwarden.workers.web.answers import as_file
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.pages import page, words_of
from callwarden.workers.web.routes import own

router = APIRouter()


@router.get("/register")
@own
def register(request: Request, actor: Asking, system: TheSystem) -> Response:
    """The record of processing activities (GDPR, article 30)."""
    return paper(PaperKind.REGISTER, request, actor, system)


@router.get("/register/{name}")
@own
def paper(name: PaperKind, request: Request, actor: Asking, system: TheSystem) -> Response:
    """A paper, or with ``?format=`` and ``?language=`` the file of it."""
    desk, language = system.paper_desk, Language(words_of(request).language.value)
    form = request.query_params.get("format")
    if form is None:
        made = desk.made(name, language)
        return page(
            request,
            "paper.html",
            actor=actor,
            paper=made,
            notice=_said(made) if isinstance(made, Notice) else None,
            papers=desk.titles(language),
            forms=forms_of(name),
            languages=list(Language),
        )
    asked = request.query_params.get("language", language.value)
    if form not in forms_of(name) or asked not in set(Language):
        raise HTTPException(404)
    file = paper_file(desk, desk.made(name, Language(asked)), PaperForm(form))
    return as_file(file.content, name=file.name, media_type=file.media_type)


def _said(notice: Notice) -> list[tuple[str, str]]:
    """What stands in it below its title and what is missing, which the page shows itself."""
    above = {notice.missing_title, *notice.missing}
    return [(kind, text) for kind, text in blocks_of(notice.page) if kind != "h1" and text not in above]
