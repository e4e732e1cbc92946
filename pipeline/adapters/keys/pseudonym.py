"""The keyed hashes behind pseudonyms and fingerprints, the same for every key store."""

import base64
import hmac

from callwarden.model.ids import Pseudonym
from callwarden.model.key import KeyKind


def keyed_pseudonym(key_id: str, key: bytes, kind: str, value: str) -> Pseudonym:
    """HMAC-SHA256 over the kind and the value, each with its length so that no two pairs collide."""
    message = b"".join(
        len(part).to_bytes(4, "big") + part for part in (kind.encode(), value.encode("utf-8", "surrogatepass"))
    )
    digest = hmac.digest(key, message, "sha256")
    return Pseudonym(f"{key_id}:{base64.b32encode(digest).decode().rstrip('=').lower()}")


def key_check(key: bytes, kind: KeyKind) -> str:
    """What tells a key from others: 128 bits of HMAC-SHA256 under it, over words that no pseudonym is made of (theirs
    begin with a length)."""
    return hmac.digest(key, b"callwarden key check 1 " + kind.encode(), "sha256").hex()[:32]
