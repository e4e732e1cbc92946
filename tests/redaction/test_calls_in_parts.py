"""A call in several recordings is redacted as one conversation, in whichever order its parts come (D6, U4, I11)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.messages import RecordingRedacted
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.purpose import Purpose
from callwarden.model.recording import ArtefactKind, Recording, RecordingState
from callwarden.model.redaction import RedactionPolicy
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.redaction import build_finder
from callwarden.redaction.finder import PresidioFinder
from tests.support.redacting import Redacting
from tests.support.workshop import Workshop

TRAINER = Actor(role=Role.TRAINER, name="t.martin")
ASKS = ("agent", "Centrale de télésurveillance bonjour. Quel est votre mot de passe ?")
ANSWERS = (("caller", "Tournesol."), ("agent", "Merci, je regarde le détecteur."))


@dataclass
class Call:
    """One call whose parts are recorded, and transcribed, one by one."""

    shop: Workshop
    redacting: Redacting
    name: str = "c-1"
    parts: dict[str, RecordingId] = field(default_factory=dict)
    asked: list[RecordingId] = field(default_factory=list)

    def recorded(self, leg: str = "main", segment: int = 0, *, after_s: float = 0, **changes: Any) -> RecordingId:
        """A part that began so many seconds after the call, stored and not yet transcribed."""
        began = self.shop.clock.now() - timedelta(minutes=30) + timedelta(seconds=after_s)
        times = {"started_at": began.isoformat(), "ended_at": (began + timedelta(seconds=30)).isoformat()}
        self.shop.publish(self.shop.event(self.name, leg=leg, segment=segment, **{**times, **changes}))
        self.shop.drain()
        [found] = [one for one in self.rows() if (one.leg, one.segment) == (leg, segment)]
        return found.recording_id

    def said(self, part: RecordingId, *turns: tuple[str, str], **more: Any) -> None:
        """Transcribe a part, and let everything settle that follows."""
        self.redacting.said(part, *turns, **more)
        self.asked += self.redacting.settle(part)

    def rows(self) -> list[Recording]:
        return [one for one in self.shop.system.catalogue.all_recordings() if one.call_id == self.name]

    def text(self, part: RecordingId) -> str:
        content = self.shop.system.gate.read(TRAINER, Purpose.QUALITY, part, Readable.REDACTED_TRANSCRIPT)
        return " / ".join(turn.text for turn in JsonTranscriptCodec().decode_redacted(content.read_all()).turns)

    def record(self, part: RecordingId) -> RedactionRecord:
        with self.shop.system.catalogue.snapshot() as tx:
            return tx.redactions.get([part])[part]

    def search(self, words: str) -> list[RecordingId]:
        return [hit.recording_id for hit in self.shop.system.gate.search(TRAINER, Purpose.QUALITY, words, limit=9)]

    def change(self, part: RecordingId, **changes: Any) -> None:
        with self.shop.system.catalogue.transaction() as tx:
            row = tx.recordings.get([part], lock=True)[part]
            tx.recordings.save([replace(row, **changes)])


@pytest.fixture(scope="module")
def finder(policy: RedactionPolicy) -> PresidioFinder:
    """The rules alone: what a question types shows in them, the learned reader takes a word by itself for an answer."""
    return build_finder(replace(policy, learned=False, time_budget_s=600))


@pytest.fixture
def call(tmp_path: Path, finder: PresidioFinder) -> Iterator[Call]:
    with Workshop(tmp_path) as shop:
        yield Call(shop, Redacting(shop, finder=finder))


@pytest.mark.parametrize("late", [False, True])
def test_a_question_that_ends_a_segment_types_the_answer_that_opens_the_next(call: Call, late: bool) -> None:
    """In text, sound and search, whichever segment is transcribed first."""
    first, second = call.recorded(), call.recorded(segment=1, after_s=30)
    said = [(first, (ASKS,)), (second, ANSWERS)]
    for part, turns in reversed(said) if late else said:
        call.said(part, *turns)
    assert call.text(second) == "[SECRET_1]. / Merci, je regarde le détecteur."
    assert "mot de passe" in call.text(first)
    assert call.search("tournesol") == []
    assert call.search("détecteur") == [second]
    [[window]] = [windows for windows in call.redacting.beeper.windows if windows]
    assert (window.start_s, window.end_s) == (0, pytest.approx(1.05, abs=0.2))


@pytest.mark.parametrize("late", [False, True])
def test_an_answer_goes_as_a_recogniser_writes_it(call: Call, late: bool) -> None:
    """Words that the model `base` heard in two segments of a call."""
    first, second = call.recorded(), call.recorded(segment=1, after_s=30)
    said = [
        (
            first,
            ("agent", "Télésurveillance Protecta, bonjour, Sandrine à la pareille."),
            ("caller", "Bonjour, je vous appelle parce que la larme de la maison s'est déclenché."),
            ("agent", "D'accord? Pouvez-vous me donner votre nom et votre mot de passe s'il vous plaît."),
        ),
        (
            second,
            ("caller", "Tourne-sol,"),
            ("agent", "Merci, vous me confirmez l'adresse du site."),
            ("caller", "douze rues de l'île à Villorban,"),
        ),
    ]
    for part, *turns in reversed(said) if late else said:
        call.said(part, *turns)
    answer, thanks, address = call.text(second).split(" / ")
    assert "ourne" not in answer
    assert thanks == "Merci, vous me confirmez l'adresse du site."
    assert "Villorban" not in address


def test_where_the_part_before_is_missing_the_opening_is_taken_for_an_answer(call: Call) -> None:
    """Fails closed: segment 1 is here, segment 0 is not."""
    second = call.recorded(segment=1, after_s=30)
    call.said(second, *ANSWERS)
    assert "Tournesol" not in call.text(second)
    assert "je regarde le détecteur" in call.text(second)


def test_a_system_that_counts_segments_from_one_keeps_the_names_and_words_that_begin_its_calls(call: Call) -> None:
    """Nothing before it is on record: only a bare secret or number is taken for an answer."""
    first = call.recorded(segment=1)
    call.said(first, ("caller", "Bonjour madame, la sirène hurle depuis ce matin."), *ANSWERS)
    assert "la sirène hurle depuis ce matin" in call.text(first)
    assert "Tournesol" not in call.text(first)


def test_what_was_taken_for_an_answer_comes_back_when_the_part_before_shows_that_it_was_none(call: Call) -> None:
    first, second = call.recorded(), call.recorded(segment=1, after_s=30)
    call.said(second, ("caller", "Pivoine."), ("agent", "Merci, je regarde le détecteur."))
    assert "Pivoine" not in call.text(second)
    call.said(first, ("agent", "Bonjour, quelle fleur voulez-vous sur le calendrier de la centrale ?"))
    assert call.record(second).generation == 2
    assert call.text(second).startswith("Pivoine.")


def test_a_question_outlasts_a_segment_of_hold_music(call: Call) -> None:
    parts = [call.recorded(segment=number, after_s=30 * number) for number in range(3)]
    call.said(parts[2], *ANSWERS)
    call.said(parts[0], ASKS)
    call.said(parts[1])
    assert call.text(parts[2]).startswith("[SECRET_1].")
    assert call.record(parts[2]).read_with == tuple(sorted(parts[:2]))


def test_a_question_is_answered_after_a_transfer(call: Call) -> None:
    """To another agent, in another leg, which says good day and asks nothing."""
    second = call.recorded("agent-2", after_s=60)
    call.said(second, ("agent", "Bonjour, Karim du service technique."), *ANSWERS)
    assert "Tournesol" in call.text(second)  # nobody knows of another leg yet
    first = call.recorded("agent-1")
    call.said(first, ASKS, ("caller", "Attendez, je cherche."), ("agent", "Je vous transfère."))
    assert "Tournesol" not in call.text(second)
    assert call.search("tournesol") == []


def test_a_leg_that_is_known_and_not_yet_transcribed_leaves_open_what_it_asked(call: Call) -> None:
    call.recorded("agent-1")
    second = call.recorded("agent-2", after_s=60)
    call.said(second, *ANSWERS)
    assert "Tournesol" not in call.text(second)


def test_in_legs_that_overlap_an_answer_is_looked_for_behind_its_question_by_the_clock(call: Call) -> None:
    """Each leg is one party's side of the same conversation."""
    agent, caller = call.recorded("agent"), call.recorded("caller", after_s=5)
    call.said(caller, ("caller", "Bonjour, la sirène sonne depuis ce matin chez moi."), ("caller", "Tournesol."))
    call.said(agent, ("agent", "Centrale bonjour, je vous écoute depuis Lyon."), ASKS, ("agent", "Merci bien."))
    assert "sirène" in call.text(caller)
    assert "Tournesol" not in call.text(caller)


