"""What may name a person is sealed in every database's rows, and found by equality all the same."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Text, select, text, type_coerce

from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from callwarden.adapters.sql.encrypted import PREFIX, ColumnCipher
from callwarden.adapters.sql.engine import open_engine
from callwarden.adapters.sql.faults import translated
from callwarden.adapters.sql.schema import metadata
from callwarden.errors import InvariantError
from callwarden.model.access import Readable, Role
from callwarden.model.break_glass import BreakGlass, GlassId
from callwarden.model.hold import CaseState
from callwarden.model.ids import CallId, EventId, LineId, Pseudonym
from callwarden.model.objection import ScopeKind
from callwarden.model.purpose import Purpose
from callwarden.model.token import Token, TokenId
from callwarden.ports.catalogue import ObjectionReference, RecordingFilter
from tests.contracts.test_permissions_contract import PERMISSION
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, database_url
from tests.support.seals import SEALS

MARKER = "+33612345678"
PERMITTED = replace(PERMISSION, reason=MARKER, asked_by=MARKER, approved_by=MARKER)
GLASS = BreakGlass(
    request_id=GlassId("glass-1"),
    recording_id=rows.rec(1),
    what=Readable.ORIGINAL_AUDIO,
    purpose=Purpose.DISPUTE,
    role=Role.SUPERVISOR,
    requested_by=f"who {MARKER}",
    requested_at=rows.NOON,
    lapses_at=rows.at(1),
    sealed_reason=b"sealed",
    approved_by=f"second {MARKER}",
)
CASE = replace(
    rows.case(f"case {MARKER}", state=CaseState.RELEASED),
    reason=f"reason {MARKER}",
    opened_by=f"opener {MARKER}",
    release_requested_by=f"asking {MARKER}",
    released_by=f"releasing {MARKER}",
)
TOKEN = Token(
    token_id=TokenId("tok-1"),
    digest=Pseudonym("k1:digest"),
    role=Role.SUPERVISOR,
    name=f"holder {MARKER}",
    lines=None,
    agents=frozenset({f"agent {MARKER}"}),
    agent_id=f"own {MARKER}",
    issued_by=f"issuer {MARKER}",
    issued_at=rows.NOON,
    expires_at=rows.at(1),
)
RECORDING = rows.recording(
    1,
    call_id=CallId(f"call {MARKER}"),
    leg=f"leg {MARKER}",
    line=LineId(f"line {MARKER}"),
    agent_id=f"agent {MARKER}",
    caller=None,
    customer=None,
)
OUTCOME = rows.outcome(
    1,
    event_id=EventId(f"event {MARKER}"),
    call_id=CallId(f"call {MARKER}"),
    leg=f"leg {MARKER}",
    line=LineId(f"line {MARKER}"),
)
WAITING = rows.waiting_event(2, event_id=EventId(f"waiting {MARKER}"))
OBJECTION = rows.objection(
    scope=ScopeKind.CALL,
    reference=f"call {MARKER}",
    channel=f"channel {MARKER}",
    entered_by=f"entering {MARKER}",
    decided_by=f"deciding {MARKER}",
)
WITHDRAWAL = rows.withdrawal(reference=f"call {MARKER}", entered_by=f"entering {MARKER}")
HOLD = rows.hold(1, CASE.case_id, placed_by=f"placer {MARKER}")


@pytest.fixture(params=DATABASES)
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlCatalogue]:
    opened = open_catalogue(database_url(request.param, request, tmp_path), seals=SEALS)
    with opened.transaction() as tx:
        tx.recordings.insert([RECORDING])
        tx.outcomes.record([OUTCOME])
        tx.waiting.add([WAITING])
        tx.objections.save(OBJECTION)
        tx.objections.save_withdrawal(WITHDRAWAL)
        tx.cases.save(CASE)
        tx.holds.save([HOLD])
        tx.break_glass.save(GLASS)
        tx.permissions.save(PERMITTED)
        tx.tokens.save(TOKEN)
    yield opened
    opened.close()


def as_they_came(catalogue: SqlCatalogue) -> None:
    """Everything is found by what it may be found by, and is what was stored."""
    with catalogue.snapshot() as tx:
        held = replace(RECORDING, holds=(CASE.case_id,))
        for wanted in (
            RecordingFilter(call_id=RECORDING.call_id),
            RecordingFilter(line=RECORDING.line),
            RecordingFilter(agent_id=RECORDING.agent_id),
        ):
            assert tx.recordings.find(wanted) == [held]
        assert tx.outcomes.of_events([EventId(str(OUTCOME.event_id))]) == {OUTCOME.event_id: [OUTCOME]}
        assert tx.waiting.find() == [WAITING]
        reference = ObjectionReference(scope=OBJECTION.scope, reference=OBJECTION.reference)
        assert tx.objections.under([reference]) == [OBJECTION]
        assert tx.objections.withdrawals([reference]) == [WITHDRAWAL]
        assert tx.objections.get(OBJECTION.objection_id) == OBJECTION
        assert tx.objections.get("obj-none") is None
        assert tx.cases.get(CASE.case_id) == CASE
        assert tx.holds.find(case_id=CASE.case_id) == [HOLD]
        assert tx.break_glass.get(GLASS.request_id) == GLASS
        assert tx.permissions.get(PERMITTED.permission_id) == PERMITTED
        assert tx.tokens.get(TOKEN.token_id) == TOKEN
    assert catalogue.list_outcomes(call_id=RECORDING.call_id) == [OUTCOME]


def in_clear(catalogue: SqlCatalogue) -> list[str]:
    """The columns in which the marker stands as it is."""
    found = []
    with catalogue.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for column in table.c:
                plain = type_coerce(column, Text())
                for value in connection.execute(select(plain)).scalars():
                    if MARKER in (value if isinstance(value, str) else repr(value)):
                        found.append(f"{table.name}.{column.name}")
    return found


def test_no_row_holds_a_person_in_clear_and_everything_is_found(catalogue: SqlCatalogue) -> None:
    as_they_came(catalogue)
    assert in_clear(catalogue) == []


def test_a_value_somebody_without_the_key_has_put_there_is_seen(catalogue: SqlCatalogue) -> None:
    """In clear, or what is encrypted for another column: the row's seal does not fit."""
    with catalogue.engine.begin() as connection:
        connection.execute(text("UPDATE token SET name = issued_by"))
        connection.execute(text(f"UPDATE litigation_case SET opened_by = '{CASE.opened_by}'"))
        connection.execute(text("UPDATE break_glass SET requested_by = (SELECT leg FROM recording)"))
    with catalogue.snapshot() as tx:
        token, case, glass = (
            tx.tokens.get(TOKEN.token_id),
            tx.cases.get(CASE.case_id),
            tx.break_glass.get(GLASS.request_id),
        )
    assert token is not None
    assert case is not None
    assert glass is not None
    assert token.altered
    assert case.altered
    assert glass.altered
    assert glass.requested_by not in (RECORDING.leg, GLASS.requested_by)


def test_nothing_is_stored_in_clear_for_want_of_a_cipher(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'catalogue.db'}")
    with pytest.raises(InvariantError, match="without the cipher"), translated(), engine.begin() as connection:
        connection.execute(select(metadata.tables["token"]).where(metadata.tables["token"].c.name == "bruno"))
    engine.dispose()


@given(st.text(st.characters(codec="utf-8")), st.sampled_from(["call", "event"]))
def test_an_encrypted_text_is_itself_again_as_one_of_its_kind_only(value: str, kind: str) -> None:
    cipher = ColumnCipher(SEALS.derived)
    encrypted = cipher.encrypt(kind, value)
    assert encrypted.startswith(PREFIX)
    assert encrypted == ColumnCipher(SEALS.derived).encrypt(kind, value)
    assert cipher.decrypt(kind, encrypted) == value
    assert cipher.decrypt("leg", encrypted) is None
    assert ColumnCipher(lambda _: bytes(64)).decrypt(kind, encrypted) is None
