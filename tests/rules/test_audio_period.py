"""The audio may have a shorter period than the redacted transcript, and never a longer one (K1, K7, K3, D4)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.policy.file import read_policy
from callwarden.errors import ConfigurationError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import LineId
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Grant
from callwarden.model.purpose import Purpose
from callwarden.model.recording import AudioState, RecordingState
from callwarden.rules.audio_period import WITH_AUDIO, audio_disposal, audio_until, readable_until
from callwarden.rules.disposal import Dispose, Spare, disposal
from callwarden.rules.policy_words import explain
from callwarden.rules.reading import Allow, Deny, Question, ReadRefusal, decide
from callwarden.rules.retention import keep_until
from tests.rules.test_retention import PARIS, instants, zones
from tests.support import catalogue_rows as rows
from tests.support.catalogue_rows import at
from tests.support.quick import policy_of
from tests.support.workshop import SHIPPED_POLICY

POLICY = policy_of(SHIPPED_POLICY)
LINE = POLICY.lines[LineId("customer-service")]
EVERYTHING = replace(
    POLICY,
    access=(Grant(role=Role.LEGAL, purposes=frozenset(Purpose), artefacts=frozenset(Readable)),),
)
periods = st.builds(
    lambda months, days: CalendarPeriod(months=months, days=days if months else max(days, 1)),
    st.integers(0, 24),
    st.integers(0, 60),
)
HOURS = st.integers(-3, 5).map(at)


@given(ended=instants, audio=periods, whole=periods, zone=zones)
def test_the_audio_is_counted_on_the_calendar_as_the_rest_is_and_never_outlives_it(
    ended: datetime, audio: CalendarPeriod, whole: CalendarPeriod, zone: object
) -> None:
    until = keep_until(ended, whole, zone)  # type: ignore[arg-type]  # a zone of the strategy
    found = audio_until(ended, replace(LINE, audio_retention=audio), zone, until=until)  # type: ignore[arg-type]
    assert found is not None
    assert found <= until
    assert found == min(until, keep_until(ended, audio, zone))  # type: ignore[arg-type]
    if audio.never_exceeds(whole):
        assert keep_until(ended, audio, zone) <= until  # type: ignore[arg-type]
    assert audio_until(ended, LINE, PARIS, until=until) is None


@given(
    now=HOURS,
    keeps=HOURS,
    audio=st.none() | HOURS,
    held=st.booleans(),
    restricted=st.booleans(),
    delay=st.none() | HOURS,
    purpose=st.sampled_from(Purpose),
    what=st.sampled_from(sorted(WITH_AUDIO | {Readable.REDACTED_TRANSCRIPT, Readable.METADATA})),
)
def test_what_keeps_a_recording_keeps_its_audio_and_nothing_reads_it_past_its_period(
    now: datetime,
    keeps: datetime,
    audio: datetime | None,
    held: bool,
    restricted: bool,
    delay: datetime | None,
    purpose: Purpose,
    what: Readable,
) -> None:
    row = rows.recording(
        ended_at=at(-3),
        keep_until=keeps,
        audio_until=audio,
        holds=("CASE-1",) if held else (),
        restricted=restricted,
        not_before=delay,
    )
    until = readable_until(row, what)
    assert until == (min(keeps, audio) if audio is not None and what in WITH_AUDIO else keeps)
    going, whole = audio_disposal(row, now=now), disposal(row, now=now)
    if audio is None:
        assert going is None
    elif isinstance(going, Dispose):
        assert not held
        assert not restricted
        assert delay is None or now >= delay
        assert now >= min(keeps, audio)
    else:
        assert isinstance(whole, Spare) or now < keeps, "what ends as a whole ends with its audio"
    question = Question(
        actor=Actor(role=Role.LEGAL, name="bruno"),
        purpose=purpose,
        what=what,
        recording=row,
        redaction_complete=True,
        glass_broken=False,
        now=now,
    )
    verdict = decide(question, policy=EVERYTHING)
    if isinstance(verdict, Allow):
        assert not restricted
        assert until is not None
        assert now < until or (held and purpose is Purpose.DISPUTE)
    ended = decide(replace(question, recording=replace(row, audio=AudioState.ENDING)), policy=EVERYTHING)
    if what in WITH_AUDIO:
        assert ended == Deny(reasons=(ReadRefusal.DISPOSED,))
    else:
        assert ended == verdict


@pytest.mark.parametrize("state", [RecordingState.QUARANTINED, RecordingState.STORED])
def test_what_has_ended_does_not_end_again(state: RecordingState) -> None:
    row = rows.recording(state=state, audio_until=at(-1), audio=AudioState.ENDED)
    assert audio_disposal(row, now=at(1)) is None


@pytest.mark.parametrize(
    ("audio", "fits"),
    [("P6M", True), ("P3M", True), ("P90D", True), ("P7M", False), ("P1Y", False), ("P200D", False), ("P168D", True)],
)
def test_a_policy_that_keeps_the_audio_longer_is_refused_and_says_so(audio: str, fits: bool) -> None:
    text = SHIPPED_POLICY.read_text(encoding="utf-8")
    text = text.replace("    retention: P6M ", f"    audio_retention: {audio}\n    retention: P6M ", 1)
    if fits:
        read = read_policy(text, name="policy.yaml")
        [row] = [row for row in explain(read) if row.key == "audio_retention"]
        assert "only the redacted transcript is left" in row.says
        assert read.version != POLICY.version
    else:
        with pytest.raises(ConfigurationError, match=r"audio_retention .* may not last longer than retention"):
            read_policy(text, name="policy.yaml")


def test_a_policy_that_says_nothing_of_the_audio_keeps_its_version() -> None:
    assert all(line.audio_retention is None for line in POLICY.lines.values())
    assert timedelta(0) < at(1) - at(0)