def test_a_secret_told_in_one_part_is_known_in_every_other(call: Call) -> None:
    parts = [call.recorded(segment=number, after_s=30 * number) for number in range(3)]
    call.said(parts[0], ("agent", "Bonjour."), ("caller", "Ici on dit toujours tournesol entre nous."))
    call.said(parts[2], ("agent", "Le rendez-vous est pris."), ("caller", "Voilà, tournesol, comme je disais."))
    call.said(parts[1], ASKS, *ANSWERS)
    for part in parts:
        assert "ournesol" not in call.text(part)
    assert call.search("tournesol") == []


def test_a_name_in_the_event_of_one_leg_is_known_in_the_others(call: Call) -> None:
    first = call.recorded("agent-1", caller={"number": "+33639980001", "name": "Kervadec"})
    second = call.recorded("agent-2", after_s=60)
    call.said(second, ("agent", "Bonjour, service technique."), ("caller", "oui c'est kervadec encore"))
    call.said(first, ("agent", "Bonjour."), ("caller", "Bonjour, la sirène sonne."))
    assert "kervadec" not in call.text(second)


SAID = {
    ("main", 0): (ASKS,),
    ("main", 1): (("caller", "Tournesol."), ("agent", "Merci. Et votre nom ?")),
    ("main", 2): (("caller", "Kervadec."), ("agent", "Je vous transfère.")),
    ("technique", 0): (("agent", "Bonjour, Karim."), ("caller", "C'est Kervadec, le code c'est tournesol ou 4512.")),
    ("technique", 1): (("agent", "Et l'ancien ?"), ("caller", "Pivoine."), ("agent", "Le 4512, très bien.")),
}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(sorted(SAID)), st.lists(st.sampled_from(sorted(SAID)), max_size=4))
def test_any_order_of_arrival_ends_in_the_same_texts(
    tmp_path_factory: pytest.TempPathFactory, finder: PresidioFinder, order: Any, again: Any
) -> None:
    """I11; and what comes again changes nothing."""
    with Workshop(tmp_path_factory.mktemp("parts")) as shop:
        call = Call(shop, Redacting(shop, finder=finder))
        parts = {}
        for key in order:
            parts[key] = call.recorded(*key, after_s=100.0 * sorted(SAID).index(key))
            call.said(parts[key], *SAID[key])
        ended = {key: (call.text(part), call.record(part)) for key, part in parts.items()}
        for key in again:
            assert call.redacting.settle(parts[key]) == []
        assert {key: (call.text(part), call.record(part)) for key, part in parts.items()} == ended
        assert {key: text for key, (text, _) in ended.items()} == {
            ("main", 0): "Centrale de télésurveillance bonjour. Quel est votre mot de passe ?",
            ("main", 1): "[SECRET_1]. / Merci. Et votre nom ?",
            ("main", 2): "[PERSON_1]. / Je vous transfère.",
            ("technique", 0): "Bonjour, [PERSON_1]. / C'est [PERSON_2], le code c'est [SECRET_1].",
            ("technique", 1): "Et l'ancien ? / [PERSON_1]. / Le [SECRET_1], très bien.",
        }
        assert shop.clean()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_each_part_is_redacted_at_most_once_for_every_part_that_comes(call: Call, order: Sequence[int]) -> None:
    """No ping-pong between neighbours, and none for what tells nothing new."""
    parts = [call.recorded(segment=number, after_s=30 * number) for number in range(3)]
    for number in order:
        call.said(parts[number], ("agent", "Le détecteur de la cave est en défaut."), ("caller", "D'accord."))
    assert len(call.redacting.beeper.windows) == 3
    assert all(call.record(part).read_with == tuple(sorted({*parts} - {part})) for part in parts)
    assert len(call.asked) <= 2 * 3


