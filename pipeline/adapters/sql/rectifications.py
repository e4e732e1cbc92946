"""What was put right in the metadata of recordings, and who was told of what changed."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import bindparam, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import TextSet, among, words_from_text, words_to_text
from callwarden.adapters.sql.mapped import Mapped
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import recipient_notice, rectification
from callwarden.model.ids import RecordingId
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.rectification import Rectification
from callwarden.model.request import RequestId

_RECTIFICATION: Final = Mapped(rectification, Rectification, fields=(words_to_text, words_from_text))
_ADD: Final = _RECTIFICATION.insert(key=("rectification_id",), clash=Clash.KEEP)
_OF: Final = (
    select(*rectification.c)
    .where(among(rectification.c.recording_id, bindparam("ids", type_=TextSet())))
    .order_by(rectification.c.at, rectification.c.rectification_id)
)
_NOTICE: Final = Mapped(recipient_notice, RecipientNotice)
_SAVE: Final = _NOTICE.insert(key=("request_id", "disclosure_id"), clash=Clash.REPLACE)
_NOTICES: Final = (
    select(*recipient_notice.c)
    .where(recipient_notice.c.request_id == bindparam("id"))
    .order_by(recipient_notice.c.disclosure_id)
)


class RectificationRows(Rows):
    """`callwarden.ports.catalogue.rectifications.Rectifications`."""

    def add(self, rectification: Rectification) -> None:
        self._session.save(_ADD, _RECTIFICATION, [rectification])

    def of(self, recording_ids: Collection[RecordingId]) -> Sequence[Rectification]:
        if not recording_ids:
            return []
        return self._session.read(_RECTIFICATION, self._session.run(_OF, {"ids": recording_ids}))


class NoticeRows(Rows):
    """`callwarden.ports.catalogue.rectifications.RecipientNotices`."""

    def of(self, request_id: RequestId) -> Sequence[RecipientNotice]:
        return self._session.read(_NOTICE, self._session.run(_NOTICES, {"id": request_id}))

    def save(self, notice: RecipientNotice) -> None:
        self._session.save(_SAVE, _NOTICE, [notice])
