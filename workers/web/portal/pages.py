"""Showing a page: the reader's language, who reads, and what every page has."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import escape
from starlette.responses import HTMLResponse, Response

from callwarden.model.access import Actor
from callwarden.workers.web import assets, browsers
from callwarden.workers.web.asking import known, signed_in, system_of
from callwarden.workers.web.entries import entries
from callwarden.workers.web.portal.forms import Failed, is_kept, kept
from callwarden.workers.web.portal.menu import menu
from callwarden.workers.web.portal.policy_told import policy_told
from callwarden.workers.web.portal.set_aside_words import compared
from callwarden.workers.web.portal.troubles import troubled
from callwarden.workers.web.portal.vocabulary import awaited, choices, explained, mended, pairs, said
from callwarden.workers.web.problems import Problem
from callwarden.workers.web.words import COOKIE, Language, Words, chosen, translations

_TEMPLATES: Final = Path(__file__).parent / "templates"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.globals.update(asset=assets.address, menu=menu, said=said, choices=choices, pairs=pairs)
    made.globals.update(
        explained=explained,
        mended=mended,
        awaited=awaited,
        policy_told=policy_told,
        troubled=troubled,
        compared=compared,
        kept=kept,
        is_kept=is_kept,
    )
    return made


_ENVIRONMENT: Final = _environment()


def words_of(request: Request) -> Words:
    """The reader's language: ``?lang=``, then the cookie, then the browser's."""
    language = chosen(
        asked=request.query_params.get("lang"),
        kept=browsers.kept(request, COOKIE),
        accepted=request.headers.get("accept-language", ""),
    )
    return Words(language, system_of(request).policy.time_zone)


def page(
    request: Request,
    template: str,
    *,
    actor: Actor | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    """The page of this template. It knows `actor`, `words`, `now`, and ``_()``; where ``?lang=`` was given, the choice
    is kept."""
    words, signed = words_of(request), signed_in(request)
    body = _ENVIRONMENT.get_template(template).render(
        **_in_words(words),
        actor=actor,
        words=words,
        now=_now(request),
        path=request.url.path,
        other_language=_in_other_language(request, words),
        **{"entries": entries(), "csrf": None if signed is None else signed.form_token, **context},
    )
    answer = HTMLResponse(
        body, status_code=status, headers={"Content-Language": words.language.value, **(headers or {})}
    )
    if "lang" in request.query_params:
        browsers.keep(request, answer, COOKIE, words.language.value, lasts_s=31_536_000)
    return answer


def _in_words(words: Words) -> dict[str, Any]:
    """``_()`` and ``ngettext()`` in the reader's language. Values given by name are put into the text, escaped; ``num``
    is the number of the second."""
    found = translations(words.language)

    def gettext(text: str, **values: object) -> str:
        return escape(found.gettext(text)) % values if values else found.gettext(text)

    def ngettext(one: str, many: str, num: int, **values: object) -> str:
        return escape(found.ngettext(one, many, num)) % {"num": words.number(num), **values}

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext, "pgettext": found.pgettext}


def problem_page(request: Request, problem: Problem) -> Response:
    """A refusal or a fault as a page: what it was, why, and what to do."""
    asked = "purpose" in request.query_params and request.method == "GET"
    return page(
        request,
        "problem.html",
        actor=known(request),
        status=problem.status,
        headers=problem.headers(),
        problem=problem,
        failed=Failed(form="", message=problem.detail, status=problem.status, reasons=tuple(map(str, problem.reasons))),
        another=f"?{request.url.include_query_params(purpose='').query}" if asked else None,
    )


def _in_other_language(request: Request, words: Words) -> str:
    """This page, in the other language: its address is what it shows, and stays so."""
    other = next(one for one in Language if one is not words.language)
    return f"?{request.url.include_query_params(lang=other.value).query}"


def _now(request: Request) -> datetime:
    return system_of(request).clock.now()
