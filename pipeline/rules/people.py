"""Which account is meant, and whether two are one person's: asked wherever an act takes two people."""

import re
import unicodedata
from typing import Final

_ACCOUNT: Final = re.compile(r"[A-Za-z0-9._@-]{1,64}")
ACCOUNT_RULE: Final = "letters a to z without accents, digits and . _ @ -, 64 at most (write élise as elise)"


def is_account_name(name: str) -> bool:
    """Whether an account may be called this, by `ACCOUNT_RULE`: ASCII, so that no two names look alike."""
    return _ACCOUNT.fullmatch(name) is not None


def person(name: str) -> str:
    """The person behind an account name: capitals, accents, spaces, the width of letters and what does not print make
    no difference. Rows may hold names from before `ACCOUNT_RULE`."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    kept = (
        letter for letter in letters if unicodedata.category(letter) not in {"Mn", "Cf", "Cc"} and not letter.isspace()
    )
    return unicodedata.normalize("NFKC", "".join(kept))


def same_person(one: str, other: str) -> bool:
    """Whether two account names may be one person's, whatever their roles. Letters that are not ASCII even so may look
    like others (а, ο, ı): who bears them cannot be distinguished from anybody."""
    first, second = person(one), person(other)
    return first == second or not (first.isascii() and second.isascii())
