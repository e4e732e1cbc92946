"""Makes dead letters: a message nothing can be done with, sealed for the catalogue and for the bus."""

from dataclasses import dataclass, field

from callwarden.messages import DeadLettered
from callwarden.model.outcome import Reason
from callwarden.model.policy import Policy
from callwarden.model.set_aside import DeadLetter
from callwarden.ports.bus import Delivery, Message
from callwarden.ports.cipher import DecryptionError, StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.codec import SenderNames
from callwarden.ports.keys import KeyDestroyedError, KeyStore
from callwarden.rules.dead_letter import DEAD_LETTER_BYTES, dead_letter_place, packed, unpacked
from callwarden.rules.retention import keep_until
from callwarden.rules.seals import letter_context


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead letter as it lies in the catalogue, and the message that tells of it. Neither is written yet."""

    row: DeadLetter
    message: Message = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Seals and opens dead letters. Thread-safe."""

    keys: KeyStore
    cipher: StreamCipher
    clock: Clock
    policy: Policy

    def seal(self, delivery: Delivery, reason: Reason, field_path: str, names: SenderNames) -> Letter:
        """The message under a key of its own: it may hold anything. Raises RetryableError."""
        now, position, size = self.clock.now(), delivery.position, len(delivery.value)
        where = dead_letter_place(position)
        data_key = self.keys.new_data_key(letter_context(position))
        kept = delivery.value[:DEAD_LETTER_BYTES]
        return Letter(
            row=DeadLetter(
                position=position,
                reason=reason,
                field=field_path,
                event_id=names.event_id,
                call_id=names.call_id,
                at=now,
                keep_until=keep_until(now, self.policy.quarantine, self.policy.time_zone),
                size=size,
                is_cut=size > DEAD_LETTER_BYTES,
                wrapped_key=data_key.wrapped,
                master_key_id=data_key.master_key_id,
                sealed=self.cipher.seal(packed(delivery), data_key=data_key.plaintext, purpose=_in_catalogue(where)),
            ),
            message=Message.of(
                DeadLettered(
                    of_topic=position.topic,
                    partition=position.partition,
                    offset=position.offset,
                    reason=reason,
                    field=field_path,
                    attempts=1,
                    at=now,
                    sealed=self.cipher.seal(kept, data_key=data_key.plaintext, purpose=f"dead-letter:{where}"),
                    cut_from=size if size > DEAD_LETTER_BYTES else None,
                )
            ),
        )

    def open(self, letter: DeadLetter) -> Delivery | None:
        """The message as it came; None once its key is gone. Raises RetryableError."""
        where = dead_letter_place(letter.position)
        if letter.wrapped_key is None or letter.sealed is None:
            return None
        try:
            data_key = self.keys.unwrap(letter.wrapped_key, letter_context(letter.position))
            return unpacked(
                letter.position,
                self.cipher.unseal(letter.sealed, data_key=data_key, purpose=_in_catalogue(where)),
            )
        except (KeyDestroyedError, DecryptionError, ValueError):
            return None


def _in_catalogue(where: str) -> str:
    return f"dead-letter-row:{where}"
