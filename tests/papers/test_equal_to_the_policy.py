"""Papers say what the policy says: whatever key is changed is told, and no sentence comes from anywhere else."""

import re
from functools import lru_cache
from typing import Any

import pytest
import typer.main
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callwarden.adapters.policy.shapes import (
    FiguresShape,
    HoldsShape,
    LimitsShape,
    LineShape,
    PolicyShape,
    RealTestingShape,
    SweepShape,
    UnusualReadingShape,
)
from callwarden.model.letter import Language
from callwarden.model.paper import PaperKind
from callwarden.model.paper_words import PROMISES
from callwarden.model.period import CalendarPeriod
from callwarden.rules.papers.dpia import MEASURES
from callwarden.rules.policy_told import CALLERS, STAFF, facts_of, told
from callwarden.rules.rights import RIGHTS
from callwarden.shipped import shipped_config
from callwarden.workers.cli import application
from tests.papers.making import TODAY, book, desk, said_in, text, tree

_FEW = settings(max_examples=2, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))


def _counted(begin: str, first: int, last: int, end: str = "") -> st.SearchStrategy[str]:
    return st.integers(first, last).map(lambda number: f"{begin}{number}{end}")


_WORD = st.text("abcdefgh", min_size=4, max_size=12)
_SAID = _WORD.map(lambda word: {"fr": f"{word} un", "en": f"{word} one"})
_PROCESSOR = _WORD.map(lambda word: [{"name": word, "what": {"fr": "x"}, "country": "FR", "contract": "C-1"}])

GENERAL: dict[str, st.SearchStrategy[Any]] = {
    "tenant": _WORD,
    "time_zone": st.sampled_from(["Europe/Brussels", "Indian/Reunion", "UTC"]),
    "region": st.sampled_from(["BE", "RE", "DE"]),
    "landing_areas": _WORD.map(lambda word: ["spool:", "s3://landing", f"s3://{word}"]),
    "landing": _counted("P", 4, 29, "D"),
    "storage_regions": st.sampled_from([["local"], ["eu-west-3"], ["local", "eu-west-9"]]),
    "quarantine": _counted("P", 31, 300, "D"),
    "objection_within": _counted("PT", 1, 23, "H"),
    "release_delay": _counted("P", 1, 6, "D"),
    "lifecycle_margin": _counted("P", 8, 300, "D"),
    "log_retention": _counted("P", 13, 36, "M"),
    "read_timeout": _counted("PT", 3, 50, "S"),
    "break_glass_lasts": _counted("PT", 2, 40, "H"),
    "transport": st.just("encrypted"),
    "case_review": _counted("P", 4, 40, "M"),
    "legal_bases": st.sampled_from(["consent", "contract", "public_task"]).map(lambda basis: {"training": basis}),
    "interest": _SAID,
    "transfers": _SAID,
    "automated_decisions": _SAID,
    "processors": st.one_of(_PROCESSOR, st.just([])),
    "experiment_readings": st.just("included"),
    "access": st.integers(0, 5).map(lambda left_out: [g for i, g in enumerate(tree()["access"]) if i != left_out]),
}
LINE: dict[str, st.SearchStrategy[Any]] = {
    "record": st.one_of(st.just("never"), _counted("", 1, 99, "%")),
    "retention": _counted("P", 7, 119, "M"),
    "audio_retention": _counted("P", 1, 6, "M"),
    "objection_to_recording": st.just("not-offered"),
    "objection_unknown": st.just("refuse"),
    "wait": _counted("PT", 1, 59, "M"),
    "transcription": st.just("no"),
    "notice": st.sampled_from(["quarantine", "refuse"]),
    "name": _SAID,
    "to_object": _SAID,
    "longer_for_stored": _WORD,
}
NESTED: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "limits": {
        "max_audio": _counted("", 3, 90, " GB"),
        "max_duration": _counted("PT", 1, 11, "H"),
        "max_channels": _counted("", 9, 64),
        "max_clock_ahead": _counted("PT", 6, 59, "M"),
        "max_call_length": _counted("PT", 1, 11, "H"),
        "times_off": _counted("PT", 2, 59, "M"),
        "unlike_audio": st.just("quarantine"),
    },
    "sweep": {
        "clock_within": _counted("P", 15, 90, "D"),
        "at_most": _counted("", 1001, 9000),
        "share": _counted("", 6, 99, "%"),
    },
    "holds": {"at_most": _counted("", 1001, 9000), "share": _counted("", 6, 99, "%")},
    "unusual_reading": {
        "times": _counted("", 4, 90),
        "at_least": _counted("", 21, 90),
        "from_hour": _counted("", 7, 12),
        "to_hour": _counted("", 13, 21),
        "days": _counted("", 31, 90),
    },
    "testing": {
        "roles": st.just(["trainer"]),
        "at_most": _counted("", 51, 900),
        "lasts": _counted("P", 15, 90, "D"),
    },
    "figures": {
        "callers": _counted("", 12, 90),
        "employees": _counted("", 4, 90),
        "share": _counted("", 10, 84, "%"),
    },
}
SHAPES = {
    "limits": LimitsShape,
    "sweep": SweepShape,
    "holds": HoldsShape,
    "unusual_reading": UnusualReadingShape,
    "testing": RealTestingShape,
    "figures": FiguresShape,
}
KEYS = [
    *((key,) for key in GENERAL),
    *(("lines", key) for key in LINE),
    *((part, key) for part, keys in NESTED.items() for key in keys),
]


