"""Values of the record and of the tagger as Arrow columns, and back without loss; the types come from the classes."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from harvest.lake.extra import needed


def arrow_type(kind: Any) -> Any:
    """Returns the Arrow type of a Python type: text, numbers, tuples of them, dataclasses, closed lists of words."""
    arrow = needed("pyarrow")
    if is_dataclass(kind):
        return arrow.struct(list(arrow_fields(kind)))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return arrow_type(next(argument for argument in arguments if argument is not NoneType))
    if origin is tuple:
        return arrow.list_(arrow_type(arguments[0]))
    if origin is Literal:
        return arrow.string()
    return {str: arrow.string(), int: arrow.int64(), float: arrow.float64(), bool: arrow.bool_()}[kind]


def arrow_fields(kind: Any, names: Iterable[str] | None = None) -> list[Any]:
    """Returns the fields of a dataclass (those named) as Arrow fields."""
    hints = get_type_hints(kind)
    arrow = needed("pyarrow")
    return [arrow.field(name, arrow_type(hints[name])) for name in names or [each.name for each in fields(kind)]]


def plain(value: Any) -> Any:
    """Returns a value as Arrow takes it: dataclasses as mappings, tuples as lists."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if is_dataclass(value):
        kind: Any = type(value)
        return {name: plain(getattr(value, name)) for name in _readers(kind)}
    return value


def value_of(kind: Any, values: Mapping[str, Any]) -> Any:
    """Returns the dataclass whose fields `values` are, as Arrow gives them; fields that are not there stay as made."""
    readers = _readers(kind)
    return kind(**{name: readers[name](value) if value is not None else None for name, value in values.items()})


@cache
def _readers(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: _reader(hints[each.name]) for each in fields(kind)}


@cache
def _reader(kind: Any) -> Any:
    """Returns what makes a value of a Python type from what Arrow gives."""
    if is_dataclass(kind):
        return partial(value_of, kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _reader(next(argument for argument in arguments if argument is not NoneType))
    if origin is tuple:
        read = _reader(arguments[0])
        return tuple if read is _as_is else lambda values: tuple(map(read, values))
    return _as_is


def _as_is(value: Any) -> Any:
    return value