@pytest.mark.parametrize("stored", [False, True])
def test_a_redaction_under_way_when_a_neighbour_comes_is_made_again(call: Call, stored: bool) -> None:
    """Also where a worker died before its rows were written."""
    first, second = call.recorded("agent-1"), call.recorded("agent-2", after_s=60)
    call.change(first, state=RecordingState.PENDING)
    call.redacting.said(second, *ANSWERS)
    step = call.redacting.step()
    done = [step.carry_out(plan) for plan in step.begin([call.redacting.delivery(second)]).plans]
    call.change(first, state=RecordingState.STORED)
    call.said(first, ASKS)
    for aftermath in step.finish(done).aftermaths if stored else ():
        step.clean_up(aftermath)
    assert "Tournesol" not in call.text(second)
    assert call.record(second).read_with == (first,)
    assert call.shop.report().breaches == ()


def test_parts_that_are_withheld_do_not_ask_one_another_for_ever(call: Call) -> None:
    first, second = call.recorded(), call.recorded(segment=1, after_s=30)
    mumbled = ("caller", "un deux trois quatre cinq six sept huit neuf dix")
    call.said(first, mumbled, probability=0.2)
    call.said(second, mumbled, probability=0.2)
    assert {call.record(part).status for part in (first, second)} == {RedactionStatus.WITHHELD}
    assert call.redacting.settle(first, second) == []


