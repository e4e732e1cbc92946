"""The record of processing activities (GDPR, article 30(1)), with the columns of the CNIL's model: one activity for
each line of the policy, and one each for what is made of calls and outlives them.
"""

from dataclasses import dataclass
from datetime import date

from callwarden.model.access import ORIGINALS, REDACTED, Readable, Role
from callwarden.model.paper import Cells, Paper, PaperKind, Sources, Table
from callwarden.model.paper_words import Heading
from callwarden.model.policy import LinePolicy
from callwarden.model.purpose import Purpose
from callwarden.rules.papers.making import cells, paper, table
from callwarden.rules.papers.telling import Telling
from callwarden.rules.rights import RIGHTS

_COLUMNS = (
    Heading.ACTIVITY,
    Heading.REFERENCE,
    Heading.CREATED,
    Heading.UPDATED,
    Heading.MAIN_PURPOSE,
    Heading.SUB_PURPOSES,
    Heading.INTEREST,
    Heading.PERSONS,
    Heading.DATA,
    Heading.SENSITIVE,
    Heading.INTERNAL,
    Heading.PROCESSORS,
    Heading.EXTERNAL,
    Heading.TRANSFERS,
    Heading.PERIODS,
    Heading.SECURITY,
    Heading.AUTOMATED,
)
_SECTIONS = (
    ("section_description", (Heading.ACTIVITY, Heading.REFERENCE, Heading.CREATED, Heading.UPDATED)),
    ("actors", ()),
    ("section_purposes", (Heading.MAIN_PURPOSE, Heading.SUB_PURPOSES, Heading.INTEREST)),
    ("section_security", (Heading.SECURITY,)),
    ("section_data", (Heading.DATA, Heading.PERIODS)),
    ("section_sensitive", (Heading.SENSITIVE,)),
    ("section_persons", (Heading.PERSONS,)),
    ("section_recipients", (Heading.INTERNAL, Heading.PROCESSORS, Heading.EXTERNAL)),
    ("section_transfers", (Heading.TRANSFERS,)),
    ("section_decisions", (Heading.AUTOMATED,)),
)
"""A sheet of the CNIL's model (registre simplifié, 2019), in its order; what it has no place for comes last."""
_LONGEST_CODE = 48
"""Of a statement's code, as changes of the policy name it."""


def register(sources: Sources) -> Paper:
    """The record, as far as the policy and the letters state it; what they do not is named at its top."""
    telling = Telling(sources)
    activities = [
        *(_line(telling, line) for line in sources.policy.lines.values()),
        _evaluations(telling),
        _log(telling),
        *(_experiments(telling) if Purpose.AI_EXPERIMENT in telling.every_purpose() else ()),
    ]
    return paper(
        telling,
        PaperKind.REGISTER,
        (_actors(telling), table(telling, "activities", *_COLUMNS, rows=tuple(activities), sections=_SECTIONS)),
        missing=(
            "missing_sender",
            "missing_interest",
            "missing_transfers",
            "missing_automated",
            "missing_processors",
            "missing_dates",
        ),
    )


