"""Invented letters and packs that go through every branch a template has: what a check renders, and a person looks at.

Nothing of them is decided by a clock: their day is a fixed one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from callwarden.adapters.policy.file import load_policy
from callwarden.model.consultation import Consultation
from callwarden.model.event import Agent, CallRecorded, Pause, Person
from callwarden.model.ids import CallId, CaseId, EventId, LineId, PolicyVersion, RecordingId
from callwarden.model.letter import (
    Language,
    Letter,
    LetterCorrection,
    LetterItem,
    LetterKind,
    LetterPurpose,
    Sender,
    Words,
    letter_values,
)
from callwarden.model.paper import Sources
from callwarden.model.paper_words import PLACES
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import LegalBasis, Processor
from callwarden.model.purpose import OBJECTABLE, RECORDING, Purpose
from callwarden.model.recording import Recording, RecordingState
from callwarden.model.redaction import SpanType
from callwarden.model.request import RefusalGround, RequestType
from callwarden.rules.access_copy import CopyTurn, Masked
from callwarden.rules.access_pack import CONSULTED, NOT_ENCLOSED, PackItem, pack_document
from callwarden.rules.erasing import Waits
from callwarden.rules.papers.notices import ANNOUNCEMENT, TEMPLATES, notice_values
from callwarden.rules.papers.register import register
from callwarden.rules.rectifying import FIELDS
from callwarden.shipped import shipped_config

PACK = "pack"
_AT = datetime(2026, 5, 1, 9, 5, tzinfo=UTC)
_DAY = _AT.date()
_LINE = LineId("customer-service")

Sample = tuple[str, Language, Mapping[str, object]]
"""A template's name, the language, and what it is given."""


def all_samples(words: Callable[[Language], Words], sender: Sender) -> Iterator[Sample]:
    """Every kind of letter and pack, in every language."""
    refused = [replace(_ITEM, reason=reason.value) for reason in RefusalGround]
    waiting = [replace(_ITEM, reason=reason.value, waits=True) for reason in Waits]
    answers = ((), (_ITEM,), (_ITEM, replace(_ITEM, when=None)), tuple(refused + waiting), (_ITEM, *refused, *waiting))
    for language in Language:
        for type_ in RequestType:
            for kind in LetterKind:
                reasons = [each.value for each in RefusalGround] if kind is LetterKind.REFUSAL else ["A reason.", None]
                for reason in reasons:
                    for items in answers if kind is LetterKind.ANSWER else answers[2:3]:
                        letter = sample_letter(kind, language, type_, reason=reason, items=items)
                        yield kind.value, language, letter_values(letter)
        for told in ((), ("Tribunal judiciaire",)):
            yield PACK, language, sample_pack(words(language), sender, told=told)
        yield from sample_papers(words(language), sender)


def sample_letter(
    kind: LetterKind,
    language: Language,
    type_: RequestType,
    *,
    reason: str | None = None,
    items: Sequence[LetterItem] = (),
) -> Letter:
    """A letter of this kind about an invented request."""
    ground = RefusalGround.THIRD_PARTIES.value if kind is LetterKind.REFUSAL else "A reason."
    return Letter(
        kind=kind,
        language=language,
        reference="req-20260501-0a1b2c3d",
        type=type_.value,
        received=_DAY,
        due=_DAY + timedelta(days=30),
        today=_DAY,
        reason=reason or ground,
        items=tuple(items) or (_ITEM,),
        not_enclosed=len(items) - 1 if items else 0,
        purposes=_PURPOSES if type_ is RequestType.OBJECTION else (),
        corrections=_CORRECTIONS if type_ is RequestType.RECTIFICATION else (),
        recipients=("Tribunal judiciaire",) if len(items) > 1 else (),
        to=("Nom et adresse",),
    )


