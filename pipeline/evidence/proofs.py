"""Entries of the access log with the proof that each is in it, as lines of JSON (RFC 9162, 2.1.3)."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from callwarden.accesslog.proof.checkpoint import open_checkpoint
from callwarden.accesslog.proof.encoding import decode_entry
from callwarden.accesslog.proof.note import NoteError, TrustedKey
from callwarden.accesslog.proof.proofs import verify_inclusion
from callwarden.accesslog.proof.tree import leaf_hash
from callwarden.accesslog.proof.values import Hash
from callwarden.errors import CallwardenError
from callwarden.model.log_entry import InvalidEntryError, LogEntry
from callwarden.ports.log import InclusionProof
from callwarden.rules.signed_document import canonical

PROOFS: Final = "log/proofs.jsonl"
CHECKPOINTS: Final = "log/checkpoints/"


class ProofError(CallwardenError):
    """A proof does not hold. Says which and why."""


def checkpoint_name(size: int) -> str:
    """Under which name the checkpoint of this many entries lies in a pack."""
    return f"{CHECKPOINTS}{size:020d}"


def proof_lines(proofs: Iterable[InclusionProof]) -> Iterator[bytes]:
    """One line a proof; `checkpoint` names the file of the signed checkpoint it leads to."""
    for proof in proofs:
        yield (
            canonical(
                {
                    "index": proof.index,
                    "entry": proof.entry.decode("ascii"),
                    "path": [b64encode(step).decode("ascii") for step in proof.path],
                    "checkpoint": checkpoint_name(proof.checkpoint.size),
                }
            )
            + b"\n"
        )


def proven_entries(lines: bytes, notes: dict[str, bytes], *, trusted: Sequence[TrustedKey]) -> Iterator[LogEntry]:
    """The entries whose proof holds; `notes` are the checkpoints by their names. Raises ProofError at the first that
    does not."""
    for number, line in enumerate(lines.splitlines(), 1):
        try:
            told = json.loads(line)
            data, name = str(told["entry"]).encode("ascii"), str(told["checkpoint"])
            path = [Hash(b64decode(step, validate=True)) for step in told["path"]]
            checkpoint = open_checkpoint(notes[name], trusted=trusted)
            entry = decode_entry(data)
            holds = verify_inclusion(
                leaf=leaf_hash(data), index=int(told["index"]), size=checkpoint.size, proof=path, root=checkpoint.root
            )
        except NoteError as error:
            raise ProofError(f"line {number}: its checkpoint {name}: {error}") from error
        except (ValueError, KeyError, TypeError, InvalidEntryError) as error:
            raise ProofError(f"line {number}: this is no proof of an entry") from error
        if not holds:
            raise ProofError(f"line {number}: entry {told['index']} is not the one that was signed")
        yield entry
