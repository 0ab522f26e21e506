"""Citation lists: one writer a format, records in, text out, streaming."""

from collections.abc import Mapping

from db.citations.formats import bibtex, csljson, endnote, formatted, jsonl, nbib, ris, table
from db.citations.formats.common import Format, Options

#: The formats by the name that `--format` and `/export/` take.
FORMATS: Mapping[str, Format] = {
    known.name: known
    for known in (
        ris.FORMAT,
        bibtex.FORMAT,
        nbib.FORMAT,
        csljson.FORMAT,
        endnote.FORMAT,
        table.FORMAT,
        jsonl.FORMAT,
        *formatted.FORMATS,
    )
}

__all__ = ["FORMATS", "Format", "Options"]
