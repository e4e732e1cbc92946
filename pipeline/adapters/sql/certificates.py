"""Disposal certificates."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import bindparam, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.mapped import Mapped
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import certificate
from callwarden.model.certificate import Certificate
from callwarden.model.ids import RecordingId

_CERTIFICATES: Final = (
    select(*certificate.c)
    .where(among(certificate.c.recording_id, bindparam("ids", type_=TextSet())))
    .order_by(certificate.c.issued_at, certificate.c.digest)
)
_CERTIFICATE: Final = Mapped(certificate, Certificate)
_ADD_CERTIFICATES: Final = _CERTIFICATE.insert(key=("digest",), clash=Clash.KEEP)


class CertificateRows(Rows):
    """`callwarden.ports.catalogue.records.Certificates`."""

    def get(self, recording_ids: Collection[RecordingId]) -> Sequence[Certificate]:
        if not recording_ids:
            return []
        return _CERTIFICATE.values(self._session.run(_CERTIFICATES, {"ids": recording_ids}))

    def add(self, certificates: Sequence[Certificate]) -> None:
        firsts = {each.digest: each for each in certificates}
        self._session.save(_ADD_CERTIFICATES, _CERTIFICATE, [each for _, each in sorted(firsts.items())])
