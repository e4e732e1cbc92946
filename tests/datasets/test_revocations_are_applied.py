"""A signed list takes its items out of a folder, offline; what does not fit is refused, and nothing is changed."""

import json
from pathlib import Path

import pytest

from callwarden.datasets.applying import KEPT, ApplyRefusal, Outcome, apply_revocations
from callwarden.datasets.items import LINES
from callwarden.datasets.revocation import RevocationClass, names_digest, read_certificate
from callwarden.errors import RefusedError
from tests.support import data_sets
from tests.support.data_sets import item, trusted, write, write_list

AT = "2026-05-05T08:00:00+00:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "set", key=data_sets.signer(tmp_path), sound=b"RIFF", parquet=True)
    return tmp_path / "set"


def applied(folder: Path, revocations: Path) -> Outcome:
    return apply_revocations(folder, revocations, trust=trusted, at=AT)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def left(folder: Path) -> list[str]:
    return [json.loads(line)["item"] for line in (folder / LINES).read_text().splitlines()]


def test_items_go_from_lines_table_and_sound(folder: Path, tmp_path: Path) -> None:
    done = applied(folder, write_list(tmp_path / "list", [1, 3], key=data_sets.signer(tmp_path)))
    assert left(folder) == [item(number).item for number in (0, 2, 4)]
    assert sorted(path.stem for path in (folder / "audio").iterdir()) == left(folder)
    from pyarrow import parquet

    assert parquet.read_table(folder / "items.parquet")["item"].to_pylist() == left(folder)
    stated = read_certificate(done.certificate.read_bytes())
    assert stated == done.applied
    assert stated.removed == {item(1).item, item(3).item}
    assert stated.left == names_digest(left(folder))
    assert not any(
        item(1).item.encode() in text
        for name, text in contents(folder).items()
        if "manifest" not in name and not name.startswith(KEPT)
    )


def test_lists_follow_one_another_and_one_twice_changes_nothing(folder: Path, tmp_path: Path) -> None:
    key = data_sets.signer(tmp_path)
    first, second = write_list(tmp_path / "1", [1], key=key), write_list(tmp_path / "2", [1, 2], key=key)
    applied(folder, first)
    applied(folder, second)
    once = contents(folder)
    assert applied(folder, second).left == 3
    assert contents(folder) == once
    assert applied(folder, write_list(tmp_path / "3", range(5), key=key)).left == 0
    assert left(folder) == []
    assert not (folder / "items.parquet").exists()
    applied(folder, tmp_path / "3")


def test_what_only_another_export_has_of_an_old_redaction_stays(folder: Path, tmp_path: Path) -> None:
    key, old = data_sets.signer(tmp_path), {item(2).item: RevocationClass.REDACTION}
    assert applied(folder, write_list(tmp_path / "other", [], key=key, of_one={"export-2b": old})).left == 5
    assert applied(folder, write_list(tmp_path / "this", [1], key=key, of_one={"export-1a": old})).left == 3
    assert left(folder) == [item(number).item for number in (0, 3, 4)]


def test_what_a_kill_leaves_is_finished_by_applying_again(folder: Path, tmp_path: Path) -> None:
    revocations = write_list(tmp_path / "list", [1, 3], key=data_sets.signer(tmp_path))
    whole = contents(folder)
    applied(folder, revocations)
    (next((folder / KEPT).glob("*.applied.json"))).unlink()
    for name in (LINES, f"audio/{item(3).item}.wav"):  # as if only one sound had gone
        (folder / name).write_bytes(whole[name])
    (folder / f".{LINES}").write_bytes(b"half a li")
    assert applied(folder, revocations).left == 3
    assert item(3).item not in left(folder)
    assert not (folder / f"audio/{item(3).item}.wav").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (LINES, b""),
        (LINES, b"no item\n"),
        (f"audio/{item(2).item}.wav", b"other"),
        (f"audio/{item(2).item}.wav", None),
        ("README.md", b"nothing is personal here"),
        ("items.parquet", b"PAR1"),
        ("more.txt", b"added"),
        ("empty/", b""),
        ("audio/deeper/", b""),
        ("revocations/1.json", b"{}"),
        ("revocations/1.applied.json", b"{}"),
        ("revocations/1.applied.json", b"Je suis Ada."),
        ("revocations/.words", b"Je suis Ada."),
    ],
)
def test_a_folder_altered_after_the_export_is_refused(
    folder: Path, tmp_path: Path, name: str, text: bytes | None
) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    if text is None:
        (folder / name).unlink()
    elif name.endswith("/"):
        (folder / name).mkdir()
    else:
        (folder / name).write_bytes(text)
    before = contents(folder)
    with pytest.raises(RefusedError) as refused:
        applied(folder, write_list(tmp_path / "list", [1], key=data_sets.signer(tmp_path)))
    assert refused.value.reasons == (ApplyRefusal.FOLDER_ALTERED.value,)
    assert contents(folder) == before


