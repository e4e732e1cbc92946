"""What an item is pinned to, and what persons are called (U5, L1)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import RecordingId
from callwarden.model.recording import Artefact, ArtefactKind
from callwarden.rules.experiment_items import item_name, person_name, pin_of
from tests.support.catalogue_rows import artefact

KEYS = st.binary(min_size=32, max_size=32)
FORMS = (
    replace(artefact(1), kind=ArtefactKind.REDACTED_TRANSCRIPT, sha256="a" * 64),
    replace(artefact(1), kind=ArtefactKind.BEEPED_AUDIO, sha256="b" * 64),
)
OTHER = st.one_of(
    st.integers(2, 9).map(lambda generation: {"generation": generation}),
    st.text("0123456789abcdef", min_size=64, max_size=64)
    .filter(lambda text: text != "a" * 64)
    .map(lambda text: {"sha256": text}),
    st.just({"kind": ArtefactKind.ORIGINAL_TRANSCRIPT}),
)


@given(OTHER)
def test_a_pin_is_of_each_form_with_its_generation_and_its_bytes(change: dict[str, object]) -> None:
    text, sound = FORMS
    other: Artefact = replace(text, **change)  # type: ignore[arg-type]
    assert pin_of([text, sound]) == pin_of([sound, text])
    assert len({pin_of([text, sound]), pin_of([other, sound]), pin_of([text]), pin_of([])}) == 4


@given(KEYS, KEYS, st.text(max_size=40), st.text(max_size=40))
def test_one_person_has_one_name_in_an_experiment_and_another_in_the_next(
    key: bytes, other: bytes, one: str, another: str
) -> None:
    assert (person_name(key, "caller", one) == person_name(key, "caller", another)) == (one == another)
    assert person_name(key, "caller", one) != person_name(key, "agent", one).replace("agent", "caller")
    if key != other:
        assert person_name(key, "caller", one) != person_name(other, "caller", one)
        assert item_name(key, RecordingId(one)) != item_name(other, RecordingId(one))
