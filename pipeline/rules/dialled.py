"""Is what somebody typed a telephone number?"""


def is_number(written: str, *, canonical: str) -> bool:
    """Whether the number plan made something of it (`callwarden.ports.numbers`). What it cannot read it gives back as
    bare digits, and these are a number only where nothing but digits was meant: the extension 4012 is one, "room 12"
    is not. Two digits are nobody's."""
    digits = sum(character.isdigit() for character in canonical)
    return digits > 2 and (canonical.startswith("+") or not any(character.isalpha() for character in written))
