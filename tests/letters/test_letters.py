"""Letters from templates that people edit: complete, escaped, sandboxed, and every fault named with its line."""

import re
from html import unescape
from pathlib import Path

import pytest

from callwarden.adapters.correspondence.book import TemplatedLetters
from callwarden.adapters.correspondence.samples import sample_letter
from callwarden.adapters.correspondence.words import SECTIONS
from callwarden.errors import ConfigurationError
from callwarden.model.letter import Language, LetterItem, LetterKind
from callwarden.model.request import RefusalGround, RequestType
from callwarden.rules.erasing import Waits
from callwarden.rules.papers.notices import TEMPLATES
from callwarden.settings import Settings
from callwarden.shipped import shipped_config
from callwarden.wiring.letters import letter_book

SHIPPED = shipped_config() / "letters"

CITES = {
    LetterKind.ACKNOWLEDGEMENT: ["12"],
    LetterKind.IDENTITY: ["12", "11"],
    LetterKind.EXTENSION: ["12"],
    LetterKind.ANSWER: [],
    LetterKind.REFUSAL: ["12"],
    LetterKind.RESTRICTION_LIFTED: ["18"],
    LetterKind.RECIPIENT: ["19"],
}
"""Articles of the GDPR each letter rests on, besides that of the right itself."""
OF_A_RIGHT = {"information": "12", "access": "15", "rectification": "16", "erasure": "17", "restriction": "18",
              "portability": "20", "objection": "21"}  # fmt: skip


@pytest.fixture(scope="module")
def book() -> TemplatedLetters:
    return TemplatedLetters(SHIPPED)


