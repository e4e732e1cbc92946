"""telephony.calls → vault + catalogue → recordings.stored: the first arrow of the flow.

A delivery goes through four phases, the first and third for many deliveries in one transaction:
begin (decide, `pending` row) · carry_out (fetch, check, encrypt, put) · finish (look for an objection again,
then row, log entry and outbox together) · clean_up (landing copy, leftovers). A crash anywhere is healed by replay.
"""

from callwarden.steps.ingest.step import Ingest

__all__ = ["Ingest"]
