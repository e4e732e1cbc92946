"""The desks of people's rights: objections, requests and what is written to people about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwarden.wiring.cases import Cases
from callwarden.wiring.part import part

if TYPE_CHECKING:
    from callwarden.custody.objection_effects import ObjectionEffects
    from callwarden.desks.consultations import Consultations
    from callwarden.desks.objections import ObjectionDesk
    from callwarden.desks.recipients import RecipientDesk
    from callwarden.desks.rectifications import RectificationDesk
    from callwarden.desks.request_answers import AnswerDesk
    from callwarden.desks.request_erasures import RequestErasureDesk
    from callwarden.desks.request_items import RequestItemDesk
    from callwarden.desks.request_letters import LetterDesk
    from callwarden.desks.request_search import RequestSearchDesk
    from callwarden.desks.requests import RequestDesk
    from callwarden.ports.letter_book import LetterBook


class Requests(Cases):
    """The parts of one system that people's rights need; see `Parts`."""

    @part
    def objection_effects(self) -> ObjectionEffects:
        return self.objection_effects_of(self.catalogue)

    @part
    def objection_desk(self) -> ObjectionDesk:
        from callwarden.desks.objections import ObjectionDesk

        return ObjectionDesk(
            clock=self.clock,
            acts=self.acts,
            concerned=self.concerned,
            effects=self.objection_effects,
            policy=self.policy,
        )

    @part
    def request_desk(self) -> RequestDesk:
        from callwarden.adapters.alarm import LoggedAlarm
        from callwarden.desks.requests import RequestDesk

        return RequestDesk(
            policy=self.policy, clock=self.clock, acts=self.acts, concerned=self.concerned, alarm=LoggedAlarm()
        )

    @part
    def request_item_desk(self) -> RequestItemDesk:
        from callwarden.desks.request_items import RequestItemDesk

        return RequestItemDesk(clock=self.clock, acts=self.acts, effects=self.objection_effects)

    @part
    def letter_book(self) -> LetterBook:
        from callwarden.wiring.letters import letter_book

        return letter_book(self.settings)

    @part
    def letter_desk(self) -> LetterDesk:
        from callwarden.desks.request_letters import LetterDesk

        return LetterDesk(policy=self.policy, clock=self.clock, acts=self.acts, book=self.letter_book)

    @part
    def recipient_desk(self) -> RecipientDesk:
        from callwarden.desks.recipients import RecipientDesk

        return RecipientDesk(policy=self.policy, clock=self.clock, acts=self.acts, book=self.letter_book)

    @part
    def rectification_desk(self) -> RectificationDesk:
        from callwarden.desks.rectifications import RectificationDesk

        return RectificationDesk(
            policy=self.policy,
            clock=self.clock,
            acts=self.acts,
            concerned=self.concerned,
            effects=self.objection_effects,
            placing=self.placing,
            keys=self.keys,
            cipher=self.cipher,
            codec=self.codec,
        )

    @part
    def answer_desk(self) -> AnswerDesk:
        from callwarden.adapters.speech.codec import JsonTranscriptCodec
        from callwarden.desks.request_answers import AnswerDesk
        from callwarden.desks.request_enclosures import Enclosures

        enclosures = Enclosures(
            policy=self.policy,
            clock=self.clock,
            gate=self.gate,
            consultations=self.consultations,
            book=self.letter_book,
            codec=JsonTranscriptCodec(),
        )
        return AnswerDesk(
            policy=self.policy,
            clock=self.clock,
            acts=self.acts,
            requests=self.request_desk,
            enclosures=enclosures,
            rectifications=self.rectification_desk,
            book=self.letter_book,
            signer=lambda: self.signer,
        )

    @part
    def request_search_desk(self) -> RequestSearchDesk:
        from callwarden.adapters.speech.codec import JsonTranscriptCodec
        from callwarden.desks.request_search import RequestSearchDesk

        return RequestSearchDesk(clock=self.clock, acts=self.acts, gate=self.gate, codec=JsonTranscriptCodec())

    @part
    def request_erasure_desk(self) -> RequestErasureDesk:
        from callwarden.custody.erasing import Erasing
        from callwarden.desks.request_erasures import RequestErasureDesk

        erasing = Erasing(
            catalogue=self.catalogue,
            disposal=self.disposal,
            clock=self.clock,
            copies=self.objection_effects.copies,
        )
        return RequestErasureDesk(clock=self.clock, acts=self.acts, erasing=erasing, effects=self.objection_effects)

    @part
    def consultations(self) -> Consultations:
        from callwarden.desks.consultations import Consultations

        return Consultations(
            policy=self.policy,
            catalogue=self.catalogue,
            keys=self.keys,
            concerned=self.concerned,
            gate=self.gate,
            reader=self.log_reader,
        )