def test_every_key_of_the_policy_is_among_those_changed_here() -> None:
    assert GENERAL.keys() | NESTED.keys() | {"lines"} == PolicyShape.model_fields.keys()
    assert LINE.keys() == LineShape.model_fields.keys()
    for part, shape in SHAPES.items():
        assert NESTED[part].keys() == shape.model_fields.keys()


def _changed(key: tuple[str, ...], value: Any) -> dict[str, Any]:
    policy = tree()
    match key:
        case ("lines", name):
            line = {**policy["lines"]["customer-service"], name: value}
            if name == "wait":
                line["objection_unknown"] = "wait"
            if value == "not-offered":
                del line["objection_unknown"]
            policy["lines"]["customer-service"] = line
        case (part, name):
            policy[part] = {**policy[part], name: value}
        case (name,):
            policy[name] = value
    return policy


_QUICKEST_FIRST = (PaperKind.DPIA, PaperKind.SCHEDULE, PaperKind.MATRICES, PaperKind.REGISTER, PaperKind.NOTICE)


@lru_cache
def _shipped(language: Language) -> dict[PaperKind, str]:
    return {kind: text(tree(), kind, language) for kind in (*_QUICKEST_FIRST, PaperKind.STAFF_NOTICE)}


@pytest.mark.parametrize("key", KEYS, ids=".".join)
def test_whatever_key_is_changed_some_paper_tells_it_in_each_language(key: tuple[str, ...]) -> None:
    values = GENERAL[key[0]] if len(key) == 1 else (LINE if key[0] == "lines" else NESTED[key[0]])[key[1]]

    @_FEW
    @given(value=values, language=st.sampled_from(Language))
    def is_told(value: Any, language: Language) -> None:
        made, before = desk(_changed(key, value)), _shipped(language)
        assert any(said_in(made, kind, language) != before[kind] for kind in _QUICKEST_FIRST), value
        changed = told(facts_of(desk(tree()).policy), facts_of(made.policy))
        for about, notice in ((CALLERS, PaperKind.NOTICE), (STAFF, PaperKind.STAFF_NOTICE)):
            is_another = said_in(made, notice, language) != _shipped(language)[notice]
            assert not is_another or any(one.about == about for one in changed), (about, value)

    is_told()


@settings(max_examples=6, deadline=None, database=None, derandomize=True)
@given(
    months=st.integers(1, 119),
    share=st.integers(1, 99),
    days=st.integers(1, 300),
    offered=st.booleans(),
    language=st.sampled_from(Language),
)
def test_register_and_notices_name_what_the_policy_states(
    months: int, share: int, days: int, offered: bool, language: Language
) -> None:
    policy, words = tree(), book().words(language)
    line = {**policy["lines"]["customer-service"], "retention": f"P{months}M", "record": f"{share}%"}
    if not offered:
        line |= {"objection_to_recording": "not-offered", "objection_unknown": "record"}
    policy |= {"lines": {"customer-service": line}, "quarantine": f"P{days}D"}
    part = f"{share}{' %' if language is Language.FR else '%'}".replace("\N{NO-BREAK SPACE}", " ")
    kept = words.period(CalendarPeriod(months=months))
    objection = words.phrases["objection_offered" if offered else "objection_not_offered"]
    for kind in (PaperKind.REGISTER, PaperKind.NOTICE, PaperKind.STAFF_NOTICE):
        said = text(policy, kind, language).replace("\N{NO-BREAK SPACE}", " ")
        assert kept.replace("\N{NO-BREAK SPACE}", " ") in said
        assert part in said, (part, said)
    said = text(policy, PaperKind.NOTICE, language)
    assert objection in said
    assert words.period(CalendarPeriod(days=days)) in said
    assert words.period(CalendarPeriod(days=days)) in text(policy, PaperKind.REGISTER, language)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", PaperKind)
