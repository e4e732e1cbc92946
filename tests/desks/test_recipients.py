"""Who had a copy is told what changed since, and acknowledges it (GDPR, article 19); letters come in their order."""

import secrets
from pathlib import Path

import pytest

from callwarden.desks.request_enclosures import HowToAnswer
from callwarden.errors import RefusedError, UsageError
from callwarden.model.disclosure import Disclosure
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.letter import LetterKind
from callwarden.model.rectification import Correction
from callwarden.model.request import RefusalGround, RequestId, RequestState, RequestType
from tests.desks.test_rectifications import granted
from tests.support.workshop import DPO, Workshop

NUMBER = "+33639980001"


def disclosed(
    shop: Workshop, *recordings: RecordingId, recipient: str = "Tribunal judiciaire de Melle", packed: bool = True
) -> Disclosure:
    """What leaves for a court; not `packed`: its making was interrupted."""
    shop.hold(*recordings, case=(case := f"DOSSIER-{secrets.token_hex(4)}"))
    disclosure = Disclosure(
        disclosure_id=f"disclosure-{secrets.token_hex(6)}0",
        case_id=CaseId(case),
        recipient=recipient,
        basis="CPC 138",
        made_by="bruno",
        made_at=shop.clock.now(),
        recordings=frozenset(recordings),
        manifest="0" * 64 if packed else None,
    )
    with shop.system.catalogue.transaction() as tx:
        tx.disclosures.save(disclosure)
    return disclosure


def test_recipients_of_what_was_changed_are_told_once_and_acknowledge(shop: Workshop, tmp_path: Path) -> None:
    recording, another = shop.stored("c-1"), shop.stored("c-2", caller={"number": "+33639980077"})
    disclosed(shop, recording, another)
    disclosed(shop, another, recipient="Nobody concerned")
    disclosed(shop, recording, recipient="Nobody in the end", packed=False)
    request = granted(shop)
    shop.system.rectification_desk.rectify(DPO, request, recording, Correction(name="Hélène Marchand"))
    desk = shop.system.recipient_desk
    [before] = desk.listed(DPO, request)
    assert (before.disclosure.recipient, before.notice) == ("Tribunal judiciaire de Melle", None)
    [told] = desk.tell(DPO, request, tmp_path / "told")
    assert told.notice is not None
    [letter] = (tmp_path / "told").iterdir()
    words = letter.read_text()
    assert "Tribunal judiciaire de Melle" in words
    assert recording in words
    assert another not in words
    assert "Marchand" not in words
    with pytest.raises(UsageError, match="nobody to tell"):
        desk.tell(DPO, request, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    shop.clock.move(shop.system.policy.release_delay)
    known = desk.acknowledge(DPO, request, told.disclosure.disclosure_id)
    assert known.acknowledged_at == shop.clock.now()
    assert desk.acknowledge(DPO, request, told.disclosure.disclosure_id) == known
    assert "Melle" not in str(shop.parts["catalogue"].log)


def test_nobody_acknowledges_what_they_were_not_told(shop: Workshop) -> None:
    disclosed(shop, shop.stored())
    with pytest.raises(RefusedError) as refused:
        shop.system.recipient_desk.acknowledge(DPO, granted(shop), "disclosure-1")
    assert refused.value.reasons == ("unknown",)


def test_access_tells_the_person_of_which_kind_the_recipients_were_and_never_who(
    shop: Workshop, tmp_path: Path
) -> None:
    disclosed(shop, shop.stored())
    shop.system.answer_desk.answer(DPO, granted(shop, RequestType.ACCESS), tmp_path / "out", HowToAnswer())
    pack = (tmp_path / "out" / "pack.json").read_text()
    assert "une juridiction, une autorité ou une partie" in pack
    assert "Melle" not in pack
    with pytest.raises(UsageError, match="rectified, erased or restricted"):
        shop.system.recipient_desk.tell(DPO, granted(shop, RequestType.ACCESS), tmp_path / "told")


def test_that_a_restriction_will_be_lifted_is_told_in_a_letter_with_its_reason(shop: Workshop) -> None:
    """D4."""
    shop.stored()
    request = granted(shop, RequestType.RESTRICTION)
    desk = shop.system.letter_desk
    written = desk.write(DPO, request, LetterKind.RESTRICTION_LIFTED, reason="L'exactitude est établie.")
    assert "établie" in written.page
    assert "article 18, paragraphe 3" in written.page
    shop.system.letter_desk.write(DPO, request, LetterKind.RESTRICTION_LIFTED)
    shop.system.request_item_desk.lift(DPO, request)
    with pytest.raises(RefusedError) as refused:
        desk.write(DPO, request, LetterKind.RESTRICTION_LIFTED)
    assert refused.value.reasons == ("nothing_restricted",)


def test_letters_are_written_where_there_is_something_to_write_about(shop: Workshop) -> None:
    shop.stored()
    desk, requests = shop.system.letter_desk, shop.system.request_desk
    request = requests.open(DPO, RequestType.ACCESS, number=NUMBER).request.request_id
    written = desk.write(DPO, request, LetterKind.ACKNOWLEDGEMENT)
    assert "20 novembre 2026" in written.page
    assert "20 décembre 2026" in written.page
    assert written.request.state is RequestState.RECEIVED
    assert desk.write(DPO, request, LetterKind.IDENTITY).request.state is RequestState.IDENTITY_ASKED
    requests.verify(DPO, request, how="called back")
    for kind in (LetterKind.IDENTITY, LetterKind.EXTENSION, LetterKind.ANSWER, LetterKind.RECIPIENT):
        with pytest.raises(UsageError):
            desk.write(DPO, request, kind)
    requests.extend(DPO, request, reason="Trente appels sont à examiner.")
    extension = desk.write(DPO, request, LetterKind.EXTENSION)
    assert "Trente appels sont à examiner." in extension.page
    assert "20 février 2027" in extension.page
    [entry] = [one for one in shop.parts["catalogue"].log if one.digest == extension.digest]
    assert (str(entry.operation), entry.reasons) == ("request.letter_written", ("extension",))


def test_portability_is_refused_for_its_basis_and_access_is_offered(shop: Workshop, tmp_path: Path) -> None:
    shop.stored()
    with pytest.raises(RefusedError) as refused:
        granted(shop, RequestType.PORTABILITY)
    assert refused.value.reasons == ("legitimate_interest",)
    [request] = [one.request.request_id for one in shop.system.request_desk.listed(DPO)]
    shop.system.request_item_desk.decide(DPO, RequestId(request), refusal=RefusalGround.LEGITIMATE_INTEREST)
    shop.system.answer_desk.answer(DPO, request, tmp_path / "out", HowToAnswer())
    letter = (tmp_path / "out" / "letter.html").read_text()
    assert "article 20, paragraphe 1" in letter
    assert "accès à ces données" in letter
    assert not (tmp_path / "out" / "pack.json").exists()
