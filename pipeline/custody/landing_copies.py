"""What the telephone system's own copy is called that was left where it landed, and its end (R3, I3).

Audio goes from its landing area once it is stored. Of a call that was set aside without its audio being taken (too
large, say, or to be put there) the copy stays for a retry: when its caller objects, it goes at once.
"""

from dataclasses import dataclass

from callwarden.model.event import CallRecorded
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.cipher import StreamCipher
from callwarden.ports.codec import EventCodec
from callwarden.ports.keys import KeyStore
from callwarden.ports.landing import LandingArea, LandingRefusedError
from callwarden.rules.seals import event_seal, key_context


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingCopies:
    """Thread-safe."""

    catalogue: Catalogue
    keys: KeyStore
    cipher: StreamCipher
    codec: EventCodec
    landing: LandingArea

    def remove(self, row: Recording) -> None:
        """Delete what the event of this recording names, as long as its event can be read. Repeatable. Raises
        RetryableError."""
        with self.catalogue.snapshot() as tx:
            key = tx.keys.get([row.recording_id]).get(row.recording_id)
        if row.sealed_event is None or key is None:
            return
        data_key = self.keys.unwrap(key.wrapped, key_context(row.recording_id))
        event = self.codec.decode(
            self.cipher.unseal(row.sealed_event, data_key=data_key, purpose=event_seal(row.recording_id))
        )
        if isinstance(event, CallRecorded) and event.audio.uri:
            try:
                self.landing.delete(event.audio.uri)
            except LandingRefusedError:
                return  # a place that is not ours: nothing was ever taken from it
