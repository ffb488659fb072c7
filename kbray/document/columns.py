"""Dataclasses ⇄ Arrow columns, column by column: no Python code runs for each field of each row.

A `Column` says how one field of a dataclass is stored. `Record` makes a struct column of a whole dataclass; it refuses to be
built when its fields are not exactly those of the class, so a field added to the model can't be forgotten here.
Every column takes None for a missing value; a required one gives its empty value back ("" or ()) where it finds null.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import accumulate, chain, pairwise
from operator import attrgetter
from typing import Any, Protocol

import pyarrow as pa


class Column(Protocol):
    """How one kind of value is stored."""

    type: pa.DataType

    def pack(self, values: Sequence[Any]) -> pa.Array:
        """(n) values or None → (n) array of `type`."""
        ...

    def unpack(self, array: pa.Array) -> list[Any]:
        """(n) array → (n) values; slices are fine."""
        ...


class Text:
    """str. Lone surrogates, which UTF-8 can't hold, become U+FFFD."""

    def __init__(self, *, required: bool = False) -> None:
        self.type = pa.string()
        self._required = required

    def pack(self, values: Sequence[str | None]) -> pa.Array:
        try:
            return pa.array(values, self.type)
        except UnicodeEncodeError:
            return pa.array([value if value is None else without_surrogates(value) for value in values], self.type)

    def unpack(self, array: pa.Array) -> list[Any]:
        if self._required and array.null_count:
            array = array.fill_null("")
        return _values(array)


class Plain:
    """int, float, bool or bytes, as the Arrow type says; `default` stands for null."""

    def __init__(self, kind: pa.DataType, default: Any = None) -> None:
        self.type = kind
        self._default = default

    def pack(self, values: Sequence[Any]) -> pa.Array:
        return pa.array(values, self.type)

    def unpack(self, array: pa.Array) -> list[Any]:
        if not array.null_count:
            return _values(array)
        if array.null_count == len(array):
            return [self._default] * len(array)
        dense = iter(_values(array.drop_null()))  # not fill_null: numpy would turn integers with nulls into floats
        return [next(dense) if valid else self._default for valid in _values(array.is_valid())]


class ListOf:
    """A tuple of what `item` stores; None is an empty tuple."""

    def __init__(self, item: Column) -> None:
        self.type = pa.list_(item.type)
        self._item = item

    def pack(self, values: Sequence[tuple[Any, ...] | None]) -> pa.Array:
        offsets = list(accumulate((len(value) if value else 0 for value in values), initial=0))
        flat = self._item.pack(list(chain.from_iterable(value for value in values if value)))
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat, type=self.type)

    def unpack(self, array: pa.Array) -> list[Any]:
        if array.null_count:
            array = array.fill_null([])
        offsets = _values(array.offsets)
        first, last = offsets[0], offsets[-1]
        if first == last:
            return [()] * len(array)
        flat = self._item.unpack(array.values.slice(first, last - first))
        return [tuple(flat[start - first : end - first]) for start, end in pairwise(offsets)]


class Record:
    """A dataclass; its fields in their order. None is a null struct."""

    def __init__(self, made: type, columns: Mapping[str, Column]) -> None:
        expected = [field.name for field in fields(made)]
        if list(columns) != expected:
            raise TypeError(f"columns of {made.__name__} are {list(columns)}, its fields {expected}")
        self.type = pa.struct([pa.field(name, column.type) for name, column in columns.items()])
        self._made = made
        self._columns = dict(columns)

    def pack(self, values: Sequence[Any]) -> pa.Array:
        missing = [value is None for value in values]
        if all(missing):
            return pa.nulls(len(values), self.type)
        if not any(missing):
            return pa.StructArray.from_arrays(self.pack_columns(values), fields=list(self.type))
        arrays = [
            column.pack([None if value is None else getattr(value, name) for value in values])
            for name, column in self._columns.items()
        ]
        return pa.StructArray.from_arrays(arrays, fields=list(self.type), mask=pa.array(missing))

    def pack_columns(self, values: Sequence[Any]) -> list[pa.Array]:
        """One array a field; no value may be None."""
        return [column.pack(list(map(attrgetter(name), values))) for name, column in self._columns.items()]

    def unpack(self, array: pa.Array) -> list[Any]:
        if not array.null_count:
            known = array.type.num_fields  # fewer where the last ones came later than these data
            columns = enumerate(self._columns.values())
            return self.unpack_columns(
                [array.field(index) if index < known else pa.nulls(len(array), column.type) for index, column in columns]
            )
        if array.null_count == len(array):
            return [None] * len(array)
        dense = iter(self.unpack(array.drop_null()))
        return [next(dense) if valid else None for valid in _values(array.is_valid())]

    def unpack_columns(self, arrays: Sequence[pa.Array]) -> list[Any]:
        """One array a field → dataclasses."""
        unpacked = [column.unpack(array) for column, array in zip(self._columns.values(), arrays, strict=True)]
        return list(map(self._made, *unpacked))


def without_surrogates(text: str) -> str:
    """`text` as UTF-8 can hold it: surrogate pairs joined, lone surrogates replaced by U+FFFD."""
    try:
        text.encode()  # far cheaper than the way below, which few texts need
    except UnicodeEncodeError:
        pass
    else:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _values(array: pa.Array) -> list[Any]:
    """What `to_pylist` gives, ten times as fast; not for integers with nulls."""
    values: list[Any] = array.to_numpy(zero_copy_only=False).tolist()
    return values
