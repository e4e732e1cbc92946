"""What is true of every desk, also of one that is added later: somebody asks, by the table (U2)."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from callwarden import desks
from callwarden.model.access import Actor
from callwarden.rules.rights import Act

BEHIND_THE_DESKS = {
    *("acts", "act_reasons", "concerned", "criteria", "experiment_candidates", "experiment_copying", "incoming"),
    *("named_case", "pack_files", "reviewed"),
    "papers",  # the words of the policy, which are no secret: nothing of any call
}
"""What the desks are made of, and what is no act."""
SHOWS_NOTHING = {}
"""Not acts."""


def methods() -> Iterator[tuple[str, inspect.Signature]]:
    for module in pkgutil.iter_modules(desks.__path__):
        if module.name in BEHIND_THE_DESKS:
            continue
        loaded = importlib.import_module(f"callwarden.desks.{module.name}")
        for kind in vars(loaded).values():
            if inspect.isclass(kind) and kind.__module__ == loaded.__name__:
                for name, method in vars(kind).items():
                    known = f"{module.name}.{kind.__name__}.{name}"
                    if inspect.isfunction(method) and not name.startswith("_"):
                        yield known, inspect.signature(method, eval_str=True)


@pytest.mark.parametrize(("name", "signature"), [pytest.param(*one, id=one[0]) for one in methods()])
def test_every_public_method_of_a_desk_takes_whoever_asks(name: str, signature: inspect.Signature) -> None:
    assert "actor" in signature.parameters
    assert signature.parameters["actor"].annotation is Actor


def test_every_act_of_the_table_is_performed_somewhere() -> None:
    places = [path for path in Path(desks.__path__[0]).parent.rglob("*.py") if path.name != "rights.py"]
    performed = "".join(path.read_text(encoding="utf-8") for path in places)
    assert [act.value for act in Act if not re.search(rf"\bAct\.{act.name}\b", performed)] == []
