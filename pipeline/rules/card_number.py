"""What the digits of a payment card look like (ISO/IEC 7812-1)."""


def is_card_number(digits: str) -> bool:
    """Thirteen to nineteen digits that pass the check, or as many as cards have behind a first digit of theirs: people
    mistype."""
    return (13 <= len(digits) <= 19 and luhn(digits)) or (len(digits) in (15, 16) and digits[0] in "3456")


def luhn(digits: str) -> bool:
    """The check digit."""
    total = 0
    for at, char in enumerate(reversed(digits)):
        value = int(char) * (2 if at % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
