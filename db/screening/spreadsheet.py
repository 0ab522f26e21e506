"""Tables as spreadsheet programs leave them: encodings, separators, numbers with decimals, guarded cells."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

_LONGEST_CELL = 10_000_000

#: "sep=;" in the first line, by which Excel is told the separator.
_SEPARATOR_LINE = re.compile(r"\A\s*\"?sep=(.)\"?[^\r\n]*(?:\r\n|\r|\n)", re.IGNORECASE)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SEPARATORS = ",;\t|"
#: A whole number as a cell shows it: with decimals ("1.0", "1,00"), or in groups of three ("31 000 001").
_WHOLE = re.compile(r"(\d+)[.,]0+|(\d{1,3}(?:([ .,'’\u00a0\u202f])\d{3})(?:\3\d{3})+)", re.ASCII)


def decode_text(data: bytes) -> str:
    """Returns a file's text: UTF-8, UTF-16 as Excel's "Unicode text" has it, else Windows' Western encoding.

    Raises UnicodeError for what is none of them.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if _BINARY.search(data):
            raise
        return data.decode("cp1252")


def read_table(text: str) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    """Returns the column names of a table, in small letters, and its rows by them, with the number of each.

    The separator is the one that the file names, else the commonest of the header outside of quotes. Rows without
    content are left out. The iterator raises csv.Error where a quote lacks its end.
    """
    csv.field_size_limit(_LONGEST_CELL)  # the limit is the whole process's: whoever reads last has set it
    named = _SEPARATOR_LINE.match(text)
    body = text[named.end() :] if named else text
    skipped = len(body) - len(body.lstrip("\r\n"))
    body = body[skipped:]
    header = re.sub(r'"[^"]*"', '""', re.split(r"\r\n|\r|\n", body, maxsplit=1)[0])
    separator = named[1] if named else max(_SEPARATORS, key=header.count)
    rows = csv.reader(io.StringIO(body, newline=""), delimiter=separator)
    names = [name.strip().strip("\ufeff").lower() for name in next(rows, [])]
    return names, _rows(names, rows)


def _rows(names: Sequence[str], rows: Iterator[list[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in enumerate(rows, 2):
        if any(cell.strip() for cell in cells):
            yield number, {name: plain_cell(cell) for name, cell in zip(names, cells, strict=False) if name}


def plain_cell(cell: str) -> str:
    """Returns a cell's text without what keeps a spreadsheet from reading it as a formula or number.

    That is our own apostrophe, and the form `="31000001"`.
    """
    cell = cell.strip()
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        return cell[2:-1].strip()
    return cell[1:] if cell.startswith("'") and cell.lstrip("'")[:1] in tuple("=+-@") else cell


def whole_cell(cell: str) -> str:
    """Returns a cell that shows a whole number with decimals or in groups ("1,0", "31 000 001") as digits alone."""
    found = _WHOLE.fullmatch(cell.strip())
    return re.sub(r"\D", "", found[1] or found[2]) if found else cell.strip()
