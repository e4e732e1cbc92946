"""The keyed hash behind every pseudonym, the same for every key store."""

import base64
import hmac

from pipeline.model.ids import Pseudonym


def keyed_pseudonym(key_id: str, key: bytes, kind: str, value: str) -> Pseudonym:
    """HMAC-SHA256 over the kind and the value, each with its length so that no two pairs collide."""
    message = b"".join(
        len(part).to_bytes(4, "big") + part for part in (kind.encode(), value.encode("utf-8", "surrogatepass"))
    )
    digest = hmac.digest(key, message, "sha256")
    return Pseudonym(f"{key_id}:{base64.b32encode(digest).decode().rstrip('=').lower()}")
