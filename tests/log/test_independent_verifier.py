"""L2: somebody else's code agrees with ours, both ways, on tree heads, proofs, keys and notes.

The oracle is the Go project's own transparency log (golang.org/x/mod/sumdb/tlog and .../note), the code behind
Go's checksum database. It was chosen because a continuous build can install it from the distribution alone
(Debian and Ubuntu: ``apt-get install golang-go golang-golang-x-mod-dev``), builds without a network, shares no
line and no author with this project, and covers both halves: the tree's proofs and the signed notes.
"""

import json
import os
import random
import shutil
import subprocess
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callwarden.accesslog.key.signer import read_trusted
from callwarden.accesslog.proof.checkpoint import format_checkpoint, open_checkpoint
from callwarden.accesslog.proof.note import open_note
from callwarden.accesslog.proof.proofs import prove_inclusion, root_at
from callwarden.accesslog.proof.tree import leaf_hash
from callwarden.accesslog.proof.values import Hash
from tests.support.log_builder import base64_of, checkpoint_note, leaf_source, signer, some_lines

SOURCE = Path(__file__).parent / "oracle"
GOPATH = Path(os.environ.get("CALLWARDEN_TEST_GOPATH", "/usr/share/gocode"))
MODULE = GOPATH / "src" / "golang.org" / "x" / "mod" / "sumdb"
MISSING = "independent log verifier (Go): apt-get install golang-go golang-golang-x-mod-dev"
SIZES = (0, 1, 2, 3, 7, 8, 9, 255, 256, 257, 300)
LINES = some_lines(300)
LEAVES = [leaf_hash(line) for line in LINES]
TREE = leaf_source(LEAVES)


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled verifier."""
    go = shutil.which("go")
    if go is None or not MODULE.is_dir():
        if os.environ.get("REQUIRE_TIERS") == "all":
            pytest.fail(f"missing tier: {MISSING}")
        pytest.skip(f"missing tier: {MISSING}")
    program = tmp_path_factory.mktemp("oracle") / "verifier"
    offline = {"GO111MODULE": "off", "GOFLAGS": "", "GOPATH": str(GOPATH), "GOPROXY": "off"}
    built = subprocess.run(
        [go, "build", "-o", str(program), "."],
        cwd=SOURCE,
        env={**os.environ, **offline},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return program


def ask(oracle: Path, **request: Any) -> dict[str, Any]:
    done = subprocess.run([oracle], input=json.dumps(request).encode(), capture_output=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def entries() -> list[str]:
    return [base64_of(line) for line in LINES]


def texts(hashes: tuple[Hash, ...]) -> list[str]:
    return [base64_of(one) for one in hashes]


def inclusions() -> list[dict[str, Any]]:
    chosen = random.Random(3)
    return [
        {
            "Index": index,
            "Size": size,
            "Root": base64_of(root_at(size, TREE)),
            "Leaf": base64_of(LEAVES[index]),
            "Proof": texts(prove_inclusion(index, size, TREE)),
        }
        for size in SIZES[1:]
        for index in sorted({0, size - 1, chosen.randrange(size), chosen.randrange(size)})
    ]


def test_both_compute_the_same_tree_heads(oracle: Path) -> None:
    sizes = SIZES[1:]  # the oracle knows no empty tree
    answer = ask(oracle, Entries=entries(), Sizes=sizes)
    assert answer["Roots"] == [base64_of(root_at(size, TREE)) for size in sizes]


def test_it_makes_the_same_proofs_and_accepts_ours(oracle: Path) -> None:
    inclusion = inclusions()
    answer = ask(oracle, Entries=entries(), Inclusion=inclusion)
    assert answer["Inclusion"] == [""] * len(inclusion)
    assert [proof or [] for proof in answer["Proofs"]] == [one["Proof"] for one in inclusion]


def test_it_refuses_the_proofs_we_refuse(oracle: Path) -> None:
    other = base64_of(leaf_hash(b"other"))
    spoilt = [{**one, "Leaf": other} for one in inclusions()]
    assert all(ask(oracle, Entries=entries(), Inclusion=spoilt)["Inclusion"])


def test_it_opens_our_checkpoints_under_our_exported_key_and_no_altered_one(oracle: Path) -> None:
    note = checkpoint_note(signer(), LEAVES)
    altered = note.replace(b"\n300\n", b"\n301\n")
    foreign = checkpoint_note(signer(2), LEAVES)
    notes = [base64_of(one) for one in (note, altered, foreign)]
    answer = ask(oracle, Key=signer().public_text(), Notes=notes)
    assert answer["Notes"][0] == ""
    assert "invalid signature" in answer["Notes"][1]
    assert "no verifiable signatures" in answer["Notes"][2]


def test_we_open_what_it_signs_under_the_key_it_made(oracle: Path) -> None:
    trusted = read_trusted([signer().public_text()])
    checkpoint = open_checkpoint(checkpoint_note(signer(), LEAVES), trusted=trusted)
    theirs = replace(checkpoint, origin="other.example/log")
    answer = ask(oracle, SignAs=theirs.origin, Text=format_checkpoint(theirs))
    known = read_trusted([answer["SignedKey"]])
    note = b64decode(answer["SignedNote"])
    assert open_checkpoint(note, trusted=known) == theirs
    assert open_note(note, trusted=[*trusted, *known])[1] == (known[0].key,)