def sample_pack(words: Words, sender: Sender, *, told: Sequence[str]) -> Mapping[str, object]:
    """A pack with a recording that is enclosed, one that is not and says nothing of itself, and every mask."""
    masks = tuple(Masked(type=kind, number=1) for kind in SpanType)
    copy = (CopyTurn(speaker="caller", start_s=1.0, parts=("Bonjour ", *masks, Masked(type=None))),)
    items = (
        PackItem(recording=_RECORDING, event=_EVENT, transcript=copy, audio="sound/rec-1.flac"),
        PackItem(
            recording=replace(_RECORDING, keep_until=None, restricted=True, holds=(CaseId("CASE-1"),)),
            event=None,
            by_hand="masked-by-hand/rec-1.txt",
            withheld=tuple(each.value for each in NOT_ENCLOSED),
            silent=tuple(each.value for each in NOT_ENCLOSED),
        ),
    )
    seen = [
        Consultation(
            day=date(2026, 5, 2),
            purpose=purpose.value,
            operation=operation.value,
            artefact="beeped-audio",
            by_machine=by_machine,
            call_ended_at=_AT,
            line=_LINE,
            recording_id=_RECORDING.recording_id,
            times=2,
        )
        for purpose in Purpose
        for operation in CONSULTED
        for by_machine in (False, True)
    ]
    request = {"reference": "req-20260501-0a1b2c3d", "type": "access", "received": _DAY.isoformat()}
    policy = load_policy(shipped_config() / "policy.yaml")
    document = pack_document(request, items, seen, told=told, sender=sender, words=words, policy=policy, today=_DAY)
    return {"pack": document, "request": {**request, "received": _DAY}, "today": _DAY}


def sample_papers(words: Words, sender: Sender) -> Iterator[Sample]:
    """A paper, and each notice of a policy that says everything it may, and of one that leaves out what it may."""
    shipped = load_policy(shipped_config() / "policy.yaml")
    first, second = shipped.lines.values()
    said = tuple((language.value, "x") for language in Language)
    processor = Processor(name="X SAS", what=said, country="US", contract="X-1", regions=("local",), guarantees=said)
    full = replace(
        shipped,
        lines={
            first.line: replace(first, to_object=said, share=Decimal("0.3"), audio_retention=CalendarPeriod(months=3)),
            second.line: second,
            LineId("silent"): replace(second, line=LineId("silent"), share=Decimal(0)),
        },
        interest=said,
        transfers=said,
        automated_decisions=said,
        processors=(processor,),
        legal_bases=((Purpose.TRAINING.value, LegalBasis.CONSENT.value),),
        storage_regions=PLACES,
    )
    bare = replace(shipped, lines={second.line: second}, access=shipped.access[:1])
    writer = replace(sender, website="https://example.com/", joint_controllers=("X SA",), works_council="2026-01-15")
    for policy, who in ((full, writer), (bare, None)):
        sources = Sources(
            policy=policy, words=words, sender=who, evaluations_kept=CalendarPeriod(months=12), today=_DAY
        )
        yield "paper", words.language, {"paper": register(sources)}
        for template in TEMPLATES.values():
            yield template, words.language, notice_values(sources)
        for line in policy.lines:
            yield ANNOUNCEMENT, words.language, notice_values(sources, line=line)


_ITEM = LetterItem(reference="rec-1", when=_AT)
_PURPOSES = (
    *(LetterPurpose(purpose=RECORDING, count=1, reason=ground.value) for ground in RefusalGround),
    *(LetterPurpose(purpose=purpose, count=2) for purpose in sorted(OBJECTABLE)),
)
_CORRECTIONS = tuple(LetterCorrection(when=_AT, what=what, was=None, now="A-2") for what in sorted(FIELDS))
_RECORDING = Recording(
    recording_id=RecordingId("rec-1"),
    call_id=CallId("c-1"),
    leg="main",
    segment=0,
    line=_LINE,
    state=RecordingState.STORED,
    started_at=_AT,
    ended_at=_AT,
    keep_until=_AT,
    caller=None,
    customer=None,
    agent_id=None,
    objected=frozenset({Purpose.TRAINING.value}),
    restricted=False,
    quarantine_reason=None,
    policy_version=PolicyVersion("sample"),
    source_sha256=None,
)
_EVENT = CallRecorded(
    event_id=EventId("sample#1"),
    call_id=CallId("c-1"),
    line=_LINE,
    caller=Person(number="+33639980001", customer_id="C-1", name="Nom Prénom"),
    agent=Agent(id="a-1"),
    notice_version="2026-01",
    pauses=(Pause(from_s=1.0, to_s=2.0),),
    labels=(("alarm_id", "A-1"),),
)
