"""Papers that come from the policy: what a paper is, whatever it says, and what papers are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from callwarden.model.ids import PolicyVersion
from callwarden.model.letter import Language, Sender, Words
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Policy


class PaperKind(StrEnum):
    """Papers that are tables."""

    REGISTER = "register"
    """The record of processing activities (GDPR, article 30(1))."""
    SCHEDULE = "schedule"
    """How long each kind of data is kept."""
    SUBCONTRACTORS = "subcontractors"
    """Who works on the data for the controller, and where they lie (article 28)."""
    DPIA = "dpia"
    """What the system enforces, by risk: an annex of the impact assessment (article 35)."""
    ACCESS = "access"
    ACTS = "acts"


class Audience(StrEnum):
    """Whom a notice is for."""

    CALLERS = "callers"
    STAFF = "staff"


class Form(StrEnum):
    """Of a notice: the words of the announcement, or the whole of it."""

    SHORT = "short"
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """When a policy came into force, and the codes of the statements it changed and those it brought."""

    day: date | None
    changed: frozenset[str]
    brought: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What papers are made from. `sender` is None where nobody has written who is responsible; `history` has the
    changes that led to this policy, the newest first, empty where they are not known."""

    policy: Policy
    words: Words
    sender: Sender | None
    evaluations_kept: CalendarPeriod
    today: date
    history: tuple[Change, ...] = ()


Cells = Mapping[str, tuple[str, ...]]
"""One row: what stands in each column, by the column's code; a column may hold several things, or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`columns` are codes and labels. `as_sheets`: each row is read by itself, as a sheet with a heading (its first
    column) and a line for each of the others."""

    code: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Cells, ...]
    as_sheets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper. `missing` says, in words, what must be written before anybody relies on it."""

    kind: PaperKind
    language: Language
    title: str
    lead: str
    stamp: str
    """The policy's version and the day, in words: every paper carries it."""
    policy_version: PolicyVersion
    made_on: date
    missing_title: str
    missing: tuple[str, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What callers of one line are told at the beginning of a call; empty where the line is not recorded. `seconds` is
    how long it takes to say."""

    line: str
    text: str
    seconds: float


class Heading(StrEnum):
    """Columns of papers."""

    REFERENCE = "reference"
    ACTIVITY = "activity"
    CREATED = "created"
    UPDATED = "updated"
    MAIN_PURPOSE = "main_purpose"
    SUB_PURPOSES = "sub_purposes"
    INTEREST = "interest"
    PERSONS = "persons"
    DATA = "data"
    SENSITIVE = "sensitive"
    INTERNAL = "internal_recipients"
    PROCESSORS = "processors"
    EXTERNAL = "external_recipients"
    TRANSFERS = "transfers"
    PERIODS = "deletion_periods"
    SECURITY = "security"
    AUTOMATED = "automated_decisions"
    PART = "part"
    NAME = "name"
    ADDRESS = "address"
    CONTACT = "contact"
    LINE = "line"
    KIND = "kind"
    KEPT = "kept"
    FROM = "from"
    ENDED_BY = "ended_by"
    EXCEPTIONS = "exceptions"
    WHAT_FOR = "what_for"
    COUNTRY = "country"
    REGIONS = "regions"
    CONTRACT = "contract"
    GUARANTEES = "guarantees"
    REGION = "region"
    WHAT_LIES_THERE = "what_lies_there"
    RISK = "risk"
    PROMISE = "promise"
    MEASURE = "measure"
    IN_FORCE = "in_force"
    SHOWN_BY = "shown_by"
    ROLE = "role"
    PURPOSES = "purposes"
    ARTEFACTS = "artefacts"
    CONDITIONS = "conditions"
    ACT = "act"
    WHO = "who"
    REACH = "reach"
    PEOPLE = "people"


class Kind(StrEnum):
    """Kinds of data that have a period (docs/dpo.md has where each lies)."""

    ORIGINAL_AUDIO = "original-audio"
    BEEPED_AUDIO = "beeped-audio"
    WAVEFORM = "waveform"
    ORIGINAL_TRANSCRIPT = "original-transcript"
    REDACTED_TRANSCRIPT = "redacted-transcript"
    DETAILS = "details"
    NOTES = "notes"
    LANDING = "landing"
    QUARANTINE = "quarantine"
    EVALUATIONS = "evaluations"
    LOG = "log"
    OBJECTIONS = "objections"
    REQUESTS = "requests"
    CASES = "cases"
    PROOFS = "proofs"


class Risk(StrEnum):
    """What an impact assessment fears (CNIL, PIA), and what persons are owed."""

    ACCESS = "access"
    CHANGE = "change"
    LOSS = "loss"
    EXCESS = "excess"
    RIGHTS = "rights"


SAYS = frozenset(
    """
    stamp missing missing_sender missing_interest missing_transfers missing_automated missing_website
    missing_processors missing_works_council missing_dates unknown none controller dpo joint lead_register
    lead_schedule lead_subcontractors lead_dpia lead_access lead_acts actors activities schedule processors
    regions measures access acts nothing line_activity evaluations_activity log_activity experiments_activity
    not_recorded recorded_all recorded_part percent evaluations_purpose log_purpose experiments_purpose
    callers_persons staff_persons readers_persons named_persons call_details event_details log_data
    evaluations_data spoken_secrets no_sensitive courts regions_only outside kept_call kept_sound
    kept_quarantine kept_evaluations kept_log secure_keys secure_gate secure_log secure_two secure_redaction
    secure_emergency secure_encrypted secure_clear from_call_end from_arrival from_made from_month_end
    from_landing from_entered until_withdrawn stays ended_sweep ended_backstop ended_stored ended_log
    ended_person except_hold except_objection except_objection_not_offered except_restriction except_request
    except_litigation_log except_none except_decision where_system where_processor own_calls team lines
    emergency reach_recording reach_each reach_all reach_none reach_whole people_one people_two policy_decides
    objection_at and
    """.split()
)
"""Sentences of papers, some of them with a place for a value."""

PROMISES = frozenset(
    """
    R1 R2 R3 R4 R5 K1 K2 K3 K4 K5 K6 K7 U1 U2 U3 U4 U5 U6 U7 U8 U9 U10 D1 D2 D3 D4 D5 D6 D7 L1 L2 L3 L4
    """.split()
)
"""What the law and companies' charters ask (docs/compliance.md)."""
