"""Each door of custody alone has its port of the vault (I4, I6, K4): told from the imports themselves, as an import
contract that covers nothing is kept, too."""

import grimp

WHOLE = "callwarden.ports.whole_vault"


def test_each_port_of_the_vault_has_one_door() -> None:
    graph = grimp.build_graph("callwarden", cache_dir=None)
    doors = {
        port: graph.find_modules_that_directly_import(f"callwarden.ports.vault_{port}") - {WHOLE}
        for port in ("reader", "writer", "holder", "destroyer")
    }
    assert doors == {
        "reader": {"callwarden.custody.gate"},
        "writer": {"callwarden.custody.store"},
        "holder": {"callwarden.custody.holding"},
        "destroyer": {"callwarden.custody.disposal"},
    }
    whole = graph.find_modules_that_directly_import(WHOLE)
    assert {name.split(".")[1] for name in whole} == {"wiring"}
