"""The desk of dead letters: what they are, what stood in them, sending one again, destroying one (I1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from callwarden.custody.letters import Letters
from callwarden.desks.act_reasons import ActReasons
from callwarden.desks.acts import Acts, Doing
from callwarden.errors import RefusedError
from callwarden.model.access import Actor
from callwarden.model.outcome import Position
from callwarden.model.set_aside import ActReason, DeadLetter
from callwarden.ports.bus import Delivery, Message
from callwarden.ports.clock import Clock
from callwarden.rules.dead_letter import dead_letter_place, letter_subject
from callwarden.rules.rights import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError. Thread-safe."""

    clock: Clock
    letters: Letters
    acts: Acts
    reasons: ActReasons

    def listed(self, actor: Actor, *, limit: int | None = None) -> Sequence[DeadLetter]:
        """Every one that is kept, newest first, without what stood in it."""
        with self.acts.perform(Act.DEADLETTERS_LIST, actor) as doing:
            found = doing.tx.dead_letters.all(limit=limit)
            doing.count = len(found)
        return found

    def shown(self, actor: Actor, position: Position) -> tuple[DeadLetter, Sequence[ActReason]]:
        """One, and what was done about it."""
        with self.acts.perform(Act.DEADLETTERS_SHOW, actor, subject=letter_subject(position)) as doing:
            letter = _letter(doing, position)
            acts = doing.tx.act_reasons.about(letter_subject(position))
        return replace(letter, wrapped_key=None, sealed=None), acts

    def opened(self, actor: Actor, position: Position) -> tuple[Delivery, list[tuple[ActReason, str | None]]]:
        """The message as it came, and the reasons people gave."""
        with self.acts.perform(Act.DEADLETTERS_OPEN, actor, subject=letter_subject(position)) as doing:
            message = self._message(_letter(doing, position))
            acts = doing.tx.act_reasons.about(letter_subject(position))
        return message, self.reasons.read(acts)

    def retried(self, actor: Actor, position: Position) -> DeadLetter:
        """Put the message on its topic once more, as it came, to be decided anew: after callwarden was updated or its
        policy changed. What comes of it has a position of its own. Repeating it sends it again."""
        with self.acts.perform(Act.DEADLETTERS_RETRY, actor, subject=letter_subject(position)) as doing:
            letter = _letter(doing, position)
            if letter.is_cut:
                raise RefusedError(("nothing_kept",), "only the beginning of so long a message was kept")
            message = self._message(letter)
            letter = replace(letter, retried_at=self.clock.now())
            doing.tx.dead_letters.save(letter)
            doing.tx.outbox.append([_again(message)])
            doing.reasons = (letter.reason.value,)
        return letter

    def discarded(self, actor: Actor, position: Position, *, reason: str) -> DeadLetter:
        """Destroy its key and its bytes, and with the key its copy on the bus. The log entry is the proof."""
        with self.acts.perform(Act.DEADLETTERS_DISCARD, actor, subject=letter_subject(position)) as doing:
            letter = _letter(doing, position)
            if letter.discarded_at is not None:
                doing.silent = True
                doing.looks(Act.DEADLETTERS_SHOW)
                return letter
            letter = replace(letter, wrapped_key=None, sealed=None, discarded_at=self.clock.now())
            doing.tx.dead_letters.save(letter)
            doing.reasons = (letter.reason.value,)
            self.reasons.keep(doing, Act.DEADLETTERS_DISCARD, reason)
        return letter

    def _message(self, letter: DeadLetter) -> Delivery:
        message = self.letters.open(letter)
        if message is None:
            raise RefusedError(("nothing_kept",), "nothing of it is left: its key is destroyed")
        return message


def _letter(doing: Doing, position: Position) -> DeadLetter:
    letter = doing.tx.dead_letters.get(position, lock=True)
    if letter is None:
        raise RefusedError(("unknown",), "there is no dead letter there: callwarden deadletters list")
    return letter


def _again(message: Delivery) -> Message:
    key = dead_letter_place(message.position) if message.key is None else message.key.decode(errors="replace")
    return Message(topic=message.position.topic, key=key, value=message.value, headers=message.headers)
