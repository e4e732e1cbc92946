"""Which entries somebody asked for, recognised by the signed bytes."""

from collections.abc import Callable, Collection

from callwarden.model.log_entry import Operation


def wanted(
    *, subjects: Collection[str] | None, case: str | None, operations: Collection[Operation] | None
) -> Callable[[bytes], bool]:
    """Whether these bytes are those of an entry asked for; what is None does not narrow. Entries have one encoding, in
    which a member that is there stands in one way: a tenth of what reading the entry costs. Whoever decodes it
    afterwards knows that it was one."""
    wishes = (
        None if subjects is None else [member("subject", subject) for subject in subjects],
        None if case is None else [member("case", case)],
        None if operations is None else [member("operation", operation.value) for operation in operations],
    )
    needles = [wish for wish in wishes if wish is not None]
    return lambda data: all(any(needle in data for needle in wish) for wish in needles)


def member(name: str, value: str) -> bytes:
    """As an entry's bytes have it; as no entry has it where the value could reach beyond its own quotes."""
    return b"\n" if '"' in value or "\\" in value else f'"{name}":"{value}"'.encode()
