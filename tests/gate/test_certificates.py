"""Every recording that is destroyed leaves a signed certificate, which anybody can check (K1, R3)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.accesslog.key.signer import open_signer, trust
from callwarden.model.certificate import Certificate
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.recording import RecordingState
from callwarden.rules.certificate import check_certificate
from callwarden.rules.signed_document import SignedDocumentError
from callwarden.steps.dispose import DISPOSE
from callwarden.wiring import trusted_keys
from callwarden.workers.cli.certificates import page
from tests.support.workshop import LEGAL, Workshop


def certificates(shop: Workshop, one: RecordingId) -> list[Certificate]:
    with shop.system.catalogue.snapshot() as tx:
        return list(tx.certificates.get([one]))


def disposed(shop: Workshop) -> RecordingId:
    one = shop.stored(audio=b"what was said")
    shop.clock.move(timedelta(days=185))
    assert shop.drain("dispose") == 1
    return one


def checked(shop: Workshop, certificate: Certificate) -> dict[str, object]:
    found = check_certificate(certificate.document, trusted=trusted_keys(None, shop.system))
    assert found.digest == certificate.digest
    return dict(found.statement)


def test_a_disposal_says_what_went_when_and_under_which_rule_and_policy(shop: Workshop) -> None:
    one = shop.stored(audio=b"what was said")
    row = shop.recording("c-1")
    [artefact] = [found for found in shop.system.catalogue.all_artefacts() if found.recording_id == one]
    shop.clock.move(timedelta(days=185))
    shop.drain("dispose")
    [certificate] = certificates(shop, one)
    says = checked(shop, certificate)
    version = {"key": artefact.key, "version": artefact.version_id, "bytes": artefact.stored_size}
    assert says["versions_on_record"] == says["versions_listed_before"] == [version]
    assert (says["versions_listed_after"], says["data_key"]) == (0, "destroyed")
    assert (says["rule"], says["decided_by"], says["line"]) == ("retention", "service:dispose", "customer-service")
    assert says["kept_until"] == (row.keep_until.isoformat() if row.keep_until else None)
    assert says["listed_after_at"] == shop.clock.now().isoformat()
    assert says["stored_under_policy"] == says["disposed_under_policy"] == shop.policy.version


def test_the_log_entry_and_the_certificate_name_each_other(shop: Workshop) -> None:
    one = disposed(shop)
    [certificate] = certificates(shop, one)
    [entry] = [e for e in shop.parts["catalogue"].log if e.operation is Operation.RECORDING_DISPOSED]
    assert entry.digest == certificate.digest
    assert checked(shop, certificate)["log_entry"] == entry.entry_id


def test_a_certificate_holds_nothing_personal(shop: Workshop) -> None:
    one = disposed(shop)
    text = certificates(shop, one)[0].document.decode()
    for personal in ("c-1", "C-1", "+33639980001", "a-1", "what was said"):
        assert f'"{personal}"' not in text
    assert shop.recording("c-1").state is RecordingState.DISPOSED


def test_an_objection_leaves_a_certificate_too(shop: Workshop) -> None:
    one = shop.stored(audio=b"what was said")
    shop.publish(shop.say("objected", call_id="c-1"))
    shop.drain()
    assert shop.recording("c-1").state is RecordingState.DROPPED
    [certificate] = certificates(shop, one)
    says = checked(shop, certificate)
    assert (says["rule"], says["decided_by"]) == ("objection", "service:objections")
    assert len(certificate.document) > 500


def test_a_hold_that_comes_too_late_is_told_the_certificate(shop: Workshop) -> None:
    one = disposed(shop)
    desk = shop.system.hold_desk
    from callwarden.model.ids import CaseId

    shop.system.case_desk.open(LEGAL, CaseId("DOSSIER-9"), reason="dispute")
    placed = desk.place(LEGAL, CaseId("DOSSIER-9"), [one])
    assert placed.gone == (one,)
    assert placed.certificates == {one: certificates(shop, one)[0].digest}


def test_a_sweep_that_died_after_destroying_still_certifies_what_was_on_record(shop: Workshop) -> None:
    """The second sweep finds nothing to list; the record says what there was."""
    one = shop.stored(audio=b"what was said")
    shop.clock.move(timedelta(days=185))
    sweep = shop.system.sweep
    left, claimed = sweep._claim(shop.clock.now(), set(), with_due=True)
    assert (list(left), list(claimed)) == ([], [one])
    with pytest.raises(_DiedError):
        replace(shop.system.disposal, signer=_Dying()).end(claimed, actor=DISPOSE)  # type: ignore[arg-type]
    shop.drain("dispose")
    [certificate] = certificates(shop, one)
    says = checked(shop, certificate)
    assert says["versions_listed_before"] == []
    assert len(list(says["versions_on_record"])) == 1  # type: ignore[call-overload]  # a list


class _DiedError(BaseException):
    pass


class _Dying:
    """A signer before which the process dies: everything is destroyed, nothing is written down."""

    def __getattr__(self, name: str) -> object:
        raise _DiedError


# checking


def altered(document: bytes, change: Callable[[dict[str, object]], None]) -> bytes:
    whole = json.loads(document)
    change(whole)
    return json.dumps(whole).encode()


def test_white_space_does_not_matter_and_anything_else_does(shop: Workshop, tmp_path: Path) -> None:
    [certificate] = certificates(shop, disposed(shop))
    trusted = trusted_keys(None, shop.system)
    pretty = json.dumps(json.loads(certificate.document), indent=2).encode()
    assert check_certificate(pretty, trusted=trusted).digest == certificate.digest
    other = open_signer(tmp_path / "other.pem", "callwarden.log/other")
    changes: list[Callable[[dict[str, object]], None]] = [
        lambda whole: whole["statement"].update(rule="objection"),  # type: ignore[attr-defined]  # a dict
        lambda whole: whole["statement"].update(versions_on_record=[]),  # type: ignore[attr-defined]  # a dict
        lambda whole: whole.update(signature="AAAA"),
        lambda whole: whole.update(signature="not base64!"),
        lambda whole: whole.pop("signature"),
        lambda whole: whole.update(more="than that"),
        lambda whole: whole.update(statement=[]),
        lambda whole: whole["statement"].update(format="another/1"),  # type: ignore[attr-defined]  # a dict
    ]
    for change in changes:
        with pytest.raises(SignedDocumentError):
            check_certificate(altered(certificate.document, change), trusted=trusted)
    with pytest.raises(SignedDocumentError, match="another key"):
        check_certificate(certificate.document, trusted=[trust(other.key)])
    for junk in (b"", b"{}", b"[]", b"\xff\xfe", b"{" * 100_000, b'{"a":1,"a":2}'):
        with pytest.raises(SignedDocumentError):
            check_certificate(junk, trusted=trusted)


def test_a_checkpoint_of_the_log_is_no_certificate(shop: Workshop) -> None:
    """The same key signs both; neither can pass for the other."""
    from base64 import b64encode

    [certificate] = certificates(shop, disposed(shop))
    whole = json.loads(certificate.document)
    statement = json.dumps(whole["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    whole["signature"] = b64encode(shop.system.signer.sign(statement)).decode()
    with pytest.raises(SignedDocumentError, match="does not fit"):
        check_certificate(json.dumps(whole).encode(), trusted=trusted_keys(None, shop.system))


def test_the_page_to_print_says_the_same_and_escapes_what_it_shows(shop: Workshop) -> None:
    [certificate] = certificates(shop, disposed(shop))
    found = check_certificate(certificate.document, trusted=trusted_keys(None, shop.system))
    text = page(found, issued_at=certificate.issued_at)
    assert certificate.digest in text
    assert certificate.recording_id in text
    strange = type(found)(statement={**found.statement, "line": "<script>"}, key=found.key, digest=found.digest)
    assert "<script>" not in page(strange, issued_at=None)


def test_an_objection_that_overtakes_a_recording_on_its_way_in_leaves_a_certificate(shop: Workshop) -> None:
    """R3: the objection arrives while the audio is being stored; ingest drops it itself."""
    shop.publish(shop.event("c-1", audio=b"what was said"))
    vault = shop.parts["vault"]
    put = vault.put

    def overtaken(*arguments: object, **named: object) -> object:
        stored = put(*arguments, **named)
        shop.publish(shop.say("objected", call_id="c-1"))
        with shop.system.catalogue.transaction() as tx:
            row = tx.recordings.get([one.recording_id for one in shop.system.catalogue.all_recordings()], lock=True)
            tx.recordings.save([replace(one, state=RecordingState.DROPPING) for one in row.values()])
        return stored

    vault.put = overtaken
    shop.drain("ingest")
    vault.put = put
    shop.drain()
    row = shop.recording("c-1")
    assert row.state is RecordingState.DROPPED
    found = certificates(shop, row.recording_id)
    assert [checked(shop, one)["rule"] for one in found] == ["objection"]
    assert list(vault.versions("")) == []
