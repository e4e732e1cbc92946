"""Builds the replay of the journal; an importer of adapters, beside `callwarden.wiring.parts`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callwarden.steps.replay import JournalReplay

if TYPE_CHECKING:
    from callwarden.accesslog.proof.values import JournalMark
    from callwarden.model.objection import Objection
    from callwarden.steps.replay.acts import ActReplay
    from callwarden.steps.replay.erasures import ErasureReplay
    from callwarden.wiring.records import Records


def journal_replay(parts: Records) -> JournalReplay:
    """Over the catalogue as it was opened: nothing of it is journalled again."""
    return JournalReplay(
        journal=parts.journal,
        catalogue=parts.opened_catalogue,
        acts=lambda: _acts(parts),
        erasures=lambda: _erasures(parts),
        marks=lambda: _marks(parts),
        redate=lambda: parts.redating_of(parts.opened_catalogue).resume(),
    )


def _acts(parts: Records) -> ActReplay:
    from callwarden.custody.recording_texts import RecordingTexts
    from callwarden.steps.replay.acts import ActReplay

    return ActReplay(
        policy=parts.policy,
        catalogue=parts.opened_catalogue,
        scribe=lambda: parts.scribe,
        apply=lambda objection: _apply(parts, objection),
        texts=lambda: RecordingTexts(keys=parts.keys, cipher=parts.cipher),
    )


def _apply(parts: Records, objection: Objection) -> object:
    from callwarden.model.access import service

    return parts.objection_effects_of(parts.opened_catalogue).apply(objection, actor=service("restore"))


def _erasures(parts: Records) -> ErasureReplay:
    from callwarden.steps.replay.erasures import ErasureReplay

    catalogue = parts.opened_catalogue
    return ErasureReplay(catalogue=catalogue, disposal=lambda: parts.disposal_of(catalogue))


def _marks(parts: Records) -> Sequence[JournalMark]:
    """How far the journal reached, by the newest checkpoint of the database and of every place. A place that is out of
    reach is reported and not waited for, as where checkpoints are brought to it."""
    from callwarden.accesslog.book.anchors import journal_marks

    return journal_marks(parts.log_database.engine, parts.log_places, parts.known_log_keys)
