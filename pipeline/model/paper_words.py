"""What papers from the policy have words for, in each language of the letters (config/letters/*/words.yaml)."""

from enum import StrEnum
from typing import Final


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
    FIGURES = "figures"
    COURSES = "courses"
    ACCOUNTS = "accounts"


OF_SOUND: Final = (Kind.ORIGINAL_AUDIO, Kind.BEEPED_AUDIO, Kind.WAVEFORM, Kind.ORIGINAL_TRANSCRIPT)
"""What goes with the sound where a line keeps that for a shorter time."""
NEED_TEXT: Final = frozenset({Kind.BEEPED_AUDIO, Kind.WAVEFORM, Kind.ORIGINAL_TRANSCRIPT, Kind.REDACTED_TRANSCRIPT})
"""What is made from a transcript, or with one: without a transcription there is none."""


PLACES: Final = frozenset(
    ["local", "eu-west-1", "eu-west-3", "eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "fr-par", "nl-ams"]
)
"""Places of storage that have a name besides their code."""


class Risk(StrEnum):
    """What an impact assessment fears (CNIL, PIA), and what persons are owed."""

    ACCESS = "access"
    CHANGE = "change"
    LOSS = "loss"
    EXCESS = "excess"
    RIGHTS = "rights"


SAYS: Final = frozenset(
    [
        "stamp",
        "missing",
        "missing_sender",
        "missing_interest",
        "missing_transfers",
        "missing_automated",
        "missing_website",
        "missing_processors",
        "missing_works_council",
        "missing_dates",
        "unknown",
        "none",
        "controller",
        "dpo",
        "joint",
        "lead_register",
        "lead_schedule",
        "lead_subcontractors",
        "lead_dpia",
        "actors",
        "activities",
        "schedule",
        "processors",
        "regions",
        "measures",
        "access",
        "acts",
        "nothing",
        "line_activity",
        "evaluations_activity",
        "log_activity",
        "experiments_activity",
        "not_recorded",
        "recorded_all",
        "recorded_part",
        "percent",
        "evaluations_purpose",
        "log_purpose",
        "experiments_purpose",
        "callers_persons",
        "staff_persons",
        "readers_persons",
        "named_persons",
        "call_details",
        "event_details",
        "log_data",
        "evaluations_data",
        "spoken_secrets",
        "no_sensitive",
        "courts",
        "regions_only",
        "outside",
        "kept_call",
        "kept_sound",
        "kept_quarantine",
        "kept_evaluations",
        "kept_log",
        "secure_keys",
        "secure_gate",
        "secure_log",
        "secure_two",
        "secure_redaction",
        "secure_emergency",
        "secure_encrypted",
        "secure_clear",
        "from_call_end",
        "from_arrival",
        "from_made",
        "from_month_end",
        "from_landing",
        "from_entered",
        "until_withdrawn",
        "stays",
        "ended_sweep",
        "ended_backstop",
        "ended_stored",
        "ended_log",
        "ended_person",
        "except_hold",
        "except_objection",
        "except_objection_not_offered",
        "except_restriction",
        "except_request",
        "except_litigation_log",
        "except_none",
        "except_decision",
        "where_system",
        "where_processor",
        "own_calls",
        "team",
        "lines",
        "emergency",
        "reach_recording",
        "reach_each",
        "reach_all",
        "reach_none",
        "reach_whole",
        "people_one",
        "people_two",
        "policy_decides",
        "and",
        "lead_matrices",
        "missing_to_object",
        "may_object",
        "nobody_processes",
        "sampled_by",
        "numbers_of",
        "unknown_record",
        "unknown_refuse",
        "unknown_wait",
        "untold_record",
        "untold_quarantine",
        "untold_refuse",
        "intake",
        "intake_note",
        "intake_quarantine",
        "sweep_limits",
        "testing_limits",
        "experiments_included",
        "testing_none",
        "holds_limit",
        "case_review",
        "figures",
        "unusual",
        "read_timeout",
        "except_longer",
        "ended_row",
        "requests_activity",
        "cases_activity",
        "kept_experiment",
        "section_description",
        "section_purposes",
        "section_security",
        "section_data",
        "section_sensitive",
        "section_persons",
        "section_recipients",
        "section_transfers",
        "section_decisions",
        "line_purpose",
        "kept_sound_only",
        "except_open_request",
        "see_exceptions",
        "exceptions",
        "log_basis",
        "missing_consent",
        "testing_activity",
        "testing_purpose",
        "figures_activity",
        "figures_purpose",
        "figures_data",
        "figures_kept",
        "courses_activity",
        "courses_purpose",
        "courses_data",
        "courses_kept",
        "accounts_activity",
        "accounts_purpose",
        "accounts_data",
        "accounts_kept",
        "listed",
    ]
)
"""Sentences of papers, some of them with a place for a value."""

PROMISES: Final = frozenset(
    [*(f"R{number}" for number in range(1, 6)), *(f"K{number}" for number in range(1, 8))]
    + [*(f"U{number}" for number in range(1, 11)), *(f"D{number}" for number in range(1, 8))]
    + [f"L{number}" for number in range(1, 5)]
)
"""What the law and companies' charters ask (docs/compliance.md)."""
