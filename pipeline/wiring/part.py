"""A part of a system: built when it is first asked for, once, whichever thread asks."""

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class part(Generic[T]):  # noqa: N801 -- a decorator, as `property` is
    """As `functools.cached_property`, but others wait while one thread builds it. Parts need one another in one
    direction only, so nobody waits for himself. One that cannot be built is tried again by whoever asks next."""

    def __init__(self, build: Callable[[Any], T]) -> None:
        self._build = build
        self._building = RLock()
        self._name = build.__name__
        self.__doc__ = build.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "part[T]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> "part[T] | T":
        if instance is None:
            return self
        with self._building:
            built: dict[str, Any] = instance.__dict__
            if self._name not in built:
                built[self._name] = self._build(instance)
            value: T = built[self._name]
            return value