def text(document: str) -> str:
    """What a reader of the page sees."""
    body = document.partition("</style>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_every_shipped_letter_and_pack_renders_in_both_languages(book: TemplatedLetters) -> None:
    files = book.files()
    assert [file for file in files if file.fault] == []
    kinds = {*(kind.value for kind in LetterKind), "pack", "layout", "paper", *TEMPLATES.values()}
    assert {file.name for file in files} == {
        "sender.yaml",
        *(f"{language}/{kind}.html.j2" for language in Language for kind in kinds),
        "notice.html.j2",
        "paper.html.j2",
        *(f"{language}/announcement.txt.j2" for language in Language),
        *(f"{language}/words.yaml" for language in Language),
    }


def test_there_is_one_text_for_every_code_of_every_closed_list(book: TemplatedLetters) -> None:
    for language in Language:
        words = book.words(language)
        assert {name: frozenset(codes) for name, codes in words.sections.items()} == dict(SECTIONS)
        reasons = [words.of("reasons", ground.value) for ground in RefusalGround]
        assert len(set(reasons)) == len(reasons)
    french, english = (book.words(language).sections for language in (Language.FR, Language.EN))
    alike = {
        (name, code)
        for name in french.keys() - {"places"}
        for code in french[name]
        if french[name][code] == english[name][code]
    }
    assert alike == {
        *(("units", unit) for unit in ("minute", "minutes")),
        *(("headings", heading) for heading in ("conditions", "exceptions")),
        ("masks", "DATE"),
    }


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("type_", RequestType)
def test_a_letter_names_its_articles_and_a_decision_the_ways_to_complain(
    book: TemplatedLetters, kind: LetterKind, language: Language, type_: RequestType
) -> None:
    said = text(book.letter(sample_letter(kind, language, type_)))
    assert "req-20260501-0a1b2c3d" in said
    for article in CITES[kind]:
        assert re.search(rf"articles? ([0-9() ]+(et|and) )?{article}\b", said), said
    if kind not in (LetterKind.RECIPIENT, LetterKind.RESTRICTION_LIFTED):
        assert re.search(rf"articles? {OF_A_RIGHT[type_.value]}\b", said)
    complaint = "CNIL" in said and re.search(r"article 77\b", said) and re.search(r"article 79\b", said)
    assert bool(complaint) is (kind is not LetterKind.RECIPIENT)


@pytest.mark.parametrize("language", Language)
def test_a_refusal_is_told_with_its_reason_item_by_item_and_what_waits_is_told_to_follow(
    book: TemplatedLetters, language: Language
) -> None:
    """D3."""
    words = book.words(language)
    for ground in RefusalGround:
        refused = LetterItem(reference="rec-1", when=None, reason=ground.value)
        for kind in (LetterKind.ANSWER, LetterKind.REFUSAL):
            letter = sample_letter(kind, language, RequestType.ERASURE, reason=ground.value, items=[refused])
            assert words.of("reasons", ground.value)[1:] in text(book.letter(letter))
    for why in Waits:
        waiting = LetterItem(reference="rec-1", when=None, reason=why.value, waits=True)
        said = text(book.letter(sample_letter(LetterKind.ANSWER, language, RequestType.ERASURE, items=[waiting])))
        assert words.of("waits", why.value)[1:] in said
        assert ("d'elle-même" if language is Language.FR else "by itself") in said


@pytest.mark.parametrize("language", Language)
def test_a_refused_portability_is_offered_access_instead(book: TemplatedLetters, language: Language) -> None:
    ground = RefusalGround.LEGITIMATE_INTEREST.value
    letter = sample_letter(LetterKind.REFUSAL, language, RequestType.PORTABILITY, reason=ground)
    assert re.search(r"(l'accès|access).{0,40}article 15\b", text(book.letter(letter)))


def test_days_are_written_as_people_write_them(book: TemplatedLetters) -> None:
    said = text(book.letter(sample_letter(LetterKind.ACKNOWLEDGEMENT, Language.FR, RequestType.ACCESS)))
    assert "le 1er mai 2026" in said
    assert "au plus tard le 31 mai 2026" in said


def test_what_a_person_wrote_is_text_in_the_letter_and_never_markup(book: TemplatedLetters) -> None:
    letter = sample_letter(
        LetterKind.EXTENSION, Language.FR, RequestType.ACCESS, reason="<script>alert(1)</script> {{ sender.name }}"
    )
    page = book.letter(letter)
    assert "<script>" not in page
    assert "{{ sender.name }}" in text(page)


def test_a_house_overrides_one_file_and_some_words_and_keeps_the_rest(tmp_path: Path) -> None:
    own = tmp_path / "letters"
    (own / "fr").mkdir(parents=True)
    (own / "sender.yaml").write_text(
        "name: Niort SA\naddress: [2 rue X]\ndpo: La déléguée\ncontact: dpo@niort.example\n"
    )
    (own / "fr/words.yaml").write_text('reasons:\n  accurate: "rien à corriger (article 16 du RGPD)"\n')
    (own / "fr/extension.html.j2").write_text(
        '{% extends "fr/layout.html.j2" %}{% block title %}x{% endblock %}'
        "{% block body %}Encore {{ request.due | day }}.{% endblock %}"
    )
    book = TemplatedLetters(SHIPPED, own)
    assert [file for file in book.files() if file.fault] == []
    assert {file.name for file in book.files() if file.own} == {"sender.yaml", "fr/words.yaml", "fr/extension.html.j2"}
    said = text(book.letter(sample_letter(LetterKind.EXTENSION, Language.FR, RequestType.ACCESS)))
    assert "Encore 31 mai 2026." in said
    assert "Niort SA" in said
    refusal = sample_letter(LetterKind.REFUSAL, Language.FR, RequestType.RECTIFICATION, reason="accurate")
    assert "Rien à corriger" in text(book.letter(refusal))


@pytest.mark.parametrize(
    ("broken", "line", "says"),
    [
        ("Un\n{{ requst.due }}", 2, "'requst' is undefined"),
        ("Un\n\n{% if items %}", 3, "Unexpected end of template"),
        ("{{ request.dew | day }}", 1, "no attribute 'dew'"),
        ("\n{{ request.due | jour }}", 2, "No filter named 'jour'"),
        ("{{ request.type | word('tipes') }}", 1, "tipes"),
        ("\n\n{{ ''.__class__.__mro__ }}", 3, "unsafe"),
        ("{% include 'fr/nowhere.html.j2' %}", 1, "no template fr/nowhere.html.j2"),
        ("\n{{ items.append(1) }}", 2, "append"),
        ("\n{{ 1 / 0 }}", 2, "division"),
    ],
)
def test_a_broken_template_is_named_with_its_line_and_what_to_do(
    tmp_path: Path, broken: str, line: int, says: str
) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr/identity.html.j2").write_text(broken)
    book = TemplatedLetters(SHIPPED, tmp_path)
    with pytest.raises(ConfigurationError) as error:
        book.letter(sample_letter(LetterKind.IDENTITY, Language.FR, RequestType.ACCESS))
    assert says in str(error.value)
    assert str(error.value).startswith(f"fr/identity.html.j2, line {line}: ")
    assert "take the file away to use the shipped one" in str(error.value)


LOOP = "{% for a in range(99999) %}"


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (f"\n{LOOP}{LOOP}{LOOP}{{% endfor %}}{{% endfor %}}{{% endfor %}}", "does not come to an end"),
        ("\n{% set x = namespace(s='ab') %}{% for a in range(60) %}{% set x.s = x.s ~ x.s %}{% endfor %}", "memory"),
        ("\n{{ 'x' * 9999999999 }}", "memory"),
    ],
)
def test_a_template_that_never_ends_or_takes_all_memory_is_a_fault_with_its_line(
    tmp_path: Path, broken: str, says: str
) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr/identity.html.j2").write_text(broken)
    book = TemplatedLetters(SHIPPED, tmp_path)
    with pytest.raises(ConfigurationError, match=r"^fr/identity\.html\.j2, line 2: ") as error:
        book.letter(sample_letter(LetterKind.IDENTITY, Language.FR, RequestType.ACCESS))
    assert says in str(error.value)


