"""The guarded doors of a system: the gate, the door people come in by, the acts and the log they are written to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from callwarden.wiring.part import part
from callwarden.wiring.records import Records

if TYPE_CHECKING:
    from callwarden.custody.doorkeeper import Doorkeeper
    from callwarden.custody.gate import Gate
    from callwarden.custody.letters import Letters
    from callwarden.custody.store import Store
    from callwarden.custody.timekeeper import Timekeeper
    from callwarden.desks.act_reasons import ActReasons
    from callwarden.desks.acts import Acts
    from callwarden.ports.log import LogReader, LogWriter


class Custody(Records):
    """The parts of one system that everybody goes through; see `Parts`."""

    @part
    def acts(self) -> Acts:
        from callwarden.desks.acts import Acts

        return Acts(catalogue=self.catalogue, scribe=self.scribe)

    @part
    def log_writer(self) -> LogWriter:
        from callwarden.accesslog.book.staging import open_log_writer

        timeout_s = self.policy.read_timeout.total_seconds()
        writer = open_log_writer(self.catalogue.engine, timeout_s=timeout_s, alone=self.catalogue.alone)
        self._closing.callback(writer.close)
        return writer

    @part
    def log_reader(self) -> LogReader:
        from callwarden.accesslog.book.reader import SqlLogReader

        _ = self.catalogue
        return SqlLogReader(self.log_database.engine, trusted=self.log_key.trusted, places=lambda: self.log_places)

    @part
    def gate(self) -> Gate:
        from callwarden.custody.deciding import Decider
        from callwarden.custody.gate import Gate

        return Gate(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            vault=self.vault,
            keys=self.keys,
            cipher=self.cipher,
            log=self.log_writer,
            decider=Decider(policy=self.policy, clock=self.clock, noted=self.log_reader),
            scribe=self.scribe,
            codec=self.codec,
        )

    @part
    def store(self) -> Store:
        from callwarden.custody.store import Store

        return Store(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            vault=self.vault,
            disposal=self.disposal,
            keys=self.keys,
            cipher=self.cipher,
        )

    @part
    def doorkeeper(self) -> Doorkeeper:
        from callwarden.custody.doorkeeper import Doorkeeper

        return Doorkeeper(
            catalogue=self.catalogue, clock=self.clock, keys=self.keys, scribe=self.scribe, log=self.log_reader
        )

    @part
    def early_doorkeeper(self) -> Doorkeeper:
        """Who recognises people before the journal is replayed."""
        from callwarden.custody.doorkeeper import Doorkeeper

        catalogue, log = self.opened_catalogue, self.opened_log
        return Doorkeeper(catalogue=catalogue, clock=self.clock, keys=self.keys, scribe=self.scribe, log=log)

    @part
    def letters(self) -> Letters:
        from callwarden.custody.letters import Letters

        return Letters(keys=self.keys, cipher=self.cipher, clock=self.clock, policy=self.policy)

    @part
    def act_reasons(self) -> ActReasons:
        from callwarden.desks.act_reasons import ActReasons

        return ActReasons(policy=self.policy, clock=self.clock, keys=self.keys, cipher=self.cipher)

    @part
    def timekeeper(self) -> Timekeeper:
        from callwarden.custody.timekeeper import Timekeeper

        return Timekeeper(
            clock=self.clock,
            catalogue=self.catalogue,
            within=self.policy.sweep.clock_within,
            newest_entry=self._newest_entry,
            may_jump=self.clock_may_jump,
        )

    def _newest_entry(self) -> datetime | None:
        from callwarden.accesslog.book.status import newest_entry

        return newest_entry(self.catalogue.engine)
