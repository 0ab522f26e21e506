"""Sets of articles as bits, one bit an article: what SQL selects becomes a set without a Python object a row.

A set is one whole number, so that AND, NOT and counting are single steps; as flags it is one byte an article.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Key = TypeVar("Key", int, str)


class Places:
    """The articles of one build by place: bit 0 is the first of `pmids`."""

    def __init__(self, pmids: Sequence[int]) -> None:
        self.pmids = list(pmids)
        self.everything = (1 << len(self.pmids)) - 1
        numbers = np.asarray(self.pmids, np.int64)
        self._order = np.argsort(numbers)
        self._sorted = numbers[self._order]

    def of(self, pmids: NDArray[np.int64]) -> NDArray[np.intp]:
        """Returns the places of PMIDs; what is no article of the build is left out."""
        if not len(self._sorted):
            return np.zeros(0, np.intp)
        near = np.minimum(np.searchsorted(self._sorted, pmids), len(self._sorted) - 1)
        places: NDArray[np.intp] = self._order[near[self._sorted[near] == pmids]]
        return places

    def selected(self, conn: sqlite3.Connection, sql: str, params: Mapping[str, Any] | None = None) -> int:
        """Returns the set of what a SELECT of PMIDs finds."""
        # one text, not one row an article: rows as Python tuples take several times as long as finding them
        row = conn.execute(f"WITH found (pmid) AS ({sql}) SELECT group_concat(pmid) FROM found", params or {})
        return self.listed(row.fetchone()[0])

    def listed(self, pmids: str | None) -> int:
        """Returns the set of PMIDs that SQL has put together by `group_concat`."""
        return self.at(self.of(np.fromstring(pmids, np.int64, sep=","))) if pmids else 0

    def at(self, places: NDArray[np.intp]) -> int:
        """Returns the set of what stands at places."""
        flags = np.zeros(len(self.pmids), np.uint8)
        flags[places] = 1
        return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")

    def grouped(self, conn: sqlite3.Connection, value: str, source: str) -> dict[Any, int]:
        """Returns a set for each value of an SQL expression over the rows of `source`, in the values' order."""
        rows = conn.execute(f"SELECT {value}, group_concat(pmid) FROM {source} GROUP BY 1 ORDER BY 1")
        return {row[0]: self.listed(row[1]) for row in rows}


def flag_array(bits: int, count: int) -> NDArray[np.bool_]:
    """Returns one flag for each of `count` articles: whether its bit is set."""
    packed = np.frombuffer(bits.to_bytes((count + 7) // 8, "little"), np.uint8)
    return np.unpackbits(packed, count=count, bitorder="little").view(np.bool_)


def flags_of(bits: int, count: int) -> bytes:
    """Returns one byte for each of `count` articles, 1 where its bit is set."""
    return flag_array(bits, count).tobytes()


def counted(bits: Mapping[Key, int], base: int) -> dict[Key, int]:
    """Returns for each value how many of its articles are in a set, values without any left out."""
    counts = {value: (mask & base).bit_count() for value, mask in bits.items()}
    return {value: count for value, count in counts.items() if count}


class Coded:
    """The one value that each article has in a column of many values."""

    def __init__(self, count: int, values: Iterable[tuple[str, NDArray[np.bool_]]]) -> None:
        self._codes = np.zeros(count, np.intp)
        self._names: list[str] = []
        for name, flags in values:
            self._codes[flags] = len(self._names)
            self._names.append(name)

    def counted(self, base: int) -> dict[str, int]:
        """Returns how many articles of a set have each value, in the order in which their first articles stand."""
        codes = self._codes[flag_array(base, len(self._codes))]
        first = np.zeros(len(self._names), np.intp)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        counts = np.bincount(codes, minlength=len(self._names))
        held = np.flatnonzero(counts)
        return {self._names[code]: int(counts[code]) for code in held[np.argsort(first[held])].tolist()}
