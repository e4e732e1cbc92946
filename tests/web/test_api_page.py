"""docs/api.md: each command in it is run as it stands there, and answers what the page says."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from callwarden.model.access import Actor, Role
from tests.support.site import Site
from tests.support.web import served, token_of

_PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_COMMANDS = re.findall(r"^```sh\n(.*?)^```", _PAGE.read_text(encoding="utf-8"), re.S | re.M)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with Site(tmp_path_factory.mktemp("page")) as site:
        site.publish(site.event("c-1"), site.event("c-2"), site.event("c-3"))
        site.drain("ingest")
        with served(site.system) as address:
            token = token_of(site.system, Actor(role=Role.DPO, name="chloe"))
            yield {**os.environ, "URL": address.rstrip("/"), "TOKEN": token}


def _answers(command: str, environment: dict[str, str]) -> tuple[int, dict[str, object]]:
    shown = command.replace("curl ", 'curl --silent --show-error --write-out "\\n%{http_code}" ', 1)
    done = subprocess.run(["sh", "-c", shown], env=environment, capture_output=True, text=True, check=True, timeout=60)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_every_command_of_the_page_answers_what_the_page_says(environment: dict[str, str]) -> None:
    found = [_answers(command, environment) for command in _COMMANDS]
    assert [status for status, _ in found] == [200, 201, 422, 200]
    (_, page), (_, case), (_, wrong), (_, policy) = found
    assert len(page["items"]) == 2  # type: ignore[arg-type]
    assert page["next"]
    assert case["case"] == "DOSSIER-2026-014"
    assert wrong["fields"] == [{"field": "untill", "message": "Extra inputs are not permitted"}]
    assert policy["version"]