def _actors(telling: Telling) -> Table:
    sender, missing = telling.of.sender, telling.says("unknown")
    rows = [
        cells(
            part=telling.says("controller"),
            name=sender.name if sender else telling.of.policy.tenant,
            address=", ".join(sender.address) if sender else missing,
            contact=sender.contact if sender else missing,
        ),
        cells(
            part=telling.says("dpo"),
            name=sender.dpo if sender else missing,
            address=", ".join(sender.address) if sender else missing,
            contact=sender.contact if sender else missing,
        ),
        *(cells(part=telling.says("joint"), name=one) for one in (sender.joint_controllers if sender else ())),
    ]
    columns = (Heading.PART, Heading.NAME, Heading.ADDRESS, Heading.CONTACT)
    return table(telling, "actors", *columns, rows=tuple(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dates:
    created: date | None
    updated: date | None


def _activity(telling: Telling, reference: str, *, dates: _Dates, **values: str | list[str] | None) -> Cells:
    """What every activity has, and what is its own."""
    words = telling.of.words
    shared: dict[str, str | list[str] | None] = {
        "reference": reference,
        "created": words.day(dates.created) if dates.created else telling.says("unknown"),
        "updated": words.day(dates.updated) if dates.updated else telling.says("unknown"),
        "processors": telling.processors(),
        "transfers": telling.transfers(),
        "security": _security(telling),
        "automated_decisions": telling.automated(),
    }
    return cells(**(shared | values))


def _line(telling: Telling, line: LinePolicy) -> Cells:
    purposes = telling.purposes(line.line)
    policy, words = telling.of.policy, telling.of.words
    return _activity(
        telling,
        line.line,
        dates=_dates(telling, f"line.{line.line}."),
        activity=telling.says("line_activity", line=telling.line(line.line)),
        main_purpose=telling.listed(telling.purpose(one) for one in purposes) or telling.says("nothing"),
        sub_purposes=[telling.based(one) for one in purposes],
        interest=telling.interest(),
        persons=[telling.says(one) for one in ("callers_persons", "staff_persons", "named_persons")],
        data=_data(telling, line),
        sensitive=telling.says("spoken_secrets"),
        internal_recipients=telling.recipients(line.line),
        external_recipients=[telling.says("courts")],
        deletion_periods=[
            *telling.periods(line),
            telling.says("kept_quarantine", period=words.period(policy.quarantine)),
            *exceptions(telling, line),
        ],
    )


def _data(telling: Telling, line: LinePolicy) -> list[str]:
    """What is kept of a call of this line: without a transcription there is nothing redacted."""
    kept = [one for one in Readable if one in ORIGINALS | REDACTED]
    if not line.transcription:
        kept = [Readable.ORIGINAL_AUDIO]
    names = [telling.of.words.of("artefacts", one.value) for one in kept]
    return [telling.recorded(line), *names, telling.says("call_details"), telling.says("event_details")]


def exceptions(telling: Telling, line: LinePolicy) -> list[str]:
    """What ends a recording of this line sooner, or keeps it longer."""
    policy, words = telling.of.policy, telling.of.words
    objection = "except_objection" if line.objection_honoured else "except_objection_not_offered"
    return [
        telling.says("except_hold", delay=words.duration(policy.release_delay)),
        telling.says("except_restriction"),
        telling.says(objection, within=words.duration(policy.objection_within)),
        telling.says("except_request"),
        *([telling.says("except_longer", ground=line.longer_for_stored)] if line.longer_for_stored else []),
    ]


def _evaluations(telling: Telling) -> Cells:
    return _activity(
        telling,
        "evaluations",
        dates=_dates(telling, None),
        activity=telling.says("evaluations_activity"),
        main_purpose=telling.says("evaluations_purpose"),
        sub_purposes=[
            telling.based(one) for one in (Purpose.QUALITY, Purpose.TRAINING) if one in telling.every_purpose()
        ],
        interest=telling.interest(),
        persons=telling.says("staff_persons"),
        data=telling.says("evaluations_data"),
        sensitive=telling.says("no_sensitive"),
        internal_recipients=[
            telling.of.words.of("roles", role.value)
            for role in (Role.TRAINER, Role.SUPERVISOR)
            if role in telling.roles()
        ],
        external_recipients=telling.says("none"),
        deletion_periods=telling.says("kept_evaluations", period=telling.of.words.period(telling.of.evaluations_kept)),
    )


def _log(telling: Telling) -> Cells:
    readers = [role for role in telling.roles() if any(_reads_log(telling, role))]
    return _activity(
        telling,
        "access-log",
        dates=_dates(telling, "log_retention"),
        activity=telling.says("log_activity"),
        main_purpose=telling.says("log_purpose"),
        sub_purposes=[],
        persons=[telling.says("readers_persons"), telling.says("callers_persons")],
        data=telling.says("log_data"),
        sensitive=telling.says("no_sensitive"),
        internal_recipients=[telling.of.words.of("roles", role.value) for role in readers],
        external_recipients=telling.says("courts"),
        deletion_periods=[
            telling.says("kept_log", period=telling.of.words.period(telling.of.policy.log_retention)),
            telling.says("except_litigation_log"),
        ],
    )


def _reads_log(telling: Telling, role: Role) -> list[bool]:
    return [one.role is role and Readable.LOG in one.artefacts for one in telling.of.policy.access]


def _experiments(telling: Telling) -> list[Cells]:
    """There are some only where the policy grants somebody this purpose (U5)."""
    grants = [one for one in telling.of.policy.access if Purpose.AI_EXPERIMENT in one.purposes]
    people = [role for role in telling.roles() if any(one.role is role for one in grants)]
    artefacts = [one for one in Readable if any(one in grant.artefacts for grant in grants if grant.role in people)]
    return [
        _activity(
            telling,
            "experiments",
            dates=_dates(telling, None),
            activity=telling.says("experiments_activity"),
            main_purpose=telling.says("experiments_purpose"),
            sub_purposes=[telling.based(Purpose.AI_EXPERIMENT)],
            interest=telling.interest(),
            persons=[telling.says("callers_persons"), telling.says("staff_persons")],
            data=[telling.of.words.of("artefacts", one.value) for one in artefacts],
            sensitive=telling.says("spoken_secrets"),
            internal_recipients=[telling.of.words.of("roles", role.value) for role in people],
            external_recipients=telling.says("none"),
            deletion_periods=[
                telling.pair(telling.line(line.line), "; ".join(telling.periods(line)))
                for line in telling.of.policy.lines.values()
                if Purpose.AI_EXPERIMENT in telling.purposes(line.line)
            ],
        )
    ]


def _security(telling: Telling) -> list[str]:
    policy = telling.of.policy
    return [
        telling.says("secure_keys"),
        telling.says("secure_gate"),
        telling.says("secure_log"),
        telling.says("secure_two", acts=", ".join(act.value for act, right in RIGHTS.items() if right.two_people)),
        telling.says("secure_redaction"),
        *(
            [telling.says("secure_emergency", duration=telling.of.words.duration(policy.break_glass_lasts))]
            if any(grant.break_glass for grant in policy.access)
            else []
        ),
        telling.says("secure_encrypted" if policy.transport_encrypted else "secure_clear"),
    ]


def _dates(telling: Telling, about: str | None) -> _Dates:
    """When what the policy says under codes that begin so was first in force, and when it last changed; of everything
    that has no statement of its own, when the system's first policy was."""
    changes = telling.of.history
    if not changes:
        return _Dates(created=None, updated=None)
    first = changes[-1].day
    if about is None:
        return _Dates(created=first, updated=changes[0].day)
    begins = about.lower()[:_LONGEST_CODE]
    touched = [one for one in changes if any(code.startswith(begins) for code in one.changed)]
    brought = [one for one in changes if any(code.startswith(begins) for code in one.brought)]
    return _Dates(created=brought[-1].day if brought else first, updated=touched[0].day if touched else first)
