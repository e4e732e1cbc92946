"""The check digit of payment cards."""


def luhn(digits: str) -> bool:
    """The check of ISO/IEC 7812-1."""
    total = 0
    for at, char in enumerate(reversed(digits)):
        value = int(char) * (2 if at % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