def test_a_line_altered_is_refused_even_after_a_list_was_applied(folder: Path, tmp_path: Path) -> None:
    key = data_sets.signer(tmp_path)
    applied(folder, write_list(tmp_path / "1", [1], key=key))
    lines = folder / LINES
    lines.write_text(lines.read_text().replace("[PERSON]", "Alice", 1))
    with pytest.raises(RefusedError) as refused:
        applied(folder, write_list(tmp_path / "2", [2], key=key))
    assert refused.value.reasons == (ApplyRefusal.FOLDER_ALTERED.value,)


def test_a_list_of_another_key_another_experiment_or_altered_is_refused(folder: Path, tmp_path: Path) -> None:
    key = data_sets.signer(tmp_path)
    forged = write_list(tmp_path / "a", [1], key=data_sets.signer(tmp_path, "other.pem"))
    other = write_list(tmp_path / "b", [1], key=key, experiment="exp-01J0000000000000000000000B")
    altered = write_list(tmp_path / "c", [1], key=key)
    altered.write_bytes(altered.read_bytes().replace(item(1).item.encode(), item(2).item.encode()))
    none = tmp_path / "d"
    none.write_text("[]")
    before = contents(folder)
    for revocations, why in (
        (forged, ApplyRefusal.OTHER_KEY),
        (other, ApplyRefusal.OTHER_EXPERIMENT),
        (altered, ApplyRefusal.BAD_SIGNATURE),
        (none, ApplyRefusal.NOT_A_LIST),
        (tmp_path / "nowhere", ApplyRefusal.NOT_A_LIST),
    ):
        with pytest.raises(RefusedError) as refused:
            applied(folder, revocations)
        assert refused.value.reasons == (why.value,)
    assert contents(folder) == before


def test_a_folder_signed_under_another_key_than_the_pinned_one_is_refused(folder: Path, tmp_path: Path) -> None:
    revocations = write_list(tmp_path / "list", [1], key=data_sets.signer(tmp_path))
    pinned = data_sets.signer(tmp_path, "other.pem").trusted
    with pytest.raises(RefusedError) as refused:
        apply_revocations(folder, revocations, trust=trusted, at=AT, keys=[pinned])
    assert refused.value.reasons == (ApplyRefusal.OTHER_KEY.value,)
    with pytest.raises(RefusedError):
        applied(tmp_path / "nowhere", revocations)


def test_a_statement_that_says_more_than_what_was_taken_out_is_refused(folder: Path, tmp_path: Path) -> None:
    """Words could be kept in it."""
    revocations = write_list(tmp_path / "list", [1], key=data_sets.signer(tmp_path))
    stated = applied(folder, revocations).certificate
    told = stated.read_bytes()
    for more in (told + b"\n", told.replace(item(1).item.encode(), b"Je suis Ada."), told.replace(b"exp-", b"exq-")):
        stated.write_bytes(more)
        with pytest.raises(RefusedError) as refused:
            applied(folder, revocations)
        assert refused.value.reasons == (ApplyRefusal.FOLDER_ALTERED.value,)
    stated.write_bytes(told)
    assert applied(folder, revocations).left == 4
