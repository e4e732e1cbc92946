"""Every code that a page shows has words, in English and in French."""

import pytest

from callwarden.accesslog.proof.export import Kind
from callwarden.model.access import Readable, Role
from callwarden.model.court import CourtKind, Residence
from callwarden.model.experiment import Carried, ExperimentState, ItemState
from callwarden.model.hold import CaseState, PlacementState
from callwarden.model.letter import LetterKind
from callwarden.model.note import NoteWhy
from callwarden.model.objection import GROUNDS, Ground, ScopeKind
from callwarden.model.policy import LegalBasis, WhenUnknown, WhenUntold
from callwarden.model.procedure import EventType, GivenUp, Instance, WayName
from callwarden.model.purpose import OBJECTABLE, Purpose
from callwarden.model.recording import RecordingState
from callwarden.model.request import Decision, FoundBy, RefusalGround, RequestState, RequestType
from callwarden.rules.access_table import STATES
from callwarden.rules.case_procedure import DueKind
from callwarden.rules.cases import EDITABLE
from callwarden.rules.erasing import Waits
from callwarden.rules.experiments import Unfit
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.requests import RequestRefusal
from callwarden.rules.rights import ActRefusal, Scope
from callwarden.workers.web.portal.set_aside_words import compared
from callwarden.workers.web.portal.vocabulary import VOCABULARY
from callwarden.workers.web.words import Language, translations

CODES: dict[str, set[str]] = {
    kind: {str(one) for codes in lists for one in codes}
    for kind, lists in {
        "log.fault": (Kind,),
        "note.why": (NoteWhy,),
        "case.state": (CaseState,),
        "court": (CourtKind,),
        "residence": (Residence,),
        "placement.state": (PlacementState,),
        "case.event": (EventType,),
        "instance": (Instance,),
        "gives_up": (GivenUp,),
        "way": (WayName,),
        "due": (DueKind,),
        "case.field": (EDITABLE,),
        "request.type": (RequestType,),
        "request.state": (RequestState,),
        "ground": (RefusalGround, GROUNDS, Ground, Waits),
        "found_by": (FoundBy,),
        "decision": (Decision,),
        "letter": (LetterKind,),
        "recording.state": (RecordingState,),
        "purpose": (Purpose, OBJECTABLE),
        "artefact": (Readable,),
        "role": (Role,),
        "scope": (ScopeKind,),
        "when_unknown": (WhenUnknown,),
        "notice": (WhenUntold,),
        "opening.state": (STATES,),
        "reach": (Scope,),
        "basis": (LegalBasis,),
        "reason": (ActRefusal, RequestRefusal),
        "experiment.state": (ExperimentState,),
        "carried": (Carried,),
        "item.state": (ItemState,),
        "left_out": (ReadRefusal, Unfit),
    }.items()
}


@pytest.mark.parametrize("kind", sorted(CODES))
def test_a_vocabulary_has_words_for_every_code(kind: str) -> None:
    assert CODES[kind] - VOCABULARY[kind].keys() == set()


@pytest.mark.parametrize(
    ("text", "french"),
    [
        ("expected 29.64 s, found 12.50 s", "attendu : 29.64 s, trouvé : 12.50 s"),
        ("0 to 28800 s", "0 à 28800 s"),
        ("sound in the audio", "son présent dans le fichier"),
        ("from Paris 0 to 3 s", "from Paris 0 to 3 s"),
        ("data.audio.bytes", "data.audio.bytes"),
    ],
)
def test_what_was_found_in_an_event_is_told_in_words_and_names_stay_as_they_are(text: str, french: str) -> None:
    context = {"pgettext": translations(Language.FRENCH).pgettext}
    assert compared(context, text) == french  # type: ignore[arg-type]  # all it asks of a template's context


def test_every_word_of_a_vocabulary_is_in_french() -> None:
    french = translations(Language.FRENCH)
    known: dict[object, str] = getattr(french, "_catalog", {})
    words = {(kind, one) for kind, codes in VOCABULARY.items() for one in codes.values()}
    assert {(kind, one) for kind, one in words if f"{kind}\x04{one}" not in known} == set()
