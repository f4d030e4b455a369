"""What passes from a learner's notebook to the marker: data by value, functions by number, nothing else.

It is a pickle, but one that is read with a short list of what it may hold. So nothing that a notebook writes
is ever executed by the marker: a function of the learner's stays in the notebook's process, and the marker
gets a stand-in that asks that process to call it.
"""

from __future__ import annotations

import dataclasses
import importlib
import io
import pickle
import sys
from collections.abc import Callable
from enum import Enum
from types import GeneratorType
from typing import Any

LARGEST = 16 * 2**20  # bytes of one message
LISTED = {
    "builtins": {"bytearray", "complex", "Ellipsis", "frozenset", "iter", "range", "set", "slice"},
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
    "datetime": {"date", "datetime", "timedelta"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "types": {"SimpleNamespace"},
    "numpy": {"array", "bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "str_"},
}
LISTED["builtins"] |= {"bool", "dict", "float", "int", "list", "str", "tuple"}  # what a defaultdict makes
LAZY = (GeneratorType, filter, map, zip)
VIEWS = (type({}.keys()), type({}.values()), type({}.items()))


class NotHandedOver(Exception):
    """A value of a kind that is not passed on; the message names it."""


def dumps(value: Any, functions: list[Callable]) -> bytes:
    """``value`` as bytes; each function in it is added to ``functions`` and stands there as its place.

    Raises NotHandedOver when it holds something else than data and functions, or is too large.
    """
    buffer = io.BytesIO()
    try:
        _Writer(buffer, functions).dump(value)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as problem:
        raise NotHandedOver(f"a value of this kind is not passed on ({problem})") from problem
    if buffer.tell() > LARGEST:
        raise NotHandedOver(f"it is larger than {LARGEST // 2**20} MiB")
    return buffer.getvalue()


def loads(message: bytes, function: Callable[[int], Callable]) -> Any:
    """The value in ``message``; ``function`` makes the stand-in of the function at a place.

    Raises NotHandedOver when the message holds anything that is not on the list, or is damaged.
    """
    reader = _Reader(io.BytesIO(message), function)
    try:
        value = reader.load()
    except NotHandedOver:
        raise
    except Exception as problem:  # damaged on purpose, it can fail in any way
        raise NotHandedOver(f"the message is damaged ({type(problem).__name__})") from problem
    reader.done = True
    return value


class _Writer(pickle.Pickler):
    def __init__(self, buffer: io.BytesIO, functions: list[Callable]) -> None:
        super().__init__(buffer, protocol=5)
        self.functions = functions
        self.numpy = sys.modules.get("numpy")

    def persistent_id(self, value: Any) -> int | None:
        rebuilds = value is iter or (self.numpy and value is self.numpy.array)
        if not callable(value) or isinstance(value, type) or rebuilds:
            return None
        self.functions.append(value)
        return len(self.functions) - 1

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, LAZY):
            return iter, (list(value),)
        if isinstance(value, VIEWS):
            return tuple, (list(value),)
        if self.numpy and isinstance(value, self.numpy.generic):
            return type(value), (value.item(),)
        if self.numpy and type(value) is self.numpy.ndarray:
            return self.numpy.array, (value.tolist(), value.dtype.str)
        return NotImplemented


class _Reader(pickle.Unpickler):
    def __init__(self, buffer: io.BytesIO, function: Callable[[int], Callable]) -> None:
        super().__init__(buffer)
        self.function = function
        self.done = False

    def persistent_load(self, place: Any) -> Callable:
        if not isinstance(place, int):
            raise NotHandedOver("a function stands there as a number")
        stands_for = self.function(place)

        def stand_in(*positional: Any, **named: Any) -> Any:
            if not self.done:
                raise NotHandedOver("a value that a function would have to rebuild is not passed on")
            return stands_for(*positional, **named)

        return stand_in

    def find_class(self, module: str, name: str) -> Any:
        if name in LISTED.get(module, ()):
            return getattr(importlib.import_module(module), name)
        if module.startswith("course_utils.") and name.isidentifier():
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and found.__module__ == module and _is_data(found):
                return found
        raise NotHandedOver(f"a value of the kind {module}.{name} is not passed on")


def _is_data(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) or issubclass(kind, Enum) or hasattr(kind, "_fields")
