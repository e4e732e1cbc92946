"""Rows written past the system are told from true ones (I7, U2)."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from callwarden.adapters.sql.catalogue import SqlCatalogue
from callwarden.adapters.sql.schema import SEALED
from callwarden.adapters.sql.seals import RowSeals
from callwarden.model.ids import LineId, Pseudonym
from callwarden.model.purpose import Purpose
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.recording import RecordingState
from tests.contracts.test_catalogue_custody import glass
from tests.contracts.test_catalogue_people import PERSON, SESSION
from tests.contracts.test_catalogue_redactions import record
from tests.contracts.test_catalogue_tokens import TOKEN
from tests.contracts.test_closings_contract import CLOSING
from tests.contracts.test_experiments_contract import EXPERIMENT, EXPORT, ITEM
from tests.contracts.test_permissions_contract import PERMISSION
from tests.contracts.test_policy_changes_contract import CHANGE
from tests.contracts.test_rectifications_contract import FIXED, REQUEST
from tests.contracts.test_reviews_contract import COURSE, EVALUATION, NOTE
from tests.contracts.test_webhooks_contract import HOOK, notice
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, backend_named
from tests.support.catalogue_rows import NOON, rec


@pytest.fixture(params=DATABASES)
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlCatalogue]:
    opened = backend_named(request.param, request, tmp_path).catalogue
    assert isinstance(opened, SqlCatalogue)
    yield opened
    opened.close()


SEALED_ROWS = {
    "recording": "UPDATE recording SET line = 'another'",
    "token": "UPDATE token SET role = 'dpo'",
    "person": "UPDATE person SET removed_at = NULL",
    "session": "UPDATE session SET person_id = 'per-0'",
    "break_glass": "UPDATE break_glass SET approved_by = 'x', approved_at = requested_at, open_until = lapses_at",
    "objection": "UPDATE objection SET purposes = '[]'",
    "objection_withdrawal": "UPDATE objection_withdrawal SET purposes = '[]'",
    "litigation_case": "UPDATE litigation_case SET release_requested_by = 'x'",
    "hold": "UPDATE hold SET placed_by = 'x'",
    "placement": "UPDATE placement SET criteria = '{}'",
    "recording_label": "UPDATE recording_label SET label = 'x'",
    "rectification": "UPDATE rectification SET fields = '[]'",
    "recipient_notice": "UPDATE recipient_notice SET acknowledged_at = told_at",
    "redaction": "UPDATE redaction SET generation = generation + 1",
    "outcome": "UPDATE outcome SET outcome = 'refused'",
    "artefact": "UPDATE artefact SET sha256 = 'x'",
    "request": "UPDATE request SET answered_at = received_at",
    "origin": "UPDATE origin SET recording_id = 'x'",
    "receipt": "UPDATE receipt SET content = 'x'",
    "given_answer": "UPDATE given_answer SET status = 200",
    "disclosure": "UPDATE disclosure SET manifest = NULL",
    "request_item": "UPDATE request_item SET decision = 'granted'",
    "webhook": "UPDATE webhook SET events = '[]'",
    "webhook_delivery": "UPDATE webhook_delivery SET kind = 'x'",
    "testing_permission": "UPDATE testing_permission SET number = 9",
    "policy_change": "UPDATE policy_change SET state = 'approved'",
    "figure_week": "UPDATE figure_week SET policy_version = 'x'",
    "note": "UPDATE note SET shared = NOT shared",
    "evaluation": "UPDATE evaluation SET keep_until = made_at",
    "course": "UPDATE course SET team = NOT team",
    "experiment": "UPDATE experiment SET with_agents = NOT with_agents",
    "experiment_item": "UPDATE experiment_item SET state = 'destroyed'",
    "experiment_export": "UPDATE experiment_export SET taken_out = items",
    "data_key": "UPDATE data_key SET master_key_id = 'x'",
}


def a_row_of_each(catalogue: SqlCatalogue) -> None:
    with catalogue.transaction() as tx:
        tx.recordings.insert([rows.recording(1)])
        tx.outcomes.record([rows.outcome()])
        tx.tokens.save(TOKEN)
        tx.people.save(PERSON)
        tx.sessions.save(SESSION)
        tx.break_glass.save(glass(1))
        tx.objections.save(rows.objection())
        tx.objections.save_withdrawal(rows.withdrawal())
        tx.cases.save(rows.case())
        tx.holds.save([rows.hold()])
        tx.placements.save(rows.placement())
        tx.labels.add({rec(1): {Pseudonym("lab-k1-aa"): "alarm_id=A-1"}})
        tx.rectifications.add(FIXED)
        tx.notices.save(RecipientNotice(request_id=REQUEST, disclosure_id="d-1", told_at=NOON, told_by="chloe"))
        tx.redactions.save([record()])
        tx.artefacts.add([rows.artefact(1)])
        tx.keys.add([rows.key(1)])
        tx.requests.save(rows.request())
        tx.requests.save_items([rows.request_item()])
        tx.disclosures.save(rows.disclosure())
        tx.receipts.save(rows.receipt())
        tx.given_answers.save(rows.given_answer())
        tx.origins.take([rows.origin()])
        tx.notes.save(NOTE)
        tx.evaluations.save(EVALUATION)
        tx.courses.save(COURSE)
        tx.experiments.save(EXPERIMENT)
        tx.experiment_items.save([ITEM])
        tx.experiment_exports.save(EXPORT)
        tx.webhooks.save(HOOK)
        tx.permissions.save(PERMISSION)
        tx.policy_changes.save(CHANGE)
        tx.closings.add(CLOSING)
        tx.webhook_deliveries.add([notice(1)])


def write_past(catalogue: SqlCatalogue, statement: str) -> None:
    with catalogue.engine.begin() as connection:
        connection.execute(text(statement))


def altered(catalogue: SqlCatalogue) -> set[str]:
    return {one.table for one in catalogue.altered_rows()}


def test_every_row_is_sealed_as_it_is_written_and_read(catalogue: SqlCatalogue) -> None:
    assert set(SEALED_ROWS) == {one.name for one in SEALED}
    a_row_of_each(catalogue)
    assert altered(catalogue) == set()
    with catalogue.transaction() as tx:
        [one] = tx.recordings.get([rec(1)], lock=True).values()
        assert (one.altered, one.holds) == (False, ("case-1",))
        tx.recordings.save([replace(one, line=LineId("other"))])
        tx.holds.remove(tx.holds.find())
        tx.recordings.save([replace(one, restricted=True)])
        assert tx.tokens.spend(TOKEN.token_id, at=NOON) is TOKEN.once
    assert altered(catalogue) == set()


@pytest.mark.parametrize("table", sorted(SEALED_ROWS))
def test_a_row_somebody_has_written_past_the_system_is_told_from_a_true_one(
    catalogue: SqlCatalogue, table: str
) -> None:
    a_row_of_each(catalogue)
    write_past(catalogue, SEALED_ROWS[table])
    assert altered(catalogue) == {table}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM hold",
        "UPDATE hold SET case_id = (SELECT c.case_id FROM litigation_case c WHERE c.case_id <> hold.case_id)",
        (
            "INSERT INTO hold (case_id, recording_id, placed_by, placed_at) "
            "SELECT c.case_id, recording_id, placed_by, placed_at FROM hold h, litigation_case c "
            "WHERE c.case_id <> h.case_id"
        ),
        "UPDATE recording SET held = false",
    ],
)
def test_no_hold_comes_or_goes_without_its_recording_telling(catalogue: SqlCatalogue, statement: str) -> None:
    """I4."""
    a_row_of_each(catalogue)
    with catalogue.transaction() as tx:
        tx.cases.save(rows.case("C-2"))
    write_past(catalogue, statement)
    assert "recording" in altered(catalogue)


def test_writing_an_altered_row_back_does_not_make_it_genuine(catalogue: SqlCatalogue) -> None:
    a_row_of_each(catalogue)
    for statement in SEALED_ROWS.values():
        write_past(catalogue, statement)
    with catalogue.transaction() as tx:
        tx.tokens.save(replace(tx.tokens.all()[0], revoked_at=NOON))
        tx.break_glass.save(replace(tx.break_glass.find()[0], ended_at=NOON))
        tx.objections.save(replace(tx.objections.all()[0], withdrawn_at=NOON))
        tx.cases.save(replace(tx.cases.all()[0], released_by="y"))
        tx.holds.save([replace(one, applied_at=NOON) for one in tx.holds.find()])
        tx.redactions.save([replace(one, version="9") for one in tx.redactions.get([rec(1)]).values()])
        tx.recordings.save([replace(one, restricted=True) for one in tx.recordings.get([rec(1)]).values()])
    assert altered(catalogue) == set(SEALED_ROWS)


def test_an_objection_somebody_has_altered_closes_every_use_and_is_not_withdrawn(catalogue: SqlCatalogue) -> None:
    """R4: whatever it says now."""
    a_row_of_each(catalogue)
    write_past(catalogue, "UPDATE objection SET purposes = '[]', withdrawn_at = objected_at")
    with catalogue.snapshot() as tx:
        [one] = tx.objections.all()
    assert {purpose.value for purpose in Purpose} <= one.purposes
    assert one.covers(NOON)


def test_altered_rows_in_the_way_do_not_keep_a_sweep_from_the_others(catalogue: SqlCatalogue) -> None:
    """I5."""
    with catalogue.transaction() as tx:
        stored = [rows.recording(number, state=RecordingState.STORED, keep_until=NOON) for number in range(9)]
        tx.recordings.insert(stored)
    write_past(catalogue, f"UPDATE recording SET line = 'x' WHERE recording_id <> '{rec(8)}'")
    with catalogue.transaction() as tx:
        assert [one.recording_id for one in tx.recordings.due(now=NOON, limit=2)] == [rec(8)]
    write_past(catalogue, "UPDATE recording SET state = 'dropping'")
    with catalogue.transaction() as tx:
        assert tx.recordings.unfinished(limit=2) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE landmark SET value = 'Otto' WHERE name = 'sealed:request'",
        (
            "UPDATE landmark SET value = (SELECT l.value FROM landmark l WHERE l.name = 'sealed:other') "
            "WHERE name = 'sealed:request'"
        ),
    ],
)
def test_a_landmark_somebody_has_written_is_not_what_was_saved_and_is_told(
    catalogue: SqlCatalogue, statement: str
) -> None:
    with catalogue.transaction() as tx:
        tx.landmarks.save_sealed("request", "by Olga")
        tx.landmarks.save_sealed("other", "else")
    with catalogue.engine.connect() as connection:
        assert "Olga" not in str(connection.execute(text("SELECT * FROM landmark")).all())
    assert altered(catalogue) == set()
    write_past(catalogue, statement)
    with catalogue.snapshot() as tx:
        assert tx.landmarks.sealed("request") is None
        assert tx.landmarks.sealed("request", if_altered="nothing") == "nothing"
    assert altered(catalogue) == {"landmark"}


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.datetimes(timezones=st.just(UTC)),
        max_size=6,
    )
)
def test_a_seal_is_over_the_json_of_the_names_and_values_there_are(row: dict[str, Any]) -> None:
    """So that rows that were sealed long ago stay genuine."""
    said = [[name, _plain(value)] for name, value in sorted(row.items()) if value is not None and name != "seal"]
    message = json.dumps(["token", said], separators=(",", ":")).encode()
    counting = {name: value for name, value in row.items() if name != "seal"}
    expected = hmac.digest(b"a key", message, "sha256")
    assert RowSeals(lambda: b"a key").of(next(table for table in SEALED if table.name == "token"), counting) == expected


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value
