"""Puts the application together: routes, errors, headers. Nothing is connected to before something is asked for."""

from importlib.metadata import version
from types import ModuleType
from typing import Any, Final

from fastapi import FastAPI

from callwarden.wiring import System
from callwarden.workers.web import assets, problems
from callwarden.workers.web.api import (
    access_log,
    break_glass,
    calls,
    dead_letters,
    disposal,
    experiments,
    health,
    holds,
    keys,
    objections,
    people,
    policy,
    pushes,
    quarantine,
    recordings,
    redactions,
    reports,
    requests,
    reviews,
    search,
    testing,
    tokens,
    webhooks,
)
from callwarden.workers.web.api import operations as operations_api
from callwarden.workers.web.browsers import is_encrypted, known_hosts
from callwarden.workers.web.description import describe, operation_name
from callwarden.workers.web.doors import KnownHosts
from callwarden.workers.web.entries import Witness
from callwarden.workers.web.errands import Errands
from callwarden.workers.web.etags import Tagged
from callwarden.workers.web.headers import SafeHeaders
from callwarden.workers.web.limits import Bounded
from callwarden.workers.web.portal import access_log as access_log_page
from callwarden.workers.web.portal import (
    beside,
    breakglass,
    call,
    call_list,
    case,
    case_evidence,
    cases,
    courses,
    evaluations,
    experiment_export,
    figures,
    home,
    log_in,
    me,
    objection_page,
    operations,
    papers,
    policy_page,
    request,
    request_answer,
    request_list,
    set_aside,
)
from callwarden.workers.web.portal import experiments as experiments_page
from callwarden.workers.web.portal import testing as testing_page
from callwarden.workers.web.portal import webhooks as webhooks_page
from callwarden.workers.web.repeats import Repeatable, answered_before
from callwarden.workers.web.routes import is_open, table
from callwarden.workers.web.senders import PAUSE_S, Senders
from callwarden.workers.web.sent_again import AnsweredBeforeError

API: Final = "/api/v1"
_API: Final[tuple[ModuleType, ...]] = (
    calls,
    pushes,
    search,
    holds,
    quarantine,
    dead_letters,
    redactions,
    objections,
    requests,
    disposal,
    people,
    access_log,
    policy,
    tokens,
    keys,
    operations_api,
    break_glass,
    webhooks,
    reviews,
    experiments,
    reports,
    testing,
    recordings,  # after those that name what they give of a recording
)
"""Modules of `api/`: each has a ``router``, under `API`."""
_PORTAL: Final[tuple[ModuleType, ...]] = (
    home,
    access_log_page,
    call_list,
    call,
    beside,
    courses,
    evaluations,
    experiment_export,
    experiments_page,
    figures,
    testing_page,
    cases,
    case_evidence,
    case,
    log_in,
    me,
    set_aside,
    operations,
    webhooks_page,
    breakglass,
    request_list,
    request_answer,
    request,
    objection_page,
    policy_page,
    papers,
)
"""Modules of `portal/`: each has a ``router``."""


def application(system: System, *, pause: float = PAUSE_S) -> FastAPI:
    """The API and the portal of this system, which wait `pause` seconds for more of a body. Raises InvariantError for a
    route that names no act or reading."""
    app = FastAPI(
        title="callwarden",
        version=version("callwarden"),
        summary="Call recordings kept exactly as long as the law allows, used only by the right people.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_name,
    )
    app.state.system = system
    app.state.errands = Errands()
    app.include_router(health.router)
    for module in _API:
        app.include_router(module.router, prefix=API)
    for module in _PORTAL:
        app.include_router(module.router, include_in_schema=False)
    app.add_api_route("/static/{digest}/{name:path}", is_open(assets.answer), methods=["GET"], include_in_schema=False)
    app.add_api_route("/api/openapi.json", is_open(_description(app)), methods=["GET"], include_in_schema=False)
    problems.install(app, log_in.problem_or_log_in)
    app.add_exception_handler(AnsweredBeforeError, answered_before)
    app.add_middleware(Repeatable, system=system)
    app.add_middleware(Tagged)
    app.add_middleware(Bounded)
    app.add_middleware(Senders, page=log_in.problem_or_log_in, pause=pause)
    app.add_middleware(Witness)
    app.add_middleware(KnownHosts, hosts=known_hosts(system.settings))
    app.add_middleware(SafeHeaders, encrypted=is_encrypted(system.settings))
    for _ in table(app):
        pass
    describe(app)
    return app


def _description(app: FastAPI) -> Any:
    def description() -> dict[str, Any]:
        """The API in OpenAPI 3.1."""
        return app.openapi()

    return description
