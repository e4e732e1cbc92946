"""For what somebody reads: chosen before anything opens, in the address of the page, and offered again for a while."""

from typing import Final

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Readable
from callwarden.model.purpose import Purpose
from callwarden.workers.web.asking import TheSystem, signed_in
from callwarden.workers.web.portal.pages import page

PARAMETER: Final = "purpose"


def chosen(request: Request) -> Purpose:
    """The one in the address. Raises UsageError where there is none."""
    asked = request.query_params.get(PARAMETER)
    if asked not in set(Purpose):
        raise UsageError("a purpose has to be chosen first" if not asked else "no such purpose")
    return Purpose(asked)


def chosen_or_asked(request: Request, actor: Actor, system: TheSystem) -> Purpose | Response:
    """The one in the address, which is offered again from now on; else the same page for the one that was chosen last
    in this session, or, also where the address leaves it empty, the choice."""
    session, asked = signed_in(request), request.query_params.get(PARAMETER)
    if asked:
        purpose = chosen(request)
        if session is not None and session.purpose is not purpose:
            system.sessions.remember_purpose(session.session, purpose)
        return purpose
    if asked is None and session is not None and session.purpose is not None:
        query = request.url.include_query_params(purpose=session.purpose.value).query
        return RedirectResponse(f"{request.url.path}?{query}", status_code=303)
    offered = system.gate.purposes(actor, Readable.REDACTED_TRANSCRIPT)
    return page(request, "purpose.html", actor=actor, offered=offered, kept=request.query_params.multi_items())
