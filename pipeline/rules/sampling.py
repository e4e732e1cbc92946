"""Which calls are recorded where only a part of them is (R1, R5)."""

import hmac
from decimal import Decimal

from callwarden.model.ids import CallId

_SCALE = 1 << 256


def is_sampled(call_id: CallId, share: Decimal, *, salt: str) -> bool:
    """Whether this call belongs to the recorded `share` (0 to 1) of calls.

    Decided from the call id alone, so that the telephone system can decide the same before it records anything,
    anybody can check it afterwards (R5), and every leg and segment of a call is decided alike. The rule, for those
    who compute it elsewhere: HMAC-SHA-256 with the key `salt` (UTF-8) over the call id (UTF-8), read as a 256-bit
    big-endian number, is less than share * 2**256. A call sampled at one share is sampled at every greater one.

    `salt` is the policy's tenant: two companies on one telephone system do not record the same calls.
    """
    digest = hmac.digest(salt.encode(), call_id.encode(), "sha256")
    numerator, denominator = share.as_integer_ratio()
    return int.from_bytes(digest) * denominator < numerator * _SCALE