def test_a_check_names_the_first_fault_of_every_broken_file(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr/identity.html.j2").write_text("\n{{ nobody }}")
    (tmp_path / "fr/pack.html.j2").write_text("{{ pack.nothing }}")
    (tmp_path / "fr/answer.html.j2").write_text('{% extends "fr/lay-out.html.j2" %}')
    (tmp_path / "fr/anwser.html.j2").write_text("x")
    (tmp_path / "fr/_part.html.j2").write_text("x")
    faults = {file.name: file.fault or "" for file in TemplatedLetters(SHIPPED, tmp_path).files() if file.fault}
    assert sorted(faults) == ["fr/answer.html.j2", "fr/anwser.html.j2", "fr/identity.html.j2", "fr/pack.html.j2"]
    assert "no letter has this name" in faults["fr/anwser.html.j2"]
    assert "lay-out" in faults["fr/answer.html.j2"]
    assert "line 2" in faults["fr/identity.html.j2"]


def test_a_folder_of_letters_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such folder"):
        letter_book(Settings(letters=tmp_path / "nowhere"))
    (tmp_path / "letters").mkdir()
    assert Settings(policy=tmp_path / "policy.yaml").letters_folder == tmp_path / "letters"
    assert Settings(policy=tmp_path / "other" / "policy.yaml").letters_folder is None


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("fr/words.yaml", "reasons:\n  accurate: x\n  because: y\n", "words.yaml, line 3: reasons has no because"),
        ("fr/words.yaml", "raisons: {}\n", "words.yaml, line 1: raisons is not one of"),
        ("fr/words.yaml", "months: [a, b]\n", "words.yaml, line 1: months are twelve"),
        ("fr/words.yaml", "held: ''\n", "words.yaml, line 1: here is a text, which is not empty"),
        ("fr/words.yaml", "held: [\n", "words.yaml, line 2: not YAML"),
        ("sender.yaml", "name: x\n", "sender.yaml: the sender has address, contact, dpo, name"),
    ],
)
def test_words_that_are_wrong_are_named_with_their_line(tmp_path: Path, name: str, content: str, says: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content)
    book = TemplatedLetters(SHIPPED, tmp_path)
    with pytest.raises(ConfigurationError, match=re.escape(says)):
        book.letter(sample_letter(LetterKind.ANSWER, Language.FR, RequestType.ACCESS))
    faults = {file.name: file.fault for file in book.files() if file.fault}
    assert faults.keys() == {name}
