"""What may not be used any more is taken back, told to whoever has a copy, and waits until they say it is out (U5)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.accesslog.key.signer import open_signer, trust
from callwarden.accesslog.proof.note import parse_key
from callwarden.datasets.applying import apply_revocations
from callwarden.datasets.revocation import LIST, Applied, certificate_of, listed_for, names_digest
from callwarden.desks.experiments import ENDS
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.experiment import ExperimentExport, ExperimentState, ExportId, ItemState
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.redaction_record import RedactionStatus
from callwarden.model.request import RequestType
from callwarden.ports.journal import ActsRecord
from callwarden.rules.revoking import PASSES, lasting
from callwarden.rules.signed_document import open_document
from tests.desks.test_experiment_builds import entries, items, object_to
from tests.desks.test_requests import found
from tests.steps.test_stopped_sweep import in_earnest
from tests.support.experiments import ADA, NAME, approved, redact
from tests.support.redactions import redacted
from tests.support.workshop import DPO, LEGAL, LINE, Workshop

BEN = Actor(role=Role.ANALYST, name="ben")


def call(shop: Workshop, number: int) -> RecordingId:
    caller = {"number": f"+3363998{number:04d}", "customer_id": f"C-{number}"}
    recording = shop.stored(f"c-{number}", caller=caller)
    redact(shop, recording, "Bonjour.", "Je suis [PERSON].")
    return recording


def exported(shop: Workshop, folder: Path) -> ExperimentExport:
    """Of a build that is new."""
    shop.system.experiment_build_desk.build(ADA, NAME)
    export: ExperimentExport = shop.system.experiment_export_desk.export(ADA, NAME, folder).export
    return export


@pytest.fixture
def left(shop: Workshop, tmp_path: Path) -> tuple[RecordingId, ExperimentExport, Path]:
    """A call that is about to be revoked, and the export that has it, with two others."""
    gone = call(shop, 1)
    for number in (2, 3):
        call(shop, number)
    approved(shop, until=shop.clock.now().date() + timedelta(days=600))
    export = exported(shop, tmp_path / "set")
    shop.clock.move(timedelta(minutes=1))
    return gone, export, tmp_path / "set"


def to_take_out(shop: Workshop) -> list[int]:
    """Of each export, the newest first."""
    return [len(one.to_take_out) for one in shop.system.experiment_desk.shown(ADA, NAME).exports]


def signed(shop: Workshop, file: Path) -> Path:
    file.write_bytes(shop.system.revocation_desk.signed(ADA, NAME).document)
    return file


def listed(shop: Workshop, file: Path) -> dict[str, str]:
    """What a list signed now takes out of every copy, and why."""
    opened = open_document(signed(shop, file).read_bytes(), LIST, trusted=[shop.system.signer.trusted])
    return dict(opened.statement["items"])


def applied(shop: Workshop, folder: Path, revocations: Path) -> bytes:
    """The certificate."""
    at = shop.clock.now().isoformat()
    done = apply_revocations(folder, revocations, trust=lambda line: trust(parse_key(line)), at=at)
    return done.certificate.read_bytes()


def erase(shop: Workshop) -> None:
    request = found(shop, RequestType.ERASURE, number="+33639980001")
    shop.system.request_item_desk.decide(DPO, request)
    shop.system.request_erasure_desk.preview(DPO, request)
    shop.system.request_erasure_desk.approve(LEGAL, request)


def restrict(shop: Workshop) -> None:
    request = found(shop, RequestType.RESTRICTION, number="+33639980001")
    shop.system.request_item_desk.decide(DPO, request)


CAUSES: dict[str, tuple[Callable[[Workshop, RecordingId], object], str, str]] = {
    "objection": (lambda shop, _: object_to(shop, "c-1"), "objected", "right"),
    "erasure": (lambda shop, _: erase(shop), "disposed", "destroyed"),
    "restriction": (lambda shop, _: restrict(shop), "restricted", "right"),
    "withdrawal": (
        lambda shop, one: redacted(shop, one, "x", generation=2, status=RedactionStatus.WITHDRAWN),
        "redaction_incomplete",
        "redaction",
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_what_may_not_be_used_any_more_is_taken_back_and_listed_for_every_copy(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path], tmp_path: Path, cause: str
) -> None:
    happens, reason, told = CAUSES[cause]
    gone, export, folder = left
    happens(shop, gone)
    shop.drain("dispose")
    item = items(shop)[gone]
    assert (item.state, item.reason) == (ItemState.REVOKED, reason)
    [entry] = entries(shop, Operation.EXPERIMENT_REVOKED)
    assert (entry.subject, entry.reasons, entry.actor) == (gone, (reason,), "service:experiments")
    assert entry.correlation == export.experiment_id
    assert to_take_out(shop) == [1]
    assert listed(shop, tmp_path / "list") == {item.item_id: told}
    assert gone not in (tmp_path / "list").read_text()
    certificate = applied(shop, folder, tmp_path / "list")
    assert item.item_id not in (folder / "metadata.jsonl").read_text()
    assert shop.system.revocation_desk.acknowledge(ADA, NAME, certificate).to_take_out == frozenset()
    assert to_take_out(shop) == [0]
    shop.drain("dispose")
    assert len(entries(shop, Operation.EXPERIMENT_REVOKED)) == 1, "once"


@pytest.mark.parametrize("cause", CAUSES)
def test_a_list_says_what_is_so_when_it_is_signed_whenever_the_last_sweep_ran(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path], tmp_path: Path, cause: str
) -> None:
    happens, reason, told = CAUSES[cause]
    gone, _, folder = left
    happens(shop, gone)
    item = items(shop)[gone].item_id
    assert listed(shop, tmp_path / "list") == {item: told}
    [entry] = entries(shop, Operation.EXPERIMENT_REVOKED)
    assert (entry.subject, entry.reasons, entry.actor) == (gone, (reason,), "service:experiments")
    certificate = applied(shop, folder, tmp_path / "list")
    assert shop.system.revocation_desk.acknowledge(ADA, NAME, certificate).to_take_out == frozenset()


def test_a_list_signed_after_the_end_date_has_every_item_before_any_sweep(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path], tmp_path: Path
) -> None:
    shop.clock.move(timedelta(days=601))
    assert set(listed(shop, tmp_path / "list").values()) == {"over"}
    assert len(listed(shop, tmp_path / "list")) == 3


def test_the_end_of_a_call_s_period_takes_it_back(shop: Workshop, tmp_path: Path) -> None:
    gone = call(shop, 1)
    shop.clock.move(timedelta(days=10))
    call(shop, 2)
    approved(shop, until=shop.clock.now().date() + timedelta(days=600))
    exported(shop, tmp_path / "set")
    with shop.system.catalogue.snapshot() as tx:
        ends = tx.recordings.get([gone])[gone].keep_until
    assert ends is not None
    shop.clock.instant = ends
    assert list(listed(shop, tmp_path / "list").values()) == ["period"]
    shop.drain("dispose")
    item = items(shop)[gone]
    assert (item.state, item.reason) == (ItemState.REVOKED, "past_retention")
    assert to_take_out(shop) == [1]


def test_a_redaction_made_anew_goes_from_the_copies_before_it_and_not_from_those_after(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path], tmp_path: Path
) -> None:
    gone, first, _ = left
    redact(shop, gone, "Bonjour.", "Je suis [PERSON], de [LOCATION].", generation=2)
    shop.drain("dispose")
    assert items(shop)[gone].state is ItemState.INCLUDED
    assert to_take_out(shop) == [1]
    shop.clock.move(timedelta(minutes=1))
    second = exported(shop, tmp_path / "second")
    assert "[LOCATION]" in (tmp_path / "second" / "metadata.jsonl").read_text()
    assert to_take_out(shop) == [0, 1]
    statement = json.loads(signed(shop, tmp_path / "list").read_bytes())["statement"]
    assert statement["items"] == {}
    assert listed_for(statement, first.export_id) == {items(shop)[gone].item_id}
    assert listed_for(statement, second.export_id) == frozenset()
    applied(shop, tmp_path / "second", tmp_path / "list")
    assert len((tmp_path / "second" / "metadata.jsonl").read_text().splitlines()) == 3


def test_an_export_between_a_new_redaction_and_the_next_build_does_not_have_it(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path], tmp_path: Path
) -> None:
    redact(shop, left[0], "Bonjour.", "Je suis [PERSON], de [LOCATION].", generation=2)
    shop.drain("dispose")
    between = shop.system.experiment_export_desk.export(ADA, NAME, tmp_path / "between").export
    assert len(between.items) == 2
    assert to_take_out(shop)[-1] == 1


def test_it_waits_for_its_holder_until_it_is_acknowledged(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path]
) -> None:
    desk = shop.system.experiment_desk
    object_to(shop, "c-1")
    shop.drain("dispose")
    for who, waits in ((ADA, True), (DPO, True), (BEN, False)):
        [listed] = desk.listed(who)
        assert (listed.exports_to_clear, listed.waits_for_holder) == (1, waits), who
    with pytest.raises(RefusedError) as refused:
        shop.system.revocation_desk.deleted(BEN, NAME, left[1].export_id)
    assert refused.value.reasons == ("not_permitted",)
    assert shop.system.revocation_desk.deleted(ADA, NAME, left[1].export_id).to_take_out == frozenset()
    [entry] = entries(shop, Operation.EXPERIMENT_ACKNOWLEDGED)
    assert (entry.subject, entry.count) == (left[1].export_id, 3)
    assert desk.listed(ADA)[0].exports_to_clear == 0
    object_to(shop, "c-2")
    shop.drain("dispose")
    assert to_take_out(shop) == [0], "no copy is left of it"


def test_the_end_of_an_experiment_asks_for_all_of_every_copy(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path], tmp_path: Path
) -> None:
    object_to(shop, "c-1")
    shop.drain("dispose")
    shop.system.experiment_desk.close(DPO, NAME)
    assert to_take_out(shop) == [3]
    statement = json.loads(signed(shop, tmp_path / "list").read_bytes())["statement"]
    assert sorted(statement["items"].values()) == ["over", "over", "right"]
    certificate = applied(shop, left[2], tmp_path / "list")
    assert shop.system.revocation_desk.acknowledge(ADA, NAME, certificate).to_take_out == frozenset()


def test_a_certificate_of_something_else_or_ahead_of_its_time_is_worth_nothing(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path]
) -> None:
    _, export, _ = left
    desk = shop.system.revocation_desk
    object_to(shop, "c-1")
    shop.drain("dispose")
    shop.clock.move(timedelta(minutes=-2))
    early = desk.signed(ADA, NAME).digest
    shop.clock.move(timedelta(minutes=2))
    signed_at = shop.clock.now()
    every = Applied(
        experiment=export.experiment_id,
        export=export.export_id,
        manifest=export.manifest,
        revocations=desk.signed(ADA, NAME).digest,
        removed=export.items,
        left=names_digest([]),
        applied_at=signed_at.isoformat(),
    )
    for wrong in (
        b"{}",
        b"no certificate",
        certificate_of(replace(every, experiment="exp-2")),
        certificate_of(replace(every, export="export-2")),
        certificate_of(replace(every, manifest="cd" * 32)),
        certificate_of(replace(every, removed=frozenset({"item-of-another"}))),
        certificate_of(replace(every, left=names_digest(export.items))),
        certificate_of(replace(every, revocations="0" * 64)),
        certificate_of(replace(every, revocations=early)),
        certificate_of(replace(every, applied_at="2020-01-01T00:00:00Z")),
        certificate_of(replace(every, applied_at="2099-01-01T00:00:00Z")),
        certificate_of(replace(every, applied_at=(signed_at - timedelta(minutes=6)).isoformat())),
        certificate_of(replace(every, applied_at="2026-12-01T08:00:00")),
        certificate_of(replace(every, applied_at="yesterday")),
    ):
        with pytest.raises(UsageError):
            desk.acknowledge(ADA, NAME, wrong)
    with pytest.raises(UsageError):
        desk.deleted(ADA, NAME, ExportId("export-2"))
    assert to_take_out(shop) == [1]
    assert desk.acknowledge(ADA, NAME, certificate_of(every)).to_take_out == frozenset()
    object_to(shop, "c-2")
    shop.drain("dispose")
    assert to_take_out(shop) == [1], "what was said to be out before it was revoked is asked for again"


def test_a_list_of_another_key_and_a_folder_altered_after_its_export_are_refused(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path], tmp_path: Path
) -> None:
    object_to(shop, "c-1")
    shop.drain("dispose")
    forger = replace(shop.system.revocation_desk, signer=lambda: open_signer(tmp_path / "forged.pem", "callwarden.log"))
    (tmp_path / "forged").write_bytes(forger.signed(ADA, NAME).document)
    whole = (left[2] / "metadata.jsonl").read_text()
    with pytest.raises(RefusedError) as refused:
        applied(shop, left[2], tmp_path / "forged")
    assert refused.value.reasons == ("other_key",)
    (left[2] / "metadata.jsonl").write_text(whole.replace("[PERSON]", "Élise", 1))
    with pytest.raises(RefusedError) as refused:
        applied(shop, left[2], signed(shop, tmp_path / "list"))
    assert refused.value.reasons == ("folder_altered",)


def test_what_passes_takes_nothing_back(shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path]) -> None:
    """A key store that is not reached, or a policy that was edited, is no right of anybody."""
    assert lasting(["key_missing", "not_permitted"]) is None
    assert lasting(["key_missing", "objected"]) == "objected"
    assert {"objected", "restricted", "past_retention", "disposed", "redaction_incomplete"}.isdisjoint(PASSES)
    lost = replace(shop.policy, lines={name: line for name, line in shop.policy.lines.items() if name != LINE})
    criteria = replace(shop.system.criteria_reader, policy=lost)
    without_its_line = replace(shop.system.experiment_candidates, criteria=criteria)
    desk = replace(shop.system.revocation_desk, candidates=without_its_line)
    object_to(shop, "c-1")
    assert desk.revoke_due(ENDS) == 0
    assert shop.system.revocation_desk.revoke_due(ENDS) == 1


def test_an_item_that_somebody_set_back_past_the_system_is_still_asked_for(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path]
) -> None:
    object_to(shop, "c-1")
    shop.drain("dispose")
    rows, item = shop.parts["catalogue"].rows.experiment_items, items(shop)[left[0]]
    forged = replace(item, state=ItemState.INCLUDED, reason=None, altered=True)
    rows[item.experiment_id, item.recording_id] = forged
    assert to_take_out(shop) == [1]


def test_a_clock_that_is_far_ahead_takes_nothing_back_and_ends_nothing(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path], tmp_path: Path
) -> None:
    """Everything would look past its period; the sweep stands still until two people have said so."""
    earnest = in_earnest(shop)
    earnest.clock.move(timedelta(days=1_000))
    earnest.drain("dispose")
    assert listed(shop, tmp_path / "list") == {}
    assert {one.state for one in items(shop).values()} == {ItemState.INCLUDED}
    assert shop.system.experiment_desk.shown(ADA, NAME).experiment.state is ExperimentState.BUILT


def test_an_objection_is_in_the_list_though_the_clock_is_ahead_and_a_build_lets_go_of_nothing_else(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path], tmp_path: Path
) -> None:
    gone, _, _ = left
    earnest = in_earnest(shop)
    object_to(earnest, "c-1")
    earnest.clock.move(timedelta(days=400))
    assert listed(earnest, tmp_path / "list") == {items(shop)[gone].item_id: "right"}
    assert earnest.system.experiment_build_desk.build(ADA, NAME).included == 2


def test_an_item_somebody_wrote_past_the_system_is_left_for_the_reconciliation_to_tell(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path]
) -> None:
    rows = shop.parts["catalogue"].rows.experiment_items
    rows.update({name: replace(one, altered=True) for name, one in rows.items()})
    object_to(shop, "c-1")
    assert shop.system.revocation_desk.revoke_due(ENDS) == 0
    assert items(shop)[left[0]].altered


def test_a_restored_backup_forgets_no_revocation_and_no_acknowledgement(
    shop: Workshop, left: tuple[RecordingId, ExperimentExport, Path]
) -> None:
    """I10: both are in the journal."""
    object_to(shop, "c-1")
    shop.drain("dispose")
    shop.system.revocation_desk.deleted(ADA, NAME, left[1].export_id)
    rows = shop.parts["catalogue"].rows
    rows.experiment_items.clear()
    rows.experiment_exports.clear()
    assert to_take_out(shop) == []
    records = [one for one in shop.parts["journal"].records if isinstance(one, ActsRecord)]
    shop.system.journal_replay.acts().run(records)
    assert items(shop)[left[0]].state is ItemState.REVOKED
    assert shop.system.experiment_desk.shown(ADA, NAME).exports[0].export.taken_out == left[1].items