def test_every_paper_carries_the_version_and_the_day(kind: PaperKind, language: Language) -> None:
    made = desk(tree())
    paper = made.made(kind, language)
    page = made.page(paper)
    assert made.policy.version in page
    assert book().words(language).day(TODAY) in page
    assert (paper.policy_version, paper.made_on) == (made.policy.version, TODAY)


def test_the_announcement_names_only_what_people_are_granted() -> None:
    policy = tree()
    policy["access"] = [
        grant for grant in policy["access"] if grant["role"] not in {"analyst", "investigator", "auditor"}
    ]
    english = desk(policy).made(PaperKind.NOTICE, Language.EN)
    assert "the protection of our staff" in english.announcements[0].text
    for machines_alone in ("artificial intelligence", "fraud"):
        assert machines_alone not in english.announcements[0].text
        assert machines_alone not in text(policy, PaperKind.REGISTER, Language.EN).replace("fraud investigators", "")


def test_the_announcement_says_how_to_object_where_the_policy_does_and_nothing_where_nothing_is_recorded() -> None:
    policy = tree()
    policy["lines"]["customer-service"] |= {"to_object": {"fr": "tapez 9", "en": "press 9"}, "record": "30%"}
    policy["lines"]["monitoring-centre"]["record"] = "never"
    first, second = desk(policy).made(PaperKind.NOTICE, Language.EN).announcements
    assert first.text.startswith("This call may be recorded for")
    assert first.text.endswith("You may object: press 9.")
    assert first.seconds < 15
    assert (second.text, second.seconds) == ("", 0)


SENTENCES = {
    "notice-callers": {
        "and turned into text by a program": "transcription",
        "Each reading is written down": "U3",
        "A call set aside until a person looks at it": "quarantine",
        "from its arrival": "quarantine",
        "Longer only for litigation, until it ends and every way of appeal is exhausted": "K3",
        "while a restriction you asked for lasts": "D4",
        "or until a request about the recording is answered": "D1",
        "Access (article 15)": "D1",
        "You may withdraw your consent at any time; what was done before stays lawful (article 13(2)(c) GDPR)": "R4",
        "Tests of the system on real calls": "testing",
        "Whatever was derived from a recording goes with it": "K1",
        "What an objection removes is gone": "objection_within",
        "later at the latest": "objection_within",
        "At any time you may also object to some uses only": "R4",
        "The answer comes within a month": "D2",
        "if it takes longer, you are told so, and why, within that month (article 12 GDPR)": "D2",
        "Portability: of what rests on consent or on a contract (article 20)": "D1",
        "yes, but for your particular situation (article 21 GDPR)": "objection_to_recording",
    },
    "notice-staff": {
        "and turned into text by a program": "transcription",
        "Live listening that the telephone system reports is written down like any other access": "R2",
        "A quality evaluation holds scores and nothing of what was said; it is kept": "K6",
        "Access (article 15)": "D1",
        "Tests of the system on real calls": "testing",
        "Time to answer and talk time are measured": "figures",
        "Your name is not given to a caller who asks for a copy of a call": "D7",
        "In an emergency, with a reason and a second person's approval, an original can be opened": "break_glass_lasts",
        "What you read yourself is written down under a pseudonym; this log is kept": "L1",
        "after the end of each month": "log_retention",
    },
    "announcement": {
        "This call is recorded": "record",
        "This call may be recorded": "record",
        "You may object to some of these uses": "R4",
    },
}
"""What a template says of its own, beside headings and names of what follows, and where that comes from: a key of the
policy, or a promise that is enforced (docs/compliance.md)."""
HEADINGS = """
The recording of your calls | Who is responsible | Data protection officer | What is recorded | Where they lie
What for, and on what ground | Legitimate interest pursued | Where the data come from | Who may read them | How long
To object | During the call | Your other rights | Whether you have to be recorded | Automated decisions | With | Access
Our processors | Write to | lines | no | en | To our employees: recording of and listening to calls | Works council
Listening and evaluation | Who may read | at most | Where the data lie | Your rights | You may object | More | for
"""


