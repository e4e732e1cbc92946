"""The policy file: what it says is what is decided by, and what is wrong in it is shown where it stands."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callwarden.adapters.policy.file import load_policy, read_policy
from callwarden.errors import ConfigurationError
from callwarden.model.access import ORIGINALS, Role
from callwarden.model.ids import LineId
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import LinePolicy, WhenUnknown
from callwarden.model.purpose import Purpose
from callwarden.rules.policy_words import duration_words, explain, grant_words, period_words

CONFIG = Path(__file__).parents[2] / "config"
SHIPPED = (CONFIG / "policy.yaml").read_text(encoding="utf-8")
FILES = [CONFIG / "policy.yaml", *sorted((CONFIG / "examples").glob("company-*.yaml"))]


def edited(**changes: Any) -> str:
    """The shipped policy with some top-level keys replaced, written anew."""
    return yaml.safe_dump({**yaml.load(SHIPPED, Loader=yaml.BaseLoader), **changes})


def with_line(**changes: Any) -> str:
    lines = yaml.load(SHIPPED, Loader=yaml.BaseLoader)["lines"]
    line = {**lines["customer-service"], **changes}
    lines["customer-service"] = {key: value for key, value in line.items() if value is not None}
    return edited(lines=lines)


def fault(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_policy(text, name="policy.yaml")
    return str(caught.value)


# What is shipped


def test_the_shipped_policy_has_two_regimes_and_records_everything() -> None:
    """K1, K2, R3"""
    policy = load_policy(CONFIG / "policy.yaml")
    assert policy.time_zone.key == "Europe/Paris"
    assert policy.region == "FR"
    assert policy.lines == {
        LineId("customer-service"): LinePolicy(
            line=LineId("customer-service"),
            share=Decimal(1),
            retention=CalendarPeriod(months=6),
            objection_honoured=True,
            when_unknown=WhenUnknown.RECORD,
            wait=timedelta(0),
            transcription=True,
        ),
        LineId("monitoring-centre"): LinePolicy(
            line=LineId("monitoring-centre"),
            share=Decimal(1),
            retention=CalendarPeriod(months=12),
            objection_honoured=False,
            when_unknown=WhenUnknown.RECORD,
            wait=timedelta(0),
            transcription=True,
        ),
    }
    assert set(policy.landing_areas) == {"spool:", "s3://landing"}
    assert {"local", "eu-west-1", "eu-west-3", "eu-central-1"} <= policy.storage_regions


def test_company_a_records_a_part_of_its_calls_under_one_regime() -> None:
    """R1, R3, K1"""
    policy = load_policy(CONFIG / "examples" / "company-a.yaml")
    assert all(0 < line.share < 1 for line in policy.lines.values())
    assert {str(line.retention) for line in policy.lines.values()} == {"P6M"}
    assert all(line.objection_honoured for line in policy.lines.values())
    assert policy.lines[LineId("customer-service")].wait == timedelta(minutes=30)
    unknown = {line.when_unknown for line in policy.lines.values()}
    assert unknown == {WhenUnknown.WAIT, WhenUnknown.REFUSE}


def test_company_b_has_two_regimes_and_stays_in_the_economic_area() -> None:
    """R1, R3, K1, K2, K5"""
    policy = load_policy(CONFIG / "examples" / "company-b.yaml")
    service, centre = policy.lines[LineId("customer-service")], policy.lines[LineId("monitoring-centre")]
    assert (str(service.retention), service.objection_honoured, service.share) == ("P6M", True, Decimal(1))
    assert (str(centre.retention), centre.objection_honoured, centre.share) == ("P1Y", False, Decimal(1))
    assert policy.lines[LineId("switchboard")].share == 0
    assert policy.storage_regions <= {
        "eu-west-1",
        "eu-west-3",
        "eu-central-1",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_shipped_policy_lets_people_read_more_than_their_task_needs(path: Path) -> None:
    """U2, U4, U5: default deny; originals only where the purpose cannot do without."""
    originals = set()
    for grant in load_policy(path).access:
        if grant.artefacts & ORIGINALS and not grant.break_glass:
            originals |= {(grant.role, purpose) for purpose in grant.purposes}
    machines = {Role.TRANSCRIBER, Role.REDACTOR}
    assert {pair for pair in originals if pair[0] not in machines} == {
        (Role.LEGAL, Purpose.DISPUTE),
        (Role.DPO, Purpose.RIGHTS_REQUEST),
        (Role.INVESTIGATOR, Purpose.FRAUD_CONTROL),
    }
    assert not any(grant.role in (Role.OPERATOR, Role.TELEPHONY) for grant in load_policy(path).access)


# The version


def test_comments_order_and_spelling_do_not_change_the_version() -> None:
    version = read_policy(SHIPPED, name="a").version
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", version)
    bare = "\n".join(re.sub(r"\s+#.*| *#.*", "", line) for line in SHIPPED.splitlines())
    upside_down = yaml.safe_dump(dict(reversed(yaml.load(SHIPPED, Loader=yaml.BaseLoader).items())), sort_keys=False)
    respelt = SHIPPED.replace("P12M", "P1Y").replace("PT24H", "P1D").replace("record: all", "record: 100%")
    for text in (bare, upside_down, respelt, SHIPPED.replace("yes", "true")):
        assert text != SHIPPED
        assert read_policy(text, name="b").version == version


def test_the_order_of_grants_does_not_change_the_version() -> None:
    access = yaml.load(SHIPPED, Loader=yaml.BaseLoader)["access"]
    assert read_policy(edited(access=access[::-1]), name="a").version == read_policy(SHIPPED, name="a").version
    assert read_policy(edited(access=access[1:]), name="a").version != read_policy(SHIPPED, name="a").version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("retention: P6M", "retention: P7M"),
        ("tenant: telesurveillance", "tenant: other"),
        ("record: all", "record: 99.9%"),
        ("objection_unknown: record", "objection_unknown: refuse"),
        ("max_channels: 8", "max_channels: 7"),
        ("purposes: [dispute]", "purposes: [dispute, quality]"),
        ("transcription: yes", "transcription: no"),
    ],
)
def test_whatever_changes_a_decision_changes_the_version(old: str, new: str) -> None:
    assert old in SHIPPED
    changed = SHIPPED.replace(old, new, 1)
    assert read_policy(changed, name="a").version != read_policy(SHIPPED, name="a").version


def test_every_policy_file_that_is_shipped_has_a_version_of_its_own() -> None:
    assert len({load_policy(path).version for path in FILES}) == len(FILES) == 3


# What is wrong is shown where it stands


@pytest.mark.parametrize(
    ("old", "new", "line_of", "says"),
    [
        ("retention: P6M", "retention: 6 months", "retention: 6", "must be a period longer than nothing"),
        ("retention: P6M", "retention: P0D", "retention: P0D", "lines.customer-service.retention"),
        ("retention: P6M", "retention: PT6H", "retention: PT6H", "such as P6M"),
        ("retention: P6M", "retention: P11Y", "retention: P11Y", "ten years at most"),
        ("retention: P6M", "retentoin: P6M", "retentoin", "it knows record, retention"),
        ("retention: P6M", "", "customer-service:", "lines.customer-service.retention is missing"),
        ("record: all", "record: half", "record: half", "a part of the calls such as 30%"),
        ("record: all", "record: 0%", "record: 0%", "all, never"),
        ("record: all", "record: 101%", "record: 101%", "all, never"),
        ("record: all", "record: 0.3", "record: 0.3", "all, never"),
        ("to_recording: honoured", "to_recording: perhaps", "perhaps", "'honoured' or 'not-offered'"),
        ("objection_unknown: record", "objection_unknown: guess", "guess", "'record', 'refuse' or 'wait'"),
        ("objection_unknown: record", "objection_unknown: wait", "customer-service:", "wait: PT30M"),
        ("objection_unknown: record", "wait: PT30M", "customer-service:", "needs objection_unknown"),
        ("not-offered\n", "not-offered\n    objection_unknown: refuse\n", "monitoring-centre:", "can only be record"),
        ("transcription: yes", "transcription: maybe", "maybe", "yes or no"),
        ("time_zone: Europe/Paris", "time_zone: Europe", "time_zone", "such as Europe/Paris"),
        ("time_zone: Europe/Paris", "time_zone: ../zones", "time_zone", "such as Europe/Paris"),
        ("time_zone: Europe/Paris", "time_zone: CEST-2", "time_zone", "such as Europe/Paris"),
        ("region: FR", "region: France", "region: France", "two capital letters"),
        ("region: FR", "region: XX", "region: XX", "two capital letters"),
        ('- "spool:"', '- "http://landing"', "http:", "landing_areas.0"),
        ('- "spool:"', '- "s3://Landing"', "s3://Landing", "s3://bucket"),
        ("- local", "- Local Disk", "Local Disk", "storage_regions.0"),
        ("quarantine: P30D", "quarantine: P30D\nquarantine: P60D", "quarantine: P60D", "given twice"),
        ("objection_within: PT24H", "objection_within: 24h", "24h", "such as PT30M"),
        ("objection_within: PT24H", "objection_within: PT0S", "PT0S", "longer than nothing"),
        ("release_delay: P7D", "release_delay: P2Y", "P2Y", "length of time"),
        ("release_delay: P7D", "release_delay: P400D", "P400D", "366 days at most"),
        ("lifecycle_margin: P7D", "lifecycle_margin: P6D", "P6D", "no shorter than release_delay"),
        ("log_retention: P1Y", "log_retention: P5M", "P5M", "six months to three years"),
        ("log_retention: P1Y", "log_retention: P4Y", "P4Y", "six months to three years"),
        ("max_audio: 2 GB", "max_audio: 2000000000", "max_audio", "such as 500 MB or 2 GB"),
        ("max_channels: 8", "max_channels: 0", "max_channels", "from 1 to 64"),
        ("max_channels: 8", "max_chanels: 8", "max_chanels", "it knows max_audio"),
        ("limits:", "limits: none\nrest:", "limits: none", "keys and values"),
        ("  callers: 11", "  callers: 2", "callers: 2", "figures.callers"),
        ("  employees: 3", "  employees: 1", "employees: 1", "figures.employees"),
        ("share: 85%", "share: 100%", "share: 100%", "figures.share"),
        ("tenant: telesurveillance", "tenant: two words", "two words", "letters, digits"),
        ("tenant: telesurveillance", "tenant: [", "limits", "not YAML"),
        ("  customer-service:", "  customer service:", "customer service", "letters, digits"),
        ("role: trainer", "role: boss", "role: boss", "'trainer'"),
        ("purposes: [dispute]", "purposes: [disputes]", "disputes", "'dispute'"),
        ("purposes: [dispute]", "purposes: []", "purposes: []", "must not be empty"),
        ("purposes: [dispute]", "purposes: dispute", "purposes: dispute", "must be a list"),
        ("purposes: [dispute]", "purposes: [dispute]\n    lines: [sales]", "[sales]", "customer-service"),
        ("    break_glass: yes", "", "- role: supervisor", "add break_glass: yes"),
        ("[redacted-transcript, beeped-audio, waveform]", "[original-audio]", "- role: trainer", "a trainer is never"),
    ],
)
def test_a_mistake_is_shown_with_its_line_and_what_is_allowed(old: str, new: str, line_of: str, says: str) -> None:
    assert old in SHIPPED
    text = SHIPPED.replace(old, new, 1)
    message = fault(text)
    assert says in message
    if line_of == "limits":
        assert re.search(r"^policy\.yaml, line \d+: ", message)
        return
    at = [number for number, line in enumerate(text.splitlines(), 1) if line_of in line and not line.startswith("#")]
    assert any(f"policy.yaml, line {number}: " in message for number in at)


def test_all_mistakes_are_shown_at_once() -> None:
    text = SHIPPED.replace("P6M", "P6").replace("max_channels: 8", "max_channels: many").replace("FR", "fr")
    assert len(fault(text).splitlines()) == 3


@pytest.mark.parametrize(
    "text", ["", "just words", "- a\n- b", "a: 1\n---\nb: 2", "\0", "a: *b", "!!python/object:os.system x"]
)
def test_what_is_no_policy_at_all_is_said_to_be_none(text: str) -> None:
    assert fault(text).startswith("policy.yaml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing, latin = tmp_path / "missing.yaml", tmp_path / "latin.yaml"
    latin.write_bytes("tenant: télé".encode("latin-1"))
    for path in (missing, latin, tmp_path):
        with pytest.raises(ConfigurationError, match=re.escape(str(path))):
            load_policy(path)


def test_yaml_does_not_read_a_country_as_a_no() -> None:
    """Unquoted NO is false in YAML 1.1."""
    assert read_policy(SHIPPED.replace("region: FR", "region: NO"), name="a").region == "NO"


@settings(max_examples=300, deadline=None)
@example(text="{}:")
@example(text="a: &x [*x]")
@example(text="[" * 40)
@example(text="a: " + "[" * 40 + "]" * 40)
@given(text=st.text(max_size=200) | st.text("abc:{}[]&*!|>-#\n \"'", max_size=60))
def test_noise_is_refused_and_never_a_crash(text: str) -> None:
    assert fault(text)


# What it says in words


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_key_of_the_file_is_explained_in_words(path: Path) -> None:
    policy = load_policy(path)
    keys = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    rows = explain(policy)
    assert {row.key for row in rows if row.about == "system"} == keys.keys() - {"lines", "access"} | {"version"}
    for name, line in keys["lines"].items():
        explained = {row.key for row in rows if row.about == name}
        assert explained == line.keys() - {"wait"}
    assert all(row.says for row in rows)


def test_the_words_say_what_the_policy_says() -> None:
    said = {(row.about, row.key): row.says for row in explain(load_policy(CONFIG / "examples" / "company-a.yaml"))}
    assert said["customer-service", "record"] == "30 % of calls, chosen by the call's id"
    assert said["customer-service", "retention"] == "6 months from the end of the call"
    assert "30 minutes from the end" in said["customer-service", "objection_unknown"]
    assert said["technical-support", "transcription"] == "speech is not turned into text"
    assert "P" not in period_words(CalendarPeriod(months=13, days=1))
    assert period_words(CalendarPeriod(months=13, days=1)) == "1 year, 1 month, 1 day"
    assert duration_words(timedelta(days=1, hours=2, seconds=3)) == "1 day, 2 hours, 3 seconds"
    assert duration_words(timedelta(0)) == "0 seconds"


def test_the_conditions_of_a_grant_are_put_in_words() -> None:
    supervisors = [
        grant for grant in load_policy(CONFIG / "examples" / "company-b.yaml").access if grant.role is Role.SUPERVISOR
    ]
    assert [grant_words(grant) for grant in supervisors] == [
        "calls of one's team",
        "calls of one's team; in an emergency, with a second person's approval",
    ]
    narrowed = replace(supervisors[0], lines=frozenset({LineId("customer-service")}), team_only=False)
    assert grant_words(replace(narrowed, own_calls_only=True)) == "calls on customer-service; one's own calls"
