"""One access and one rectification on Apache Kafka, S3 (Ceph) and PostgreSQL: the same as in memory (D1, D5)."""

import hashlib
import json
from pathlib import Path

import pytest

from callwarden.accesslog.key.signer import trust
from callwarden.desks.request_enclosures import HowToAnswer
from callwarden.evidence.manifest import ANSWER
from callwarden.model.event import ObjectionScope
from callwarden.model.purpose import Purpose
from callwarden.model.rectification import Correction
from callwarden.model.request import RequestId, RequestState, RequestType
from callwarden.rules.signed_document import open_document
from tests.desks.test_request_answers import OTHERS, SAID, ToldFinder
from tests.faults.real import SOCKETS_OF_THE_DEAD, RealSite
from tests.support.redacting import Redacting
from tests.support.scenarios import DPO

pytestmark = [pytest.mark.filterwarnings(SOCKETS_OF_THE_DEAD), pytest.mark.timeout(300)]
NUMBER, RIGHT = "+33639980451", "+33639980452"


def granted(site: RealSite, kind: RequestType, number: str) -> RequestId:
    request = site.system.request_desk.open(DPO, kind, number=number).request.request_id
    site.system.request_desk.verify(DPO, request, how="called back")
    site.system.request_item_desk.find(DPO, request)
    site.system.request_item_desk.decide(DPO, request)
    return request


def test_access_and_rectification_are_answered_on_real_servers(real: RealSite, tmp_path: Path) -> None:
    caller = {"number": NUMBER, "customer_id": "C-451", "name": "Hélène Marchand"}
    real.publish(real.event("c-answered", caller=caller, agent={"id": "a-77"}))
    real.drain("ingest")
    [recording] = [one.recording_id for one in real.system.catalogue.all_recordings() if one.call_id == "c-answered"]
    redacting = Redacting(real, finder=ToldFinder())
    redacting.said(recording, *SAID)
    redacting.settle(recording)

    access = granted(real, RequestType.ACCESS, NUMBER)
    answered = real.system.answer_desk.answer(DPO, access, tmp_path / "out", HowToAnswer())
    assert (answered.request.state, answered.enclosed) == (RequestState.ANSWERED, 1)
    told = (tmp_path / "out" / "pack.json").read_text()
    assert "Hélène Marchand" in told
    assert not [other for other in OTHERS if other in told]
    manifest = (tmp_path / "out" / "manifest.json").read_bytes()
    opened = open_document(manifest, ANSWER, trusted=[trust(real.system.signer.key)])
    for one in opened.statement["files"]:
        assert hashlib.sha256((tmp_path / "out" / one["name"]).read_bytes()).hexdigest() == one["sha256"]

    real.system.objection_desk.add(DPO, ObjectionScope(number=RIGHT), frozenset({"training"}), channel="letter")
    wrong = granted(real, RequestType.RECTIFICATION, NUMBER)
    done = real.system.rectification_desk.rectify(DPO, wrong, recording, Correction(number=RIGHT, agent="a-78"))
    assert [one.limited for one in done.objections] == [(recording,)]
    real.reopen()
    assert real.system.gate.details(DPO, Purpose.RIGHTS_REQUEST, recording).caller.number == RIGHT
    [kept] = real.system.rectification_desk.history(DPO, wrong)
    assert kept.changes is not None
    assert json.dumps(kept.changes["number"]) == json.dumps({"was": NUMBER, "now": RIGHT})
    real.system.answer_desk.answer(DPO, wrong, tmp_path / "rectified", HowToAnswer())
    real.drain("holds")
    assert real.report().breaches == ()
