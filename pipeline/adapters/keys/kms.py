"""The distributed key store: data keys wrapped by AWS KMS (or a service that speaks its interface).

Two keys, named by aliases: a symmetric one that wraps data keys, and an HMAC one that makes pseudonyms. The
pseudonym key in use is a MAC of a fixed message under the HMAC key: every process on every machine derives
the same one with a single call, and nothing needs to be stored beside KMS. The context is KMS's
EncryptionContext, which CloudTrail records: opaque ids only.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from callwarden.adapters.aws import code_of, translated
from callwarden.adapters.keys.pseudonym import key_check, keyed_pseudonym
from callwarden.errors import ConfigurationError, RetryableError, UsageError
from callwarden.model.ids import Pseudonym
from callwarden.model.key import KeyKind
from callwarden.ports.keys import (
    DataKey,
    KeyDestroyedError,
    KeyMissingError,
    KeyUnavailableError,
    WrappedDataKey,
    WrappedKeyError,
)

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_kms.literals import KeySpecType, KeyUsageTypeType

_PSEUDONYM_KEY_ID = "k1"
_PSEUDONYM_MESSAGE = b"callwarden pseudonym key 1"
_WAITING_DAYS = 7
"""The shortest time KMS allows before a scheduled deletion; the key unwraps nothing meanwhile."""


class KmsKeyStore:
    """`callwarden.ports.keys.KeyStore` over KMS. `master_alias` must be an alias for a rotation to work: it makes a new
    key and points the alias at it. A master key's id is its ARN, which KMS gives to no other key; one that KMS has
    forgotten was deleted there."""

    def __init__(self, client: "KMSClient", *, master_alias: str, pseudonym_alias: str) -> None:
        self._client = client
        self._master_alias = master_alias
        self._pseudonym_alias = pseudonym_alias
        self._aliases = frozenset({master_alias, pseudonym_alias})
        self._pseudonym_key: bytes | None = None
        self._lock = threading.Lock()

    def ensure_keys(self) -> None:
        """Create the two keys and their aliases where they are missing; for set-up, not for every start."""
        self._ensure(self._master_alias, usage="ENCRYPT_DECRYPT", spec="SYMMETRIC_DEFAULT")
        self._ensure(self._pseudonym_alias, usage="GENERATE_VERIFY_MAC", spec="HMAC_256")

    def new_data_key(self, context: Mapping[str, str]) -> DataKey:
        with self._errors("making a data key", self._master_alias):
            answer = self._client.generate_data_key(
                KeyId=self._master_alias, EncryptionContext=dict(context), KeySpec="AES_256"
            )
        return DataKey(plaintext=answer["Plaintext"], wrapped=answer["CiphertextBlob"], master_key_id=answer["KeyId"])

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        with self._errors("unwrapping a data key", "that wrapped it"):
            answer = self._client.decrypt(CiphertextBlob=wrapped, EncryptionContext=dict(context))
        return answer["Plaintext"]

    def rewrap(self, wrapped: bytes, context: Mapping[str, str]) -> WrappedDataKey:
        with self._errors("re-wrapping a data key", "that wrapped it"):
            answer = self._client.re_encrypt(
                CiphertextBlob=wrapped,
                SourceEncryptionContext=dict(context),
                DestinationKeyId=self._master_alias,
                DestinationEncryptionContext=dict(context),
            )
        return WrappedDataKey(wrapped=answer["CiphertextBlob"], master_key_id=answer["KeyId"])

    def pseudonym(self, kind: str, value: str) -> Pseudonym:
        return keyed_pseudonym(_PSEUDONYM_KEY_ID, self._pseudonyms(), kind, value)

    def current_master_key(self) -> str:
        with self._errors("asking for the master key", self._master_alias):
            return self._client.describe_key(KeyId=self._master_alias)["KeyMetadata"]["Arn"]

    def pseudonym_key(self) -> str:
        return _PSEUDONYM_KEY_ID

    def fingerprint(self, kind: KeyKind, key_id: str) -> str | None:
        match kind:
            case KeyKind.PSEUDONYM:
                return key_check(self._pseudonyms(), kind) if key_id == _PSEUDONYM_KEY_ID else None
            case KeyKind.MASTER:
                if not key_id.startswith("arn:"):
                    return None
                with self._errors("looking for a master key", key_id):
                    found = self._client.describe_key(KeyId=key_id)["KeyMetadata"]
                if found.get("KeyState") == "PendingDeletion":
                    raise KeyDestroyedError(key_id)
                return hashlib.sha256(found["Arn"].encode()).hexdigest()[:32]

    def make_master(self) -> str:
        self._require_alias()
        with self._errors("making a master key", self._master_alias):
            return self._create("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")

    def use_master(self, master_key_id: str) -> None:
        self._require_alias()
        if self.fingerprint(KeyKind.MASTER, master_key_id) is None:
            raise KeyMissingError(master_key_id)
        with self._errors("changing the master key", self._master_alias):
            self._client.update_alias(AliasName=self._master_alias, TargetKeyId=master_key_id)

    def _require_alias(self) -> None:
        if not self._master_alias.startswith("alias/"):
            raise ConfigurationError(
                f"the master key is set to {self._master_alias}, one fixed key:"
                " name it by an alias (alias/…) to rotate it"
            )

    def destroy_master(self, master_key_id: str) -> None:
        if master_key_id == self.current_master_key():
            raise UsageError(f"{master_key_id} wraps new keys; rotate first, re-wrap, then destroy it")
        with self._errors("destroying a master key", master_key_id):
            try:
                key = master_key_id.rpartition("/")[2]
                self._client.schedule_key_deletion(KeyId=key, PendingWindowInDays=_WAITING_DAYS)
            except ClientError as error:
                if code_of(error) not in {"NotFoundException", "KMSInvalidStateException"}:
                    raise

    def _pseudonyms(self) -> bytes:
        with self._lock:
            if self._pseudonym_key is None:
                with self._errors("deriving the pseudonym key", self._pseudonym_alias):
                    answer = self._client.generate_mac(
                        KeyId=self._pseudonym_alias,
                        Message=_PSEUDONYM_MESSAGE,
                        MacAlgorithm="HMAC_SHA_256",
                    )
                self._pseudonym_key = answer["Mac"]
            return self._pseudonym_key

    def _ensure(self, alias: str, *, usage: "KeyUsageTypeType", spec: "KeySpecType") -> None:
        with self._errors("setting up", alias):
            try:
                self._client.describe_key(KeyId=alias)
            except ClientError as error:
                if code_of(error) != "NotFoundException" or not alias.startswith("alias/"):
                    raise
                arn = self._create(usage, spec)
                try:
                    self._client.create_alias(AliasName=alias, TargetKeyId=arn)
                except ClientError as raced:
                    if code_of(raced) != "AlreadyExistsException":
                        raise
                    # Another process was first; its key is the one everybody uses.
                    self._client.schedule_key_deletion(KeyId=arn, PendingWindowInDays=_WAITING_DAYS)

    def _create(self, usage: "KeyUsageTypeType", spec: "KeySpecType") -> str:
        answer = self._client.create_key(KeyUsage=usage, KeySpec=spec, Description="callwarden")
        return answer["KeyMetadata"]["Arn"]

    @contextmanager
    def _errors(self, doing: str, key: str) -> Iterator[None]:
        try:
            with translated(f"{doing} (KMS key {key})", part="keys"):
                try:
                    yield
                except ClientError as error:
                    match code_of(error):
                        case "InvalidCiphertextException" | "IncorrectKeyException":
                            raise WrappedKeyError(
                                "the wrapped key does not belong to this context, or is altered"
                            ) from error
                        case "NotFoundException" if key in self._aliases:
                            raise ConfigurationError(f"KMS key {key} does not exist: create it") from error
                        case "NotFoundException":
                            raise KeyDestroyedError(key) from error
                        case "KMSInvalidStateException" if "pending deletion" in str(error):
                            # The other invalid states (unavailable, updating) pass: they are outages.
                            raise KeyDestroyedError(key) from error
                    raise
        except RetryableError as error:
            raise KeyUnavailableError(str(error)) from error
