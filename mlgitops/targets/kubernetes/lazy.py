"""Values that are worked out when they are first wanted, such as a connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

_Value = TypeVar("_Value")


class lazy(Generic[_Value]):  # noqa: N801 - it is used as ``functools.cached_property`` is
    """``functools.cached_property`` without a lock.

    Up to Python 3.11 that has one lock for all instances of a class (python/cpython#87634): whoever waited for one
    cluster would keep every other cluster waiting. Two threads that want a value at the same time may each make one.
    """

    def __init__(self, make: Callable[[Any], _Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[_Value]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> _Value: ...

    def __get__(self, instance: object | None, owner: type) -> lazy[_Value] | _Value:
        if instance is None:
            return self
        made: _Value = instance.__dict__.setdefault(self._name, self._make(instance))
        return made
