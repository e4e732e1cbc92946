"""A changed policy in the portal: what it does is told in the reader's language, and a second person approves it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.model.access import Actor, Role
from callwarden.model.policy_change import ChangeState, Told
from callwarden.rules.policy_told import facts_of, told
from callwarden.workers.shapes.policy_changes import SAYS
from callwarden.workers.web.portal.policy_told import in_language
from callwarden.workers.web.portal.sentences import retold
from callwarden.workers.web.portal.vocabulary import VOCABULARY
from tests.support.paper import Person
from tests.support.policies import write_policy
from tests.support.site import Site
from tests.support.web import client
from tests.support.workshop import SHIPPED_POLICY, policy_of, with_line

CHLOE = Actor(role=Role.DPO, name="chloe")
OTTO = Actor(role=Role.OPERATOR, name="otto")
ALICE = Actor(role=Role.TRAINER, name="alice")
POLICY = policy_of(SHIPPED_POLICY)


def test_a_changed_policy_is_proposed_by_one_and_approved_by_the_data_protection_officer(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        site.publish(site.event("c-1"))
        site.drain("objections", "ingest", "holds")
    changed = write_policy(tmp_path / "policy.yaml", ("retention: P6M", "retention: P3M"))
    with Site(tmp_path / "home", overrides={"policy": changed}) as site:
        site.system.make()
        otto, chloe = (Person(client(site.system, one)) for one in (OTTO, CHLOE))
        assert "A changed policy to propose" in otto.opens("/?lang=en")
        assert "a changed policy waits for its approval" in otto.opens("/operations?lang=en")
        otto.opens("/policy?lang=en")
        otto.sends("propose")
        assert "customer-service: calls are kept 3 months instead of 6 months" in otto.says()
        assert "1 recording would be destroyed sooner" in otto.says()
        assert "Approve the change" not in otto.says()
        assert "Changements de politique à approuver" in chloe.opens("/?lang=fr")
        page = chloe.opens("/policy?lang=fr")
        assert "les appels sont conservés 3 mois au lieu de 6 mois, depuis la fin de l’appel" in chloe.says()
        assert "would" not in page
        [change] = site.system.policy_desk.listed(CHLOE).changes
        digits = change.version[7:19]
        chloe.sends("approve", {"confirmation": "something else"})
        assert chloe.page.status_code == 422
        chloe.opens(f"/policy/changes/{digits}/approve", status=303)
        assert "Un changement de la politique" in chloe.opens("/policy?lang=fr")
        assert "Approuvé par" not in chloe.says()
        chloe.sends("approve", {"confirmation": digits})
        assert "approuvé : compte dès que sa politique est en vigueur" in chloe.says()
        with site.system.catalogue.transaction() as tx:
            at_work = tx.policy_changes.get(change.change_id)
            assert at_work is not None
            tx.policy_changes.save(replace(at_work, state=ChangeState.RUNNING, began_at=site.clock.now()))
        assert "What is stored is being dated anew" in otto.opens("/operations?lang=en")
        assert site.system.operations_desk.shown(OTTO).rows.redating is not None
        site.drain("dispose")
        assert "1 enregistrement a reçu une autre date" in chloe.opens("/policy?lang=fr")
        assert "policy#changes" not in chloe.opens("/")
        assert site.report().breaches == ()


def test_a_file_is_proposed_once_and_withdrawn_by_whoever_proposed_it(tmp_path: Path) -> None:
    shorter = write_policy(tmp_path / "policy.yaml", ("retention: P6M", "retention: P3M")).read_bytes()
    with Site(tmp_path / "home") as site:
        site.system.make()
        otto, lea = client(site.system, OTTO), client(site.system, Actor(role=Role.LEGAL, name="lea"))

        def sends(content: bytes) -> str:
            file = {"file": ("policy.yaml", content)}
            return otto.post("/policy/changes?lang=fr", files=file, follow_redirects=True).text

        for wrong in (b"lines: [", bytes([0xFF]), b"x" * 200_001):
            assert "Ce fichier n’est pas une politique" in sends(wrong)
        assert site.system.policy_desk.listed(CHLOE).changes == []
        assert "customer-service : les appels sont conservés" in sends(shorter).replace("\u00a0", " ")
        assert "Cette politique est déjà proposée" in sends(shorter)
        [change] = site.system.policy_desk.listed(CHLOE).changes
        address = f"/policy/changes/{change.version[7:19]}/withdraw"
        assert f'action="{address}"' not in lea.get("/policy").text
        assert lea.post(address).status_code == 403
        person = Person(otto)
        person.opens("/policy?lang=en")
        person.sends("withdraw")
        assert "Withdrawn: nobody approves it any more." in person.says()
        assert otto.post(address).status_code == 404
        assert otto.get("/api/v1/policy/changes").json()["items"][0]["withdrawn_by"] == "otto"


def test_whoever_proposed_it_is_told_that_somebody_else_approves_it(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        site.system.make()
        changed = replace(with_line(POLICY, transcription=False), version="sha256:" + "d" * 64)
        change, _ = site.system.policy_desk.propose(CHLOE, changed)
        person = Person(client(site.system, CHLOE))
        assert "You have proposed it: somebody else has to approve it." in person.opens("/policy?lang=en")
        refused = client(site.system, CHLOE).post(f"/api/v1/policy/changes/{change.change_id}/approve")
        assert (refused.status_code, refused.json()["reasons"]) == (403, ["same_person"])


def test_nothing_of_changes_is_on_the_page_of_whoever_may_not_see_them(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        site.system.make()
        site.system.policy_desk.propose(CHLOE, replace(POLICY, version="sha256:" + "d" * 64))
        page = client(site.system, ALICE).get("/policy?lang=en")
        assert page.status_code == 200
        assert "sha256:ddd" not in page.text


def test_every_statement_about_the_whole_system_has_words_for_pages() -> None:
    said = facts_of(POLICY)
    own = {"system/tenant", "system/legal_bases", "system/interest", "system/transfers", "system/automated_decisions"}
    unsaid = [
        name
        for name, text in said.items()
        if name.startswith("system/")
        and name not in own
        and name != "system/processors"
        and retold(text, VOCABULARY["policy.says"], translated=str, shown=str) != text
    ]
    assert unsaid == []
    assert {name.removeprefix("system/") for name in said if name.startswith("system/")} <= set(
        VOCABULARY["policy.statement"]
    )


def test_whatever_a_line_says_otherwise_can_be_told() -> None:
    line = POLICY.lines[next(one for one in POLICY.lines if one == "customer-service")]
    other = replace(
        POLICY,
        lines={
            **POLICY.lines,
            line.line: replace(
                line,
                wait=timedelta(minutes=30),
                to_object=(("fr", "dites-le"),),
                longer_for_stored="decree",
                transcription=not line.transcription,
                share=line.share / 2,
            ),
        },
    )
    codes = {one.code for one in told(facts_of(POLICY), facts_of(other))}
    assert {"to_object", "longer_for_stored", "transcription", "record"} <= codes <= set(SAYS)


@pytest.mark.parametrize("code", sorted(SAYS))
def test_a_sentence_about_a_change_takes_only_what_is_known_of_one(code: str) -> None:
    one = Told(about="staff", code=code, subject="a/b", was=None, now=None)
    words = SAYS[code].format(subject=one.subject, role="a", purpose="b", was="x", now="y")
    assert "{" not in words


def test_what_is_stated_in_several_languages_is_told_in_the_readers() -> None:
    assert in_language("en: press 9; fr: tapez 9", "fr") == "tapez 9"
    assert in_language("fr: tapez 9", "en") == "tapez 9"
    assert in_language("en: none (A); fr: aucun (B)", "fr") == "aucun (B)"
    stated = "X Inc in US (en: speech; fr: parole), by contract C-2, with guarantees (en: clauses; fr: clauses types)"
    french = retold(in_language(stated, "fr"), VOCABULARY["policy.says"], translated=lambda one: one, shown=str)
    assert french == "X Inc in US (parole), by contract C-2, with guarantees (clauses types)"
    assert in_language("6 months", "fr") == "6 months"
