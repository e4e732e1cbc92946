"""What one export copies: items read at the gate, their words in a nameless file until all are known to stay."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

from callwarden.custody.gate import Gate
from callwarden.datasets.items import Item
from callwarden.datasets.writing import DataSetFolder
from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable
from callwarden.model.experiment import Carried, Experiment, ExperimentItem, ExperimentItemId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.ports.speech import TranscriptCodec
from callwarden.rules.experiment_items import person_name, pin_of
from callwarden.rules.experiments import Unfit
from callwarden.rules.rare_metadata import Facts, Generalised, generalise
from callwarden.rules.reading import ReadRefusal

_NOT_OF_ONE: Final = frozenset({ReadRefusal.NOT_PERMITTED.value, ReadRefusal.LOG_UNAVAILABLE.value})
"""Refusals that are not about one recording: then there is no export."""
_AT_ONCE: Final = 8
"""Items that are read together."""
_NO_WORDS: Final = range(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copied:
    """An item whose words lie at `at` in the file, `size` bytes."""

    facts: Facts = field(repr=False)
    caller: str | None = field(repr=False)
    agent: str | None = field(repr=False)
    file_name: str | None
    at: int
    size: int


@dataclass(slots=True, kw_only=True)
class Copying:
    """One export under way. `words` is an empty file; `key` is that of the experiment's pseudonyms. What is dropped is
    counted by reason."""

    experiment: Experiment
    actor: Actor
    gate: Gate
    codec: TranscriptCodec
    key: bytes = field(repr=False)
    zone: ZoneInfo
    folder: DataSetFolder
    words: BinaryIO = field(repr=False)
    dropped: Counter[str] = field(default_factory=Counter)
    redactions: Counter[str] = field(default_factory=Counter)
    copied: dict[ExperimentItemId, _Copied] = field(default_factory=dict, repr=False)
    generalised: Generalised | None = None

    def copy(self, wanted: Iterable[tuple[ExperimentItem, Recording]]) -> Iterator[ExperimentItemId]:
        """Read these at the gate, several at a time, so that their entries share what the disk writes; each as it is
        done. What the gate refuses is dropped, by its reason. Raises RefusedError where nothing may be read at all,
        RetryableError."""
        left = iter(wanted)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while batch := list(islice(left, _AT_ONCE)):
                for (item, row), read in zip(batch, pool.map(self._read, batch), strict=True):
                    match read:
                        case str() as why:
                            self.dropped[why] += 1
                        case (data, file_name):
                            self._keep(item, row, data, file_name)
                    yield item.item_id

    def drop(self, item_id: ExperimentItemId, why: str) -> None:
        """Take one that was copied out again."""
        del self.copied[item_id]
        self.folder.drop(item_id)
        self.dropped[why] += 1

    def items(self) -> Iterator[Item]:
        """The lines, once nothing is dropped any more, by item."""
        if Carried.METADATA in self.experiment.carries:
            self.generalised = generalise([one.facts for one in self.copied.values()], k=self.experiment.k)
        for name, one in sorted(self.copied.items()):
            self.words.seek(one.at)
            transcript = self.codec.decode_redacted(self.words.read(one.size), worded=lambda _: _NO_WORDS)
            self.redactions[transcript.redaction_version] += 1
            yield Item(
                item=name,
                transcript=transcript,
                file_name=one.file_name,
                told=None if self.generalised is None else self.generalised.told[name],
                caller=None if self.generalised is None else one.caller,
                agent=one.agent,
            )

    def _read(self, one: tuple[ExperimentItem, Recording]) -> tuple[bytes, str | None] | str:
        """Its words and the name of its sound in the folder; or why it is dropped."""
        item, row = one
        try:
            text = self.gate.read(self.actor, Purpose.AI_EXPERIMENT, row.recording_id, Readable.REDACTED_TRANSCRIPT)
            data, forms, name = text.read_all(), [text.artefact], None
            if Carried.AUDIO in self.experiment.carries:
                sound = self.gate.read(self.actor, Purpose.AI_EXPERIMENT, row.recording_id, Readable.BEEPED_AUDIO)
                forms.append(sound.artefact)
                if pin_of(forms) == item.digest:
                    name = self.folder.sound(item.item_id, sound.media_type, sound.pieces)
        except RefusedError as error:
            if _NOT_OF_ONE & set(error.reasons):
                raise
            return error.reasons[0]
        return (data, name) if pin_of(forms) == item.digest else Unfit.REDACTION_CHANGED.value

    def _keep(self, item: ExperimentItem, row: Recording, data: bytes, file_name: str | None) -> None:
        at = self.words.seek(0, 2)
        self.words.write(data)
        person = row.customer or row.caller
        began = row.started_at or row.ended_at
        lasted = (row.ended_at - row.started_at).total_seconds() if row.started_at and row.ended_at else 0.0
        agents = (row.agent_id,) if self.experiment.with_agents else ()
        self.copied[item.item_id] = _Copied(
            facts=Facts(
                item=item.item_id,
                persons=(person, *agents),
                line=row.line,
                day=None if began is None else began.astimezone(self.zone).date(),
                duration_s=lasted,
            ),
            caller=None if person is None else person_name(self.key, "caller", person),
            agent=next((person_name(self.key, "agent", one) for one in agents if one is not None), None),
            file_name=file_name,
            at=at,
            size=len(data),
        )


def names(carried: Collection[Carried]) -> tuple[str, ...]:
    """What items carry, in one order."""
    return tuple(one.value for one in Carried if one in carried)
