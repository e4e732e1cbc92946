"""Disposal certificates."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import bindparam, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import certificate
from callwarden.model.certificate import Certificate
from callwarden.model.ids import RecordingId

_CERTIFICATES: Final = (
    select(*certificate.c)
    .where(among(certificate.c.recording_id, bindparam("ids", type_=TextSet())))
    .order_by(certificate.c.issued_at, certificate.c.digest)
)
_ADD_CERTIFICATES: Final = BulkInsert(
    certificate, [column.name for column in certificate.c], key=("digest",), clash=Clash.KEEP
)


class CertificateRows(Rows):
    """`callwarden.ports.catalogue.records.Certificates`."""

    def get(self, recording_ids: Collection[RecordingId]) -> Sequence[Certificate]:
        if not recording_ids:
            return []
        return [
            Certificate(digest=digest, recording_id=recording_id, issued_at=issued_at, document=document)
            for digest, recording_id, issued_at, document in self._session.run(_CERTIFICATES, {"ids": recording_ids})
        ]

    def add(self, certificates: Sequence[Certificate]) -> None:
        firsts = {one.digest: one for one in certificates}
        rows: list[Row] = [
            {
                "digest": one.digest,
                "recording_id": one.recording_id,
                "issued_at": one.issued_at,
                "document": one.document,
            }
            for _, one in sorted(firsts.items())
        ]
        self._session.insert(_ADD_CERTIFICATES, rows)
