"""Who works on the data for the controller, who may read what, and who may do what, as papers."""

from callwarden.model.access import REDACTED, Readable
from callwarden.model.paper import Paper, PaperKind, Sources, Table
from callwarden.model.paper_words import Heading
from callwarden.model.policy import Grant
from callwarden.rules.papers.making import cells, paper, table
from callwarden.rules.papers.telling import Telling
from callwarden.rules.rights import RIGHTS


def subcontractors(sources: Sources) -> Paper:
    """The processors the policy names (GDPR, article 28), and where recordings lie (K5)."""
    telling, policy = Telling(sources), sources.policy
    processors = [
        cells(
            name=one.name,
            what_for=telling.stated(one.what) or next(words for _, words in one.what),
            country=one.country,
            regions=list(one.regions),
            contract=one.contract,
            guarantees=telling.guarantees(one),
        )
        for one in policy.processors or ()
    ] or [cells(name=telling.processors())]
    regions = [
        cells(
            region=telling.place(region),
            what_lies_there=[
                telling.says("where_processor", name=one.name)
                for one in policy.processors or ()
                if region in one.regions
            ]
            or telling.says("where_system"),
        )
        for region in sorted(policy.storage_regions)
    ]
    columns = (
        Heading.NAME,
        Heading.WHAT_FOR,
        Heading.COUNTRY,
        Heading.REGIONS,
        Heading.CONTRACT,
        Heading.GUARANTEES,
    )
    tables = (
        table(telling, "processors", *columns, rows=tuple(processors)),
        table(telling, "regions", Heading.REGION, Heading.WHAT_LIES_THERE, rows=tuple(regions)),
    )
    missing = ("missing_processors", "missing_transfers")
    return paper(telling, PaperKind.SUBCONTRACTORS, tables, missing=missing)


def matrices(sources: Sources) -> Paper:
    """Who may read what, and who may do what (U2)."""
    telling = Telling(sources)
    return paper(telling, PaperKind.MATRICES, (access(telling), _acts(telling)))


def access(telling: Telling) -> Table:
    """Who may read what, for which purpose: every grant."""
    words = telling.of.words
    rows = [
        cells(
            role=words.of("roles", grant.role.value),
            purposes=[telling.purpose(one) for one in sorted(grant.purposes)],
            artefacts=[
                *(words.of("artefacts", one.value) for one in Readable if one in grant.artefacts),
                *([telling.says("listed")] if Readable.REDACTED_TRANSCRIPT in grant.artefacts else ()),
            ],
            conditions=_conditions(telling, grant),
        )
        for grant in telling.of.policy.access
    ]
    rows += [
        cells(
            role=words.of("roles", role.value),
            purposes=telling.says("testing_activity"),
            artefacts=[words.of("artefacts", one.value) for one in Readable if one in REDACTED],
            conditions=telling.testing(),
        )
        for role in (telling.of.policy.testing.roles if telling.of.policy.testing else ())
    ]
    columns = (Heading.ROLE, Heading.PURPOSES, Heading.ARTEFACTS, Heading.CONDITIONS)
    return table(telling, "access", *columns, rows=tuple(rows))


def _conditions(telling: Telling, grant: Grant) -> list[str]:
    return [
        *([telling.says("lines", lines=telling.listed(sorted(grant.lines)))] if grant.lines else []),
        *([telling.says("own_calls")] if grant.own_calls_only else []),
        *([telling.says("team")] if grant.team_only else []),
        *([telling.says("emergency")] if grant.break_glass else []),
    ]


def _acts(telling: Telling) -> Table:
    """Who may do what besides reading; no policy changes that."""
    words = telling.of.words
    rows = [
        cells(
            act=f"{words.of('acts', act.value)} ({act.value})" if right.two_people else act.value,
            who=[
                *(words.of("roles", role.value) for role in sorted(right.roles)),
                *(f"service:{program}" for program in sorted(right.programs)),
            ],
            reach=telling.says(f"reach_{right.scope.value}"),
            people=telling.says("people_two" if right.two_people else "people_one"),
            conditions=telling.says("policy_decides") if right.by_policy else None,
        )
        for act, right in RIGHTS.items()
    ]
    columns = (Heading.ACT, Heading.WHO, Heading.REACH, Heading.PEOPLE, Heading.CONDITIONS)
    return table(telling, "acts", *columns, rows=tuple(rows))
