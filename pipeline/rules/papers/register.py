"""The record of processing activities (GDPR, article 30(1)), with the columns of the CNIL's model: one activity for
each line of the policy, and one each for what is made of calls and outlives them.
"""

from callwarden.model.access import ORIGINALS, REDACTED, Readable
from callwarden.model.paper import Cells, Paper, PaperKind, Sources, Table
from callwarden.model.paper_words import Heading
from callwarden.model.policy import LinePolicy
from callwarden.model.purpose import Purpose
from callwarden.rules.papers.activities import (
    access_log,
    accounts,
    activity,
    cases,
    courses,
    evaluations,
    experiments,
    figures,
    requests,
    testing,
)
from callwarden.rules.papers.making import cells, paper, table
from callwarden.rules.papers.telling import Telling

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
_COLUMNS = tuple(heading for _, held in _SECTIONS for heading in held)


def register(sources: Sources) -> Paper:
    """The record, as far as the policy and the letters state it; what they do not is named at its top."""
    telling = Telling(sources)
    activities = [
        *(_line(telling, line) for line in sources.policy.lines.values()),
        evaluations(telling),
        access_log(telling),
        requests(telling),
        cases(telling),
        figures(telling),
        courses(telling),
        accounts(telling),
        *(experiments(telling) if Purpose.AI_EXPERIMENT in telling.every_purpose() else ()),
        *([testing(telling, limits)] if (limits := telling.testing()) else ()),
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
            "missing_consent",
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


def _line(telling: Telling, line: LinePolicy) -> Cells:
    purposes = telling.purposes(line.line)
    policy, words = telling.of.policy, telling.of.words
    return activity(
        telling,
        line.line,
        activity=telling.says("line_activity", line=telling.line(line.line)),
        main_purpose=telling.says("line_purpose" if purposes else "nothing"),
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
        telling.says("except_open_request"),
        telling.says(objection, within=words.duration(policy.objection_within)),
        telling.says("except_request"),
        *([telling.says("except_longer", ground=line.longer_for_stored)] if line.longer_for_stored else []),
    ]
