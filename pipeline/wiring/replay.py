"""Builds the replay of the journal; an importer of adapters, beside `callwarden.wiring.parts`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callwarden.accesslog.proof.values import JournalMark
from callwarden.custody.objection_effects import ObjectionEffects
from callwarden.model.access import service
from callwarden.steps.replay import JournalReplay
from callwarden.steps.replay.acts import ActReplay
from callwarden.steps.replay.erasures import ErasureReplay

if TYPE_CHECKING:
    from callwarden.wiring.records import Records


def journal_replay(parts: "Records") -> JournalReplay:
    """Over the catalogue as it was opened: nothing of it is journalled again."""
    catalogue = parts.opened_catalogue

    def objections() -> ObjectionEffects:
        return ObjectionEffects(
            policy=parts.policy,
            clock=parts.clock,
            catalogue=catalogue,
            eraser=parts.eraser_of(catalogue),
            certifier=parts.certifier,
            scribe=parts.scribe,
        )

    return JournalReplay(
        journal=parts.journal,
        catalogue=catalogue,
        acts=ActReplay(
            policy=parts.policy,
            catalogue=catalogue,
            scribe=lambda: parts.scribe,
            apply=lambda objection: objections().apply(objection, actor=service("restore")),
        ),
        erasures=ErasureReplay(
            catalogue=catalogue,
            eraser=lambda: parts.eraser_of(catalogue),
            certifier=lambda: parts.certifier,
        ),
        marks=lambda: _marks(parts),
    )


def _marks(parts: "Records") -> Sequence[JournalMark]:
    """How far the journal reached, by the newest checkpoint of the database and of every place. A place that is out of
    reach is told and not waited for, as where checkpoints are brought to it."""
    from callwarden.accesslog.book.anchors import journal_marks

    return journal_marks(parts.log_database.engine, parts.log_places, parts.known_log_keys)
