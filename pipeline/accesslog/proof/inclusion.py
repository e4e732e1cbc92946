"""A proof of one entry as a file: that it is in the log, by a signed checkpoint and nothing else (L2)."""

import json
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from callwarden.accesslog.proof.checkpoint import open_checkpoint
from callwarden.accesslog.proof.note import NoteError, TrustedKey
from callwarden.accesslog.proof.proofs import verify_inclusion
from callwarden.accesslog.proof.tree import leaf_hash
from callwarden.accesslog.proof.values import Checkpoint, Hash


class NotProvenError(ValueError):
    """The file proves nothing, and why."""


def check_proof(document: bytes, *, trusted: Sequence[TrustedKey]) -> tuple[bytes, int, Checkpoint]:
    """The entry's bytes, its number, and the checkpoint that covers it. The key that the file itself names is not
    believed. Raises NotProvenError."""
    try:
        found: Any = json.loads(document)
        entry, index = found["entry"].encode("ascii"), int(found["index"])
        path = tuple(Hash(b64decode(step, validate=True)) for step in found["path"])
        note = found["checkpoint"].encode()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotProvenError("this is not the proof of an entry: callwarden log prove writes one") from error
    try:
        checkpoint = open_checkpoint(note, trusted=trusted)
    except NoteError as error:
        raise NotProvenError(f"its checkpoint is not signed by a key you trust: {error}") from error
    leaf = leaf_hash(entry)
    if not verify_inclusion(leaf=leaf, index=index, size=checkpoint.size, proof=path, root=checkpoint.root):
        raise NotProvenError("the entry is not the one that was signed")
    return entry, index, checkpoint
