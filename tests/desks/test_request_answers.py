"""What a person gets: the letter, and of their calls what is theirs and nobody else's (D5, D7)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.accesslog.key.signer import trust
from callwarden.desks.request_enclosures import HowToAnswer
from callwarden.errors import RefusedError, UsageError
from callwarden.evidence.manifest import ANSWER
from callwarden.evidence.verify import verify_answer
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import RecordingId
from callwarden.model.letter import Language
from callwarden.model.period import CalendarPeriod
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from callwarden.model.redaction import Attention, KnownFacts, OpenQuestion, Span, SpanType, Turn
from callwarden.model.request import RefusalGround, RequestId, RequestState, RequestType
from callwarden.rules.signed_document import open_document
from tests.support.quick import policy_of
from tests.support.redacting import Redacting
from tests.support.workshop import DPO, LEGAL, SHIPPED_POLICY, Workshop, with_line

NUMBER = "+33639980001"
SAID = (
    ("agent", "Bonjour, Karim Benali à votre écoute"),
    ("caller", "Bonjour, Hélène Marchand, ma voisine Odile Ferrand a vu de la lumière"),
    ("caller", "appelez-la au 06 39 98 55 55, et moi au 06 39 98 00 01"),
)
TAKEN_OUT = {
    "Karim Benali": SpanType.PERSON,
    "Hélène Marchand": SpanType.PERSON,
    "Odile Ferrand": SpanType.PERSON,
    "06 39 98 55 55": SpanType.PHONE,
    "06 39 98 00 01": SpanType.PHONE,
}
OTHERS = ("Karim", "Benali", "Odile", "Ferrand", "98 55 55", "a-77", "trainer", "alice")


class ToldFinder:
    """`callwarden.ports.pii.PersonalDataFinder` that finds what it is told to."""

    def find(
        self, turns: Sequence[Turn], *, language: str, known: KnownFacts, opening: Sequence[OpenQuestion] = ()
    ) -> list[Span]:
        return [
            Span(turn=n, start=at, end=at + len(text), type=kind, score=1.0, explanation="told")
            for n, turn in enumerate(turns)
            for text, kind in TAKEN_OUT.items()
            if (at := turn.text.find(text)) >= 0
        ]

    def attend(self, turns: Sequence[Turn], *, language: str, opening: Sequence[OpenQuestion] = ()) -> Attention:
        return Attention(expected=frozenset(), rare=frozenset())


def redacted_call(shop: Workshop, call_id: str = "c-1", **changes: Any) -> RecordingId:
    """A call that was taken in, transcribed and redacted."""
    caller = {"number": NUMBER, "customer_id": "C-1", "name": "Hélène Marchand", "names": ["Paul Marchand"]}
    more = {
        "caller": caller,
        "agent": {"id": "a-77"},
        "labels": {"alarm": "A-12", "note": "vu par Karim Benali", "by": "a-77"},
    }
    recording = shop.stored(call_id, **(more | changes))
    redacting = Redacting(shop, finder=ToldFinder())
    redacting.said(recording, *SAID)
    redacting.settle(recording)
    return recording


def decided(shop: Workshop, kind: RequestType = RequestType.ACCESS, refusal: RefusalGround | None = None) -> RequestId:
    """A request all of whose items are decided."""
    desk = shop.system.request_desk
    request = desk.open(DPO, kind, number=NUMBER).request.request_id
    desk.verify(DPO, request, how="called back")
    shop.system.request_item_desk.find(DPO, request)
    shop.system.request_item_desk.decide(DPO, request, refusal=refusal)
    return request


def texts(folder: Path) -> str:
    return "\n".join(one.read_text() for one in folder.rglob("*") if one.suffix in (".html", ".json"))


def pack(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "pack.json").read_text()))


def test_access_gives_the_person_their_words_and_masks_staff_and_everybody_else(shop: Workshop, tmp_path: Path) -> None:
    recording = redacted_call(shop)
    answered = shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", HowToAnswer())
    assert answered.request.state is RequestState.ANSWERED
    [told] = pack(tmp_path / "out")["recordings"]
    assert [turn["text"] for turn in told["transcript"]] == [
        "Bonjour, [nom 1] à votre écoute",
        "Bonjour, Hélène Marchand, ma voisine [nom 3] a vu de la lumière",
        "appelez-la au [numéro de téléphone 1], et moi au 06 39 98 00 01",
    ]
    assert told["audio"] == f"sound/{recording}.flac"
    assert (tmp_path / "out" / told["audio"]).read_bytes() == b"a call"
    everything = texts(tmp_path / "out")
    assert "Hélène Marchand" in everything
    for other in (*OTHERS, "Paul"):
        assert other not in everything
    assert told["of_the_call"]["labels"] == {"alarm": "A-12", "by": "[masqué]", "note": "[masqué]"}


def test_a_pack_says_in_words_what_article_15_asks_for(shop: Workshop, tmp_path: Path) -> None:
    recording = redacted_call(shop)
    trainer = Actor(role=Role.TRAINER, name="alice")
    shop.system.gate.read(trainer, Purpose.TRAINING, recording, Readable.BEEPED_AUDIO).read_all()
    shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", HowToAnswer())
    told = pack(tmp_path / "out")
    [call] = told["recordings"]
    assert call["retention"] == "6 mois à compter de la fin de l'appel, soit jusqu'au 20 mai 2027"
    assert {(one["purpose"], one["basis"].split(" (")[0]) for one in call["purposes"]} == {
        *((one.value, "l'intérêt légitime") for one in Purpose if one.value not in ("rights_request", "fraud_control")),
        *((one, "une obligation légale") for one in ("rights_request", "fraud_control")),
    }
    assert "les formateurs" in told["recipients"]["in_house"]
    for part in ("source", "location", "automated_decisions", "rights"):
        assert told[part]
    seen = [one for one in call["consultations"] if one["by"] == "par une personne habilitée"]
    assert [(one["day"], one["purpose"], one["what"]) for one in seen] == [
        ("2026-11-20", "la formation des salariés", "l'enregistrement sonore masqué")
    ]


def test_an_answer_in_english_is_in_english(shop: Workshop, tmp_path: Path) -> None:
    redacted_call(shop)
    shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", HowToAnswer(language=Language.EN))
    everything = texts(tmp_path / "out")
    assert "Dear Sir or Madam" in everything
    assert "[name 1]" in everything
    assert "RGPD" not in everything


def test_what_the_officer_says_is_theirs_stays_readable_and_is_written_down_nowhere(
    shop: Workshop, tmp_path: Path
) -> None:
    recording = redacted_call(shop)
    how = HowToAnswer(
        own=("06 39 98 55 55",),
        unmask={recording: frozenset({"PERSON_3"})},
        to=("Hélène Marchand", "12 rue des Lilas"),
        sound=False,
    )
    shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", how)
    [told] = pack(tmp_path / "out")["recordings"]
    assert "06 39 98 55 55" in told["transcript"][2]["text"]
    assert "Odile Ferrand" in told["transcript"][1]["text"]
    assert "[nom 1]" in told["transcript"][0]["text"]
    assert told["audio"] is None
    assert not (tmp_path / "out" / "sound").exists()
    assert "12 rue des Lilas" in (tmp_path / "out" / "letter.html").read_text()
    assert not [one for one in shop.parts["catalogue"].log if "98" in str(one.reasons) or "Lilas" in str(one)]


def test_every_file_is_in_a_manifest_that_is_signed_and_that_the_log_knows(shop: Workshop, tmp_path: Path) -> None:
    redacted_call(shop)
    answered = shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", HowToAnswer())
    document = (tmp_path / "out" / "manifest.json").read_bytes()
    opened = open_document(document, ANSWER, trusted=[trust(shop.parts["signer"].key)])
    there = {one.relative_to(tmp_path / "out").as_posix() for one in (tmp_path / "out").rglob("*") if one.is_file()}
    assert {one["name"] for one in opened.statement["files"]} == there - {"manifest.json"}
    for one in opened.statement["files"]:
        assert hashlib.sha256((tmp_path / "out" / one["name"]).read_bytes()).hexdigest() == one["sha256"]
    trusted = [trust(shop.parts["signer"].key)]
    assert verify_answer(tmp_path / "out", trusted=trusted).ok
    (tmp_path / "out" / "letter.html").write_text("something else")
    [fault] = verify_answer(tmp_path / "out", trusted=trusted).faults
    assert (fault.kind, fault.file) == ("altered", "letter.html")
    [entry] = [one for one in shop.parts["catalogue"].log if one.operation == "request.answered"]
    assert entry.digest == answered.digest == hashlib.sha256(document).hexdigest()


def test_every_reading_is_for_the_rights_request_and_in_the_log_before_the_answer(
    shop: Workshop, tmp_path: Path
) -> None:
    """U3."""
    recording = redacted_call(shop)
    request = decided(shop)
    before = len(shop.parts["catalogue"].log)
    shop.system.answer_desk.answer(DPO, request, tmp_path / "out", HowToAnswer())
    told = [
        (str(one.operation), one.artefact, one.purpose)
        for one in shop.parts["catalogue"].log[before:]
        if one.subject == recording
    ]
    assert told == [
        ("log.read", "log", "rights_request"),
        *(
            ("content.read", what, "rights_request")
            for what in ("metadata", "redacted-transcript", "original-transcript", "beeped-audio")
        ),
    ]
    assert str(shop.parts["catalogue"].log[-1].operation) == "request.answered"


def test_without_a_released_redaction_nothing_of_the_content_leaves_and_the_answer_says_so(
    shop: Workshop, tmp_path: Path
) -> None:
    recording = shop.stored()
    answered = shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", HowToAnswer())
    assert answered.not_enclosed == {recording: ("redaction_incomplete",)}
    [told] = pack(tmp_path / "out")["recordings"]
    assert (told["audio"], told["transcript"]) == (None, None)
    assert "masqués avec certitude" in told["not_enclosed"][0]["words"]
    letter = (tmp_path / "out" / "letter.html").read_text()
    assert "leur contenu n'est pas joint" in letter
    assert "données elles-mêmes" not in " ".join(letter.split())
    assert not (tmp_path / "out" / "sound").exists()


def test_what_we_have_not_masked_yet_is_still_owed_and_kept_until_it_is_enclosed_or_refused(
    shop: Workshop, tmp_path: Path
) -> None:
    """D1, D5: our own unfinished work is no answer."""
    owed = shop.stored("c-2")
    redacted_call(shop)
    request = decided(shop)
    answered = shop.system.answer_desk.answer(DPO, request, tmp_path / "first", HowToAnswer())
    assert (answered.request.state, answered.request.answered_at) == (RequestState.ANSWERED_PARTLY, None)
    shop.clock.move(timedelta(days=200))
    shop.drain("dispose")
    assert shop.recording("c-2").state is RecordingState.STORED
    desk = shop.system.request_item_desk
    desk.decide(DPO, request, [owed], refusal=RefusalGround.THIRD_PARTIES)
    again = shop.system.answer_desk.answer(DPO, request, tmp_path / "second", HowToAnswer())
    assert (again.request.state, again.enclosed) == (RequestState.ANSWERED, 1)
    shop.drain("dispose")
    assert {shop.recording(one).state for one in ("c-1", "c-2")} == {RecordingState.DISPOSED}


def test_a_restriction_shuts_nobody_out_of_the_access_of_who_asked_for_it(shop: Workshop, tmp_path: Path) -> None:
    """D4, D5: GDPR, article 18(2)."""
    recording = redacted_call(shop)
    decided(shop, RequestType.RESTRICTION)
    with pytest.raises(RefusedError) as refused:
        shop.system.gate.read(DPO, Purpose.RIGHTS_REQUEST, recording, Readable.BEEPED_AUDIO)
    assert refused.value.reasons == ("restricted",)
    answered = shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", HowToAnswer())
    assert (answered.enclosed, answered.not_enclosed) == (1, {})
    with pytest.raises(RefusedError):
        shop.system.gate.read(DPO, Purpose.RIGHTS_REQUEST, recording, Readable.BEEPED_AUDIO)


def test_a_copy_masked_by_a_person_stands_in_for_what_redaction_withholds_and_for_nothing_else(
    shop: Workshop, tmp_path: Path
) -> None:
    withheld, released = shop.stored("c-2"), redacted_call(shop)
    (tmp_path / "mine.txt").write_text("masqué")
    how = HowToAnswer(by_hand={withheld: tmp_path / "mine.txt", released: tmp_path / "mine.txt"})
    answered = shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", how)
    assert (answered.enclosed, answered.not_enclosed) == (2, {})
    told = {one["recording"]: one for one in pack(tmp_path / "out")["recordings"]}
    assert told[withheld]["masked_by_hand"] == f"masked-by-hand/{withheld}.txt"
    assert (tmp_path / "out" / told[withheld]["masked_by_hand"]).read_text() == "masqué"
    assert told[released]["masked_by_hand"] is None


def test_what_is_refused_is_told_with_its_reason_and_not_enclosed(shop: Workshop, tmp_path: Path) -> None:
    """D3."""
    redacted_call(shop)
    request = decided(shop, refusal=RefusalGround.THIRD_PARTIES)
    shop.system.answer_desk.answer(DPO, request, tmp_path / "out", HowToAnswer())
    assert pack(tmp_path / "out")["recordings"] == []
    assert "porterait atteinte aux droits" in (tmp_path / "out" / "letter.html").read_text()


def test_who_cannot_be_identified_gets_the_refusal_and_nothing_of_what_is_kept(shop: Workshop, tmp_path: Path) -> None:
    redacted_call(shop)
    request = shop.system.request_desk.open(DPO, RequestType.ACCESS, number=NUMBER).request.request_id
    shop.system.request_item_desk.decide(DPO, request, refusal=RefusalGround.IDENTITY_UNPROVEN)
    shop.system.answer_desk.answer(DPO, request, tmp_path / "out", HowToAnswer())
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["letter.html", "manifest.json"]
    assert "certitude suffisante" in (tmp_path / "out" / "letter.html").read_text()


def test_information_tells_what_is_held_and_gives_no_content(shop: Workshop, tmp_path: Path) -> None:
    """D1."""
    redacted_call(shop)
    shop.system.answer_desk.answer(DPO, decided(shop, RequestType.INFORMATION), tmp_path / "out", HowToAnswer())
    [told] = pack(tmp_path / "out")["recordings"]
    assert (told["audio"], told["transcript"], told["not_enclosed"]) == (None, None, [])
    assert told["of_the_call"]["your_number"] == NUMBER
    lines = {one["line"]: one for one in pack(tmp_path / "out")["lines"]}
    assert (lines["customer-service"]["retention"], lines["monitoring-centre"]["retention"]) == ("6 mois", "1 an")
    assert "vous opposer à l'enregistrement" in lines["customer-service"]["objection"]
    assert "article 21" in lines["monitoring-centre"]["objection"]
    assert len(lines["customer-service"]["purposes"]) == len(Purpose)


def test_before_identity_and_decisions_nothing_is_written(shop: Workshop, tmp_path: Path) -> None:
    redacted_call(shop)
    desk = shop.system.request_desk
    request = desk.open(DPO, RequestType.ACCESS, number=NUMBER).request.request_id
    for reason in ("identity_unverified", "not_found_yet", "undecided"):
        with pytest.raises(RefusedError) as refused:
            shop.system.answer_desk.answer(DPO, request, tmp_path / "out", HowToAnswer())
        assert refused.value.reasons == (reason,)
        assert list(tmp_path.glob("*out*")) == []
        if reason == "identity_unverified":
            desk.verify(DPO, request, how="called back")
        else:
            shop.system.request_item_desk.find(DPO, request)


def test_an_answer_is_for_the_data_protection_officer(shop: Workshop, tmp_path: Path) -> None:
    redacted_call(shop)
    request = decided(shop)
    with pytest.raises(RefusedError) as refused:
        shop.system.answer_desk.answer(LEGAL, request, tmp_path / "out", HowToAnswer())
    assert not (tmp_path / "out").exists()
    assert refused.value.reasons == ("not_permitted",)


def test_a_folder_that_is_taken_is_left_alone_and_another_answer_can_be_written(shop: Workshop, tmp_path: Path) -> None:
    redacted_call(shop)
    request = decided(shop)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    with pytest.raises(UsageError, match="exists already"):
        shop.system.answer_desk.answer(DPO, request, tmp_path / "out", HowToAnswer())
    first = shop.system.answer_desk.answer(DPO, request, tmp_path / "a", HowToAnswer())
    again = shop.system.answer_desk.answer(DPO, request, tmp_path / "b", HowToAnswer())
    assert (tmp_path / "a" / "letter.html").read_text() == (tmp_path / "b" / "letter.html").read_text()
    assert again.request == first.request


@pytest.mark.parametrize("swept", [True, False])
def test_once_the_audio_has_ended_the_redacted_transcript_is_given_and_why_there_is_no_sound(
    tmp_path: Path, *, swept: bool
) -> None:
    """I5: whether or not the sweep has run. A request opens again nothing whose period was over when it came in."""
    policy = with_line(policy_of(SHIPPED_POLICY), audio_retention=CalendarPeriod(days=10))
    with Workshop(tmp_path / "site", policy=policy) as shop:
        redacted_call(shop)
        shop.clock.move(timedelta(days=12))
        if swept:
            shop.drain("dispose")
        shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", HowToAnswer())
        [told] = pack(tmp_path / "out")["recordings"]
        assert told["transcript"][0]["text"] == "Bonjour, [nom 1] à votre écoute"
        assert told["audio"] is None
        assert [one["code"] for one in told["sound_not_enclosed"]] == ["disposed" if swept else "past_retention"]
        assert told["not_enclosed"] == []


def test_a_pack_says_what_the_policy_says_of_bases_interest_transfers_and_the_name_of_the_line(tmp_path: Path) -> None:
    """D7: GDPR, articles 13(1)(d), 13(1)(f) and 15."""
    policy = replace(
        with_line(policy_of(SHIPPED_POLICY), name=(("fr", "Service clients"),)),
        legal_bases=(("training", "consent"),),
        interest=(("fr", "La preuve des alarmes."),),
        transfers=(("fr", "Aucun."),),
    )
    with Workshop(tmp_path / "site", policy=policy) as shop:
        redacted_call(shop, notice={"version": "v7", "played": True, "completed": False})
        shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", HowToAnswer())
        told = pack(tmp_path / "out")
        [call] = told["recordings"]
        assert (told["interest"], told["location"]) == ("La preuve des alarmes.", "Aucun.")
        assert call["line_name"] == "Service clients"
        bases = {one["purpose"]: one["basis"] for one in call["purposes"]}
        assert "le consentement" in bases["training"]
        assert "intérêt légitime" in bases["quality"]
        notice = call["of_the_call"]["notice"]
        assert notice["words"] == "annonce commencée, non entendue jusqu'à la fin"
        assert "les voix elles-mêmes" in told["sound"]
        page = (tmp_path / "out" / "pack.html").read_text()
        assert "version v7" in page
        assert "Service clients" in page


def test_of_what_is_set_aside_the_person_gets_their_number_and_its_own_period(shop: Workshop, tmp_path: Path) -> None:
    shop.publish(shop.event("c-1", audio=b"noise", caller={"number": NUMBER, "customer_id": "C-1"}))
    shop.drain()
    shop.system.answer_desk.answer(DPO, decided(shop), tmp_path / "out", HowToAnswer())
    [told] = pack(tmp_path / "out")["recordings"]
    assert [one["code"] for one in told["not_enclosed"]] == ["quarantined"]
    assert (told["of_the_call"]["your_number"], told["of_the_call"]["your_customer_id"]) == (NUMBER, "C-1")
    assert told["retention"].startswith("mis de côté")
    assert "6 mois" not in told["retention"]