@pytest.mark.parametrize("name", SENTENCES)
def test_no_template_says_what_comes_from_no_key_and_no_promise(name: str) -> None:
    assert set(SENTENCES[name].values()) <= PROMISES | PolicyShape.model_fields.keys() | LineShape.model_fields.keys()
    headings = {one.strip() for line in HEADINGS.splitlines() for one in line.split("|")}
    english, french = (_own_words(name, language) for language in (Language.EN, Language.FR))
    own = " ".join(english)
    for sentence in sorted(SENTENCES[name], key=len, reverse=True):
        assert sentence in own
        own = own.replace(sentence, "|")
    left = {one.strip(" .,:;()") for run in own.split("|") for one in run.split("\0")}
    assert left - headings <= {""}
    assert len(french) == len(english), list(zip(english, french, strict=False))
    assert not re.search(r"\d+ ?(jours|mois|ans|days|months|years|hours|heures|%)", " ".join(french + english))


def _own_words(name: str, language: Language) -> list[str]:
    """What stands in a template beside what it speaks of, run by run."""
    (file,) = (shipped_config() / "letters" / language.value).glob(f"{name}.*.j2")
    runs = re.split(r"{%.*?%}|{{.*?}}|<[^>]+>", file.read_text(encoding="utf-8"))
    return ["\0" + " ".join(run.split()) for run in runs if re.search(r"\w", run)]


def test_the_annex_names_every_promise_and_commands_that_there_are() -> None:
    assert {one.promise for one in MEASURES} == PROMISES
    root = typer.main.get_command(application())
    for measure in MEASURES:
        first, *words = measure.shown_by.split()
        assert first == "callwarden"
        found: Any = root
        for word in words:
            if word.startswith("--"):
                assert word in {name for option in found.params for name in option.opts}, measure
            else:
                found = found.commands[word]
        assert not hasattr(found, "commands"), measure


def test_what_takes_two_people_is_named_as_the_table_of_acts_has_it() -> None:
    said = text(tree(), PaperKind.REGISTER, Language.EN)
    words = book().words(Language.EN)
    listed = ", ".join(words.of("acts", act.value) for act, right in RIGHTS.items() if right.two_people)
    assert f"two people for: {listed}" in said


def test_where_a_basis_is_consent_its_withdrawal_is_told_and_its_asking_is_missing() -> None:
    policy = {**tree(), "legal_bases": {"training": "consent"}}
    said = text(policy, PaperKind.NOTICE, Language.FR)
    assert "Vous pouvez retirer votre consentement à tout moment" in said
    assert "objection_unknown: refuse" in said
    for kind in (PaperKind.REGISTER, PaperKind.STAFF_NOTICE):
        assert "le consentement de l'appelant" in text(policy, kind, Language.FR)
    assert "retirer votre consentement" not in text(tree(), PaperKind.NOTICE, Language.FR)
    policy["lines"] = {"customer-service": {**policy["lines"]["customer-service"], "objection_unknown": "refuse"}}
    assert "objection_unknown: refuse" not in text(policy, PaperKind.NOTICE, Language.FR)


def test_a_line_that_is_not_transcribed_is_used_for_what_its_sound_alone_is_granted_for() -> None:
    policy = tree()
    policy["lines"]["customer-service"] |= {"transcription": "no", "audio_retention": "P1M"}
    made = desk(policy)
    announced = made.made(PaperKind.NOTICE, Language.EN).announcements[0].text
    assert "disputes" in announced
    for needs_text in ("artificial", "training", "quality"):
        assert needs_text not in announced
    sheet = made.made(PaperKind.REGISTER, Language.EN).tables[-1].rows[0]
    assert not {"trainers", "analysts"} & set(sheet["internal_recipients"])
    assert "sound: 1 month from the end of the call" in sheet["deletion_periods"]


def test_what_is_made_of_work_is_told_to_those_who_work() -> None:
    said = text(tree(), PaperKind.STAFF_NOTICE, Language.EN)
    assert "Time to answer and talk time are measured" in said
    assert "Tests of the system on real calls: analysts: 50 calls at most" in said
    assert "Tests of the system on real calls" in text(tree(), PaperKind.MATRICES, Language.EN)
    policy = tree()
    del policy["testing"]
    for kind in PaperKind:
        assert "ests of the system on real calls" not in text(policy, kind, Language.EN)


def test_where_recording_is_needed_the_announcement_says_that_uses_may_be_objected_to() -> None:
    second = desk(tree()).made(PaperKind.NOTICE, Language.FR).announcements[1]
    assert "Vous pouvez vous opposer à certains de ces usages." in second.text
