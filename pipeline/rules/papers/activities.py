"""Activities of the register: what every one of them has, and those of what is made of calls and outlives them."""

from typing import Final

from callwarden.model.access import REDACTED, Readable, Role
from callwarden.model.paper import Cells, SheetDates
from callwarden.model.paper_words import Kind
from callwarden.model.policy import LegalBasis
from callwarden.model.purpose import Purpose
from callwarden.rules.papers.making import cells
from callwarden.rules.papers.telling import Telling
from callwarden.rules.rights import RIGHTS, Act

_UNKNOWN: Final = SheetDates(created=None, updated=None)


def activity(telling: Telling, reference: str, **values: str | list[str] | None) -> Cells:
    """What every activity has, and what is its own."""
    words, dates = telling.of.words, telling.of.dates.get(reference, _UNKNOWN)
    shared: dict[str, str | list[str] | None] = {
        "reference": reference,
        "created": words.day(dates.created) if dates.created else telling.says("unknown"),
        "updated": words.day(dates.updated) if dates.updated else telling.says("unknown"),
        "processors": telling.processors(),
        "transfers": telling.transfers() or telling.says("unknown"),
        "security": _security(telling),
        "automated_decisions": telling.automated(),
    }
    return cells(**(shared | values))


def evaluations(telling: Telling) -> Cells:
    return activity(
        telling,
        "evaluations",
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


def access_log(telling: Telling) -> Cells:
    readers = [role for role in telling.roles() if any(_reads_log(telling, role))]
    return activity(
        telling,
        "access-log",
        activity=telling.says("log_activity"),
        main_purpose=telling.says("log_purpose"),
        sub_purposes=telling.says("log_basis"),
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


def requests(telling: Telling) -> Cells:
    """Objections and requests are kept as proof (D1 to D3, R3)."""
    return activity(
        telling,
        "requests",
        activity=telling.says("requests_activity"),
        main_purpose=telling.purpose(Purpose.RIGHTS_REQUEST),
        sub_purposes=[telling.based(Purpose.RIGHTS_REQUEST)],
        persons=telling.says("callers_persons"),
        data=[telling.of.words.of("kinds", one.value) for one in (Kind.OBJECTIONS, Kind.REQUESTS)],
        sensitive=telling.says("no_sensitive"),
        internal_recipients=_who_sees(telling, Act.REQUEST_SHOW, Act.OBJECTION_LIST),
        external_recipients=telling.says("courts"),
        deletion_periods=telling.says("until_withdrawn", stays=telling.says("stays")),
    )


def cases(telling: Telling) -> Cells:
    """Cases of litigation (K3)."""
    return activity(
        telling,
        "cases",
        activity=telling.says("cases_activity"),
        main_purpose=telling.purpose(Purpose.DISPUTE),
        sub_purposes=[telling.based(Purpose.DISPUTE)],
        interest=telling.interest(),
        persons=[telling.says("callers_persons"), telling.says("staff_persons")],
        data=telling.of.words.of("kinds", Kind.CASES.value),
        sensitive=telling.says("no_sensitive"),
        internal_recipients=_who_sees(telling, Act.HOLD_SHOW),
        external_recipients=telling.says("courts"),
        deletion_periods=telling.says("stays"),
    )


def figures(telling: Telling) -> Cells:
    """Of answer times and talk time by team (U6)."""
    quality = [telling.based(one) for one in (Purpose.QUALITY,) if one in telling.every_purpose()]
    data = [telling.says("figures_data"), telling.figures()]
    return _own(telling, "figures", based=quality, data=data, seen_by=_who_sees(telling, Act.REPORT_READ))


def courses(telling: Telling) -> Cells:
    based = [telling.based(one) for one in (Purpose.TRAINING,) if one in telling.every_purpose()]
    data = [telling.says("courses_data")]
    return _own(telling, "courses", based=based, data=data, seen_by=_who_sees(telling, Act.COURSE_SHOW))


def accounts(telling: Telling) -> Cells:
    data = [telling.says("accounts_data")]
    based = [telling.says("log_basis")]
    return _own(telling, "accounts", based=based, data=data, seen_by=_who_sees(telling, Act.PEOPLE_LIST))


def testing(telling: Telling, limits: str) -> Cells:
    """Real calls, redacted, where the policy lets somebody test on them (U8)."""
    words, allowed = telling.of.words, telling.of.policy.testing
    return activity(
        telling,
        "testing",
        activity=telling.says("testing_activity"),
        main_purpose=telling.says("testing_purpose"),
        sub_purposes=words.of("bases", LegalBasis.LEGITIMATE_INTEREST.value),
        interest=telling.interest(),
        persons=[telling.says("callers_persons"), telling.says("staff_persons")],
        data=[words.of("artefacts", one.value) for one in Readable if one in REDACTED],
        sensitive=telling.says("spoken_secrets"),
        internal_recipients=[words.of("roles", role.value) for role in (allowed.roles if allowed else ())],
        external_recipients=telling.says("none"),
        deletion_periods=limits,
    )


def _own(telling: Telling, reference: str, *, based: list[str], data: list[str], seen_by: list[str]) -> Cells:
    """What is about those who work here, and has words of its own."""
    return activity(
        telling,
        reference,
        activity=telling.says(f"{reference}_activity"),
        main_purpose=telling.says(f"{reference}_purpose"),
        sub_purposes=based,
        persons=telling.says("staff_persons" if reference == "figures" else "readers_persons"),
        data=data,
        sensitive=telling.says("no_sensitive"),
        internal_recipients=seen_by,
        external_recipients=telling.says("none"),
        deletion_periods=telling.says(f"{reference}_kept"),
    )


def _who_sees(telling: Telling, *acts: Act) -> list[str]:
    """Whom the table of acts lets do any of these."""
    roles = {role for act in acts for role in RIGHTS[act].roles}
    return [telling.of.words.of("roles", role.value) for role in Role if role in roles]


def experiments(telling: Telling) -> list[Cells]:
    """There are some only where the policy grants somebody this purpose (U5)."""
    grants = [one for one in telling.of.policy.access if Purpose.AI_EXPERIMENT in one.purposes]
    people = [role for role in telling.roles() if any(one.role is role for one in grants)]
    artefacts = [one for one in Readable if any(one in grant.artefacts for grant in grants if grant.role in people)]
    return [
        activity(
            telling,
            "experiments",
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
            ]
            + [telling.says("kept_experiment")],
        )
    ]


def _security(telling: Telling) -> list[str]:
    policy = telling.of.policy
    return [
        telling.says("secure_keys"),
        telling.says("secure_gate"),
        telling.says("secure_log"),
        telling.says(
            "secure_two",
            acts=", ".join(telling.of.words.of("acts", act.value) for act, right in RIGHTS.items() if right.two_people),
        ),
        telling.says("secure_redaction"),
        telling.regions(),
        *(
            [telling.says("secure_emergency", duration=telling.of.words.duration(policy.break_glass_lasts))]
            if any(grant.break_glass for grant in policy.access)
            else []
        ),
        telling.says("secure_encrypted" if policy.transport_encrypted else "secure_clear"),
    ]
