"""The file of periods of appeal: what is wrong in it is shown where it stands."""

import pytest

from callwarden.adapters.policy.procedure_file import read_procedure
from callwarden.errors import ConfigurationError
from callwarden.model.court import CourtKind
from callwarden.shipped import shipped_config

SHIPPED = (shipped_config() / "procedure.yaml").read_text(encoding="utf-8")


def test_the_shipped_periods_name_an_article_each_and_no_lawyer_has_confirmed_them() -> None:
    rules = read_procedure(SHIPPED, name="procedure.yaml")
    assert rules.kinds.keys() == set(CourtKind)
    assert rules.confirmed == ""
    assert all(kind.appeal.article and kind.cassation.article for kind in rules.kinds.values())


def test_who_has_confirmed_them_is_told() -> None:
    rules = read_procedure(SHIPPED.replace("confirmed: nobody", 'confirmed: "Me Exemple, 2026-12-03"'), name="p.yaml")
    assert rules.confirmed == "Me Exemple, 2026-12-03"


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("period: P1M,", "period: a month,", "kinds.civil.appeal.period is 'a month'; it must be a period"),
        ("period: P1M,", "period: P6Y,", "kinds.civil.appeal.period is 'P6Y'; it must be five years at most"),
        ("{period: P1M, from: notification", "{period: P1M, from: yesterday", "it must be 'notification' or 'pronou"),
        ("clear: yes", "klear: yes", "kinds.criminal.cassation.klear is not a key of this file; there it knows period"),
        ("  civil:\n", "  civl:\n", "kinds.civl is 'civl'; it must be 'civil', 'non-contentious'"),
        ("article: CPC 612", "article: CPD 612", "kinds.civil names CPD 612, which is of none of the sources"),
        ("confirmed: nobody", "", "confirmed is missing"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(was: str, becomes: str, says: str) -> None:
    assert was in SHIPPED
    with pytest.raises(ConfigurationError, match=r"procedure\.yaml, line \d+: ") as refused:
        read_procedure(SHIPPED.replace(was, becomes, 1), name="procedure.yaml")
    assert says in str(refused.value)
