"""The API's description: whole, valid, and kept to by every answer, whatever is sent."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from callwarden.model.access import Actor, Role
from callwarden.model.ids import CaseId
from callwarden.workers.web.app import application
from tests.support.description import sample
from tests.support.site import Site
from tests.support.web import token_of

_BOUNDED: Final = settings(
    max_examples=2,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_CHECKS: Final = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_MULTIPART: Final = ["/api/v1/calls"]  # generated forms hold no audio: tests/web/test_pushes.py sends those
_HERE = "127.0.0.1"
_CHLOE: Final = Actor(role=Role.DPO, name="chloe")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("description"), overrides={"requests_per_minute": 100_000}) as made:
        made.publish(made.event(), made.event(line="none-such"), b"no event")
        made.drain("ingest")
        made.system.case_desk.open(_CHLOE, CaseId("DOSSIER-1"), reason="a claim")
        yield made


@pytest.fixture(scope="module")
def app(site: Site) -> FastAPI:
    return application(site.system)


@pytest.fixture(scope="module")
def api(app: FastAPI) -> Mapping[str, Any]:
    found: Mapping[str, Any] = TestClient(app, base_url="http://127.0.0.1").get("/api/openapi.json").json()
    return found


def _operations(api: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_openapi_3_1_without_a_fault(api: Mapping[str, Any]) -> None:
    assert api["openapi"].startswith("3.1")
    assert [str(fault.message) for fault in OpenAPIV31SpecValidator(dict(api)).iter_errors()] == []


def test_every_operation_says_what_it_does_who_may_and_how_it_fails(api: Mapping[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in _operations(api)]
    assert len(ids) == len(set(ids))
    for name, operation in _operations(api):
        assert operation["summary"], name
        assert len(operation["summary"]) < 160, name
        assert operation["tags"], name
        assert {tag["name"] for tag in api["tags"]} >= set(operation["tags"]), name
        assert operation["x-acts"], name
        if not name.startswith("GET /healthz") and not name.startswith("GET /readyz"):
            assert operation["security"] == [{"bearer": []}, {"session": []}], name
            assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), name


def test_every_example_is_what_its_schema_takes(api: Mapping[str, Any]) -> None:
    definitions = json.loads(json.dumps(api).replace("#/components/schemas/", "#/$defs/"))
    schemas = definitions["components"]["schemas"]
    seen = 0
    for schema in schemas.values():
        for example in schema.get("examples", ()):
            Draft202012Validator({**schema, "$defs": schemas}).validate(example)
            seen += 1
    for name, operation in _operations(definitions):
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                if "example" in content:
                    Draft202012Validator({**content["schema"], "$defs": schemas}).validate(content["example"])
                    seen += 1
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None:
            assert sample(body["schema"], api) is not None, name
    assert seen > 20


def test_whatever_is_sent_is_answered_as_described(site: Site, app: FastAPI) -> None:
    headers = {"authorization": f"Bearer {token_of(site.system, _CHLOE)}", "host": _HERE}
    contract = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers={"host": _HERE}).exclude(
        path=_MULTIPART, method="POST"
    )
    operations = [found.ok() for found in contract.get_all_operations()]
    assert len(operations) > 70
    for operation in operations:

        @_BOUNDED
        @given(case=one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)))
        def is_kept_to(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=_CHECKS)

        is_kept_to()
