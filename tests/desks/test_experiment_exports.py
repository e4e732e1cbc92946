"""What leaves of an experiment: asked for again at that moment, named by it alone, and on record (U5, U3)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.accesslog.key.signer import trust
from callwarden.accesslog.proof.note import parse_key
from callwarden.datasets.applying import apply_revocations
from callwarden.datasets.card import CARD
from callwarden.datasets.revocation import RevocationClass, signed_list
from callwarden.errors import RefusedError, UsageError
from callwarden.model.content import Content
from callwarden.model.experiment import Carried, ExperimentExport
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.ports.journal import ActsRecord
from callwarden.ports.log import LogUnavailableError
from tests.desks.test_experiment_builds import call, entries, items, object_to
from tests.support.experiments import ADA, NAME, WAV, approved, redact
from tests.support.web import OLGA
from tests.support.workshop import DPO, Workshop

ALL = frozenset(Carried)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]


def exports(shop: Workshop) -> list[ExperimentExport]:
    return [one.export for one in shop.system.experiment_desk.shown(ADA, NAME).exports]


def built(shop: Workshop, **changes: object) -> None:
    approved(shop, **changes)
    shop.system.experiment_build_desk.build(ADA, NAME)


def customer(number: int) -> dict[str, object]:
    return {"caller": {"number": f"+3363998{number:04d}", "customer_id": f"C-{number}"}, "agent": {"id": "a-104"}}


def test_an_export_holds_what_the_build_took_under_names_of_the_experiment(shop: Workshop, tmp_path: Path) -> None:
    """U5, L1: no id of ours, no number, no agent."""
    ids = [shop.stored(f"c-{number}", **customer(number)) for number in range(3)]
    for one in ids:
        redact(shop, one, "Bonjour.", "Je suis [PERSON].", sound=WAV)
    built(shop, carries=ALL, k=2)
    folder = tmp_path / "set"
    exported = shop.system.experiment_export_desk.export(ADA, NAME, folder)
    found = {one["item"]: one for one in lines(folder)}
    assert set(found) == {one.item_id for one in items(shop).values()}
    assert {one["text"] for one in found.values()} == {"Bonjour.\nJe suis [PERSON]."}
    assert {(one["line"], one["period"]) for one in found.values()} == {("customer-service", "2026-W47")}
    assert len({one["caller"] for one in found.values()}) == 3
    assert all((folder / one["file_name"]).read_bytes() == WAV for one in found.values())
    whole = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).decode(errors="ignore")
    for told in (*ids, "a-104", "C-1", "3998"):
        assert told not in whole
    row = shop.recording("c-1")
    assert row.caller not in whole
    [export] = exports(shop)
    assert export == exported.export
    assert export.items == frozenset(found)
    [entry] = entries(shop, Operation.EXPERIMENT_EXPORTED)
    assert (entry.count, entry.digest, entry.correlation) == (3, export.manifest, export.export_id)


def test_every_reading_is_in_the_log_before_and_under_who_exports(shop: Workshop, tmp_path: Path) -> None:
    """I6, U3."""
    call(shop, "c-1")
    built(shop)
    shop.system.experiment_export_desk.export(ADA, NAME, tmp_path / "set")
    read, left = entries(shop, Operation.CONTENT_READ, Operation.EXPERIMENT_EXPORTED)
    assert (read.purpose, read.artefact, read.actor) == ("ai_experiment", "redacted-transcript", left.actor)


def test_without_a_log_nothing_leaves(shop: Workshop, tmp_path: Path) -> None:
    """I6."""
    call(shop, "c-1")
    built(shop)

    class Unavailable:
        def append(self, entry: LogEntry) -> None:
            raise LogUnavailableError

    desk = shop.system.experiment_export_desk
    with pytest.raises(RefusedError) as refused:
        replace(desk, gate=replace(desk.gate, log=Unavailable())).export(ADA, NAME, tmp_path / "set")  # type: ignore[arg-type]
    assert refused.value.reasons == ("log_unavailable",)
    assert exports(shop) == []
    assert list(tmp_path.glob("*set*")) == []


def test_what_is_objected_to_between_build_and_export_does_not_leave(shop: Workshop, tmp_path: Path) -> None:
    """U5."""
    gone = call(shop, "c-0")
    anew = call(shop, "c-1")
    stays = call(shop, "c-2")
    built(shop)
    object_to(shop, "c-0")
    redact(shop, anew, "Autrement.", generation=2)
    exported = shop.system.experiment_export_desk.export(ADA, NAME, tmp_path / "set")
    assert exported.made.dropped == {"objected": 1, "redaction_changed": 1}
    assert exported.export.items == {items(shop)[stays].item_id}
    assert gone in items(shop)
    card = (tmp_path / "set" / CARD).read_text()
    assert "| objected | 1 |" in card
    assert "| redaction_changed | 1 |" in card


def test_what_is_objected_to_while_it_is_exported_does_not_leave(shop: Workshop, tmp_path: Path) -> None:
    """U5: sound that was copied by then is taken out again."""
    for number in range(3):
        redact(shop, shop.stored(f"c-{number}"), "Bonjour.", sound=WAV)
    built(shop, carries=frozenset({Carried.TEXT, Carried.AUDIO}))
    seen = list[int]()

    def told(number: int) -> None:
        seen.append(number)
        if len(seen) == 3:
            object_to(shop, "c-1")

    exported = shop.system.experiment_export_desk.export(ADA, NAME, tmp_path / "set", told=told)
    assert exported.made.dropped == {"objected": 1}
    assert len(list((tmp_path / "set" / "audio").iterdir())) == len(lines(tmp_path / "set")) == 2
    gone = items(shop)[shop.recording("c-1").recording_id].item_id
    assert gone not in exported.export.items


def test_a_recording_that_goes_under_the_reading_leaves_nothing_behind(shop: Workshop, tmp_path: Path) -> None:
    """I5: a slow reading outlives the period."""
    for number in range(2):
        redact(shop, shop.stored(f"c-{number}"), "Bonjour.", sound=WAV)
    built(shop, carries=frozenset({Carried.TEXT, Carried.AUDIO}))
    desk = shop.system.experiment_export_desk
    cut = list[RecordingId]()

    class Cutting:
        def __getattr__(self, name: str) -> Any:
            return getattr(desk.gate, name)

        def read(self, *asked: Any) -> Content:
            content = desk.gate.read(*asked)
            if content.artefact.media_type != "audio/wav" or cut:
                return content
            cut.append(content.recording_id)

            def pieces() -> Iterator[bytes]:
                yield b"half of it"
                raise RefusedError(("past_retention",))

            return replace(content, pieces=pieces())

    exported = replace(desk, gate=Cutting()).export(ADA, NAME, tmp_path / "set")  # type: ignore[arg-type]
    assert exported.made.dropped == {"past_retention": 1}
    assert len(list((tmp_path / "set" / "audio").iterdir())) == 1


def test_an_export_that_was_cut_off_is_nothing_and_the_next_is_whole(shop: Workshop, tmp_path: Path) -> None:
    for number in range(3):
        call(shop, f"c-{number}")
    built(shop)
    desk, seen = shop.system.experiment_export_desk, list[int]()

    class CutOffError(Exception):
        pass

    def told(number: int) -> None:
        seen.append(number)
        if len(seen) == 2:
            raise CutOffError

    with pytest.raises(CutOffError):
        desk.export(ADA, NAME, tmp_path / "set", told=told)
    assert not (tmp_path / "set").exists()
    assert exports(shop) == []
    assert len(desk.export(ADA, NAME, tmp_path / "set").export.items) == 3


def test_an_export_goes_into_a_new_folder_only(shop: Workshop, tmp_path: Path) -> None:
    call(shop, "c-1")
    built(shop)
    desk = shop.system.experiment_export_desk
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("kept")
    with pytest.raises(UsageError, match="exists already"):
        desk.export(ADA, NAME, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    (tmp_path / "file").write_text("kept")
    with pytest.raises(UsageError, match="exists already"):
        desk.export(ADA, NAME, tmp_path / "file")
    assert exports(shop) == []


def test_nothing_leaves_before_a_build_after_the_end_or_to_others(shop: Workshop, tmp_path: Path) -> None:
    call(shop, "c-1")
    approved(shop)
    desk = shop.system.experiment_export_desk
    for actor, reason in ((ADA, "not_built"), (DPO, "not_permitted")):
        with pytest.raises(RefusedError) as refused:
            desk.export(actor, NAME, tmp_path / "set")
        assert refused.value.reasons == (reason,)
    shop.system.experiment_build_desk.build(ADA, NAME)
    object_to(shop, "c-1")
    with pytest.raises(RefusedError) as refused:
        desk.export(ADA, NAME, tmp_path / "set")
    assert refused.value.reasons == ("nothing_to_export",)
    shop.system.experiment_desk.close(ADA, NAME)
    with pytest.raises(RefusedError) as refused:
        desk.export(ADA, NAME, tmp_path / "set")
    assert refused.value.reasons == ("experiment_over",)
    told = [entry.reasons[0] for entry in entries(shop, Operation.ACCESS_REFUSED)]
    assert told == ["not_built", "not_permitted", "nothing_to_export", "experiment_over"]
    assert list(tmp_path.glob("*set*")) == []


def test_one_that_is_closed_while_it_is_exported_does_not_appear(shop: Workshop, tmp_path: Path) -> None:
    call(shop, "c-1")
    built(shop)
    desk = shop.system.experiment_export_desk
    with pytest.raises(RefusedError) as refused:
        desk.export(ADA, NAME, tmp_path / "set", told=lambda _: shop.system.experiment_desk.close(DPO, NAME) and None)
    assert refused.value.reasons == ("experiment_over",)
    assert not (tmp_path / "set").exists()


def test_what_another_build_lets_go_meanwhile_does_not_leave(shop: Workshop, tmp_path: Path) -> None:
    call(shop, "c-0")
    stays = call(shop, "c-1")
    built(shop)
    meanwhile = [True]

    def told(number: int) -> None:
        if meanwhile:
            meanwhile.clear()
            object_to(shop, "c-0")
            shop.system.experiment_build_desk.build(ADA, NAME)

    exported = shop.system.experiment_export_desk.export(ADA, NAME, tmp_path / "set", told=told)
    assert exported.export.items == {items(shop)[stays].item_id}
    assert exported.made.dropped == {"revoked_before": 1}


def test_a_copy_of_which_something_is_revoked_before_it_is_saved_is_not_handed_over(
    shop: Workshop, tmp_path: Path
) -> None:
    """U3: it was open when it was made."""
    for number in (1, 2):
        call(shop, f"c-{number}", **customer(number))
    built(shop)
    desk = shop.system.experiment_export_desk
    export = desk.export(ADA, NAME, tmp_path / "set").export
    desk.check(ADA, NAME, export.export_id)
    object_to(shop, "c-1")
    with pytest.raises(RefusedError) as refused:
        desk.check(ADA, NAME, export.export_id)
    assert refused.value.reasons == ("revoked_since",)


def test_an_agent_leaves_as_a_pseudonym_and_only_where_the_approval_says_so(shop: Workshop, tmp_path: Path) -> None:
    """U5, U7."""
    call(shop, "c-1", agent={"id": "a-104"})
    built(shop, with_agents=True, carries=frozenset({Carried.TEXT, Carried.METADATA}))
    shop.system.experiment_export_desk.export(ADA, NAME, tmp_path / "set")
    [line] = lines(tmp_path / "set")
    assert line["agent"].startswith("agent-")
    assert "a-104" not in line["agent"]  # its digits may be in any digest
    assert "There are fewer than 5 callers or 5 agents in all" in (tmp_path / "set" / "README.md").read_text()


def test_callers_who_would_stand_alone_are_told_of_more_coarsely(shop: Workshop, tmp_path: Path) -> None:
    """U5: no combination of fewer than k callers."""
    for number in range(4):
        ended = shop.clock.now() - timedelta(days=0 if number < 3 else 20)
        times = {"started_at": (ended - timedelta(seconds=90)).isoformat(), "ended_at": ended.isoformat()}
        call(shop, f"c-{number}", **customer(number), **times)
    built(shop, carries=frozenset({Carried.TEXT, Carried.METADATA}), k=3)
    exported = shop.system.experiment_export_desk.export(ADA, NAME, tmp_path / "set")
    told = [(one["line"], one["period"], one["duration"]) for one in lines(tmp_path / "set")]
    assert min(told.count(one) for one in told) >= 3
    assert exported.made.told == {"nothing": 4}


def test_a_list_takes_out_of_the_folder_what_the_row_says_has_left(shop: Workshop, tmp_path: Path) -> None:
    """What is exported here is what revocations are applied to there."""
    for number in range(2):
        call(shop, f"c-{number}")
    built(shop)
    export = shop.system.experiment_export_desk.export(ADA, NAME, tmp_path / "set").export
    gone = min(export.items)
    signer = shop.system.signer
    (tmp_path / "list.json").write_bytes(
        signed_list(export.experiment_id, {gone: RevocationClass.RIGHT}, made_at=shop.clock.now(), signer=signer)
    )
    done = apply_revocations(
        tmp_path / "set", tmp_path / "list.json", trust=lambda line: trust(parse_key(line)), at="2026-11-27"
    )
    assert done.applied.manifest == export.manifest
    assert {one["item"] for one in lines(tmp_path / "set")} == export.items - {gone}


def test_a_rotation_of_keys_changes_no_name(shop: Workshop, tmp_path: Path) -> None:
    """K4: the key of an experiment is wrapped anew."""
    call(shop, "c-1", **customer(1))
    built(shop, carries=frozenset({Carried.TEXT, Carried.METADATA}))
    desk, keys = shop.system.experiment_export_desk, shop.system.key_desk
    desk.export(ADA, NAME, tmp_path / "before")
    new = keys.rotate(OLGA).master_key_id
    with shop.system.catalogue.snapshot() as tx:
        assert set(tx.keys.count_by_master()) == {new}
    desk.export(ADA, NAME, tmp_path / "after")
    assert lines(tmp_path / "after") == lines(tmp_path / "before")


def test_a_restored_backup_knows_what_has_left(shop: Workshop, tmp_path: Path) -> None:
    """I10."""
    call(shop, "c-1")
    built(shop)
    export = shop.system.experiment_export_desk.export(ADA, NAME, tmp_path / "set").export
    shop.parts["catalogue"].rows.experiment_exports.clear()
    records = [one for one in shop.parts["journal"].records if isinstance(one, ActsRecord)]
    shop.system.journal_replay.acts().run(records)
    assert exports(shop) == [export]