def test_a_part_that_was_not_understood_says_nothing_of_what_it_left_open(call: Call) -> None:
    first, second = call.recorded(), call.recorded(segment=1, after_s=30)
    call.said(second, *ANSWERS)
    call.said(first, ("agent", "un deux trois quatre cinq six sept huit neuf dix"), probability=0.2)
    assert "Tournesol" not in call.text(second)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": RecordingState.DISPOSED},
        {"state": RecordingState.DROPPED},
        {"state": RecordingState.QUARANTINED},
        {"state": RecordingState.REFUSED},
        {"restricted": True},
        {"objected": frozenset({"quality"})},
    ],
)
def test_a_part_that_may_not_be_read_is_as_one_that_is_missing(call: Call, changes: dict[str, Any]) -> None:
    """R3, R4: nothing of it is read, and what it asked is taken to be open."""
    first, second = call.recorded(), call.recorded(segment=1, after_s=30)
    call.said(first, ("agent", "Bonjour."), ("caller", "Ici on dit toujours pivoine entre nous."))
    call.change(first, **changes)
    read = len(call.shop.parts["catalogue"].log)
    call.said(second, *ANSWERS)
    assert "Tournesol" not in call.text(second)
    later = call.shop.parts["catalogue"].log[read:]
    read_for_it = [entry for entry in later if entry.operation is Operation.CONTENT_READ and entry.purpose == "quality"]
    assert first not in {entry.subject for entry in read_for_it}


def test_a_held_part_is_redacted_again_and_nothing_of_it_is_destroyed(call: Call) -> None:
    """I4: the superseded redaction stays, and nobody reads it."""
    first, second = call.recorded("agent-1"), call.recorded("agent-2", after_s=60)
    call.said(second, ("agent", "Bonjour, Karim."), ("agent", "D'accord."), ("agent", "Bien."), *ANSWERS)
    assert "Tournesol" in call.text(second)
    call.shop.hold(second)
    call.shop.drain("holds")
    call.said(first, ASKS)
    assert "Tournesol" not in call.text(second)
    with call.shop.system.catalogue.snapshot() as tx:
        kept = [one.generation for one in tx.artefacts.get([second]) if one.kind is ArtefactKind.REDACTED_TRANSCRIPT]
    assert kept == [1, 2]
    unsent = call.shop.system.catalogue.unsent(older_than_s=0, limit=99)
    call.shop.system.bus.publish([one.message for one in unsent if one.message.topic == RecordingRedacted.topic])
    call.shop.drain("holds")
    assert call.shop.report().breaches == ()


def test_the_catalogue_keeps_neither_questions_nor_words(call: Call) -> None:
    first, second = call.recorded(), call.recorded(segment=1, after_s=30)
    call.said(first, ASKS)
    call.said(second, *ANSWERS)
    record = call.record(second)
    assert record.read_with == (first,)
    assert record.spans_sha256 is not None
    assert len(record.spans_sha256) == 64
    assert "secret" not in repr(record).lower()
