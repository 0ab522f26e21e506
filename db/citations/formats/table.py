"""CSV: one article a row, opened safely by spreadsheet programs."""

import csv
import io
from collections.abc import Iterable, Iterator

from db.citations.formats.common import (
    Format,
    Options,
    citation_key,
    is_chapter,
    journal_name,
    labelled_abstract,
    one_line,
)
from db.citations.records import CitationRecord
from db.store.records.article_rows import column_value

_COLUMNS = (
    "pmid key title mark authors journal year publication_date volume issue pages doi pmcid issn language study_design "
    "evidence_level sample_size species retracted notices publication_types mesh keywords interventions risk_factors "
    "outcomes sites aetiologies diagnostic_tests mechanisms abstract"
).split()
_TAG_COLUMNS = {
    "interventions": "intervention",
    "risk_factors": "risk factor",
    "outcomes": "outcome",
    "sites": "site",
    "aetiologies": "aetiology",
    "diagnostic_tests": "diagnostic test",
    "mechanisms": "mechanism",
}
_FACT_COLUMNS = "study_design evidence_level sample_size species".split()
#: A cell that begins with one of these is a formula to a spreadsheet (the last four to East Asian ones).
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def write(records: Iterable[CitationRecord], options: Options) -> Iterator[str]:
    """Yields a header line and one line a record; a leading apostrophe makes would-be formulas harmless."""
    columns = [column for column in _COLUMNS if options.tags or column not in (*_TAG_COLUMNS, *_FACT_COLUMNS)]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for record in records:
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([safe_cell(_value(record, column)) for column in columns])
    yield buffer.getvalue()


def safe_cell(text: str) -> str:
    """Returns the text on one line, with an apostrophe before it where a spreadsheet would take it for a formula.

    A text that has such an apostrophe itself gets another one, so that taking one away gives back the text.
    """
    line = one_line(text)
    return f"'{line}" if line.lstrip("'").startswith(_FORMULA_STARTS) else line


def _value(record: CitationRecord, column: str) -> str:
    if column in _TAG_COLUMNS:
        return "; ".join(name for kind, name in record.tags if kind == _TAG_COLUMNS[column])
    match column:
        case "key":
            return citation_key(record)
        case "title":
            return record.marked_title
        case "mark":
            return record.mark or ""
        case "journal":
            return (record.book.title if is_chapter(record) else journal_name(record)) or ""
        case "abstract":
            return labelled_abstract(record) or ""
        case "mesh":
            return "; ".join(heading.term for heading in record.article.mesh_headings)
        case "notices":
            return "; ".join(f"{n.kind}: {n.source or n.ref_pmid or ''}".rstrip(": ") for n in record.article.notices)
        case "publication_types" | "keywords":
            return "; ".join(value.term for value in getattr(record.article, column))
        case "retracted":
            return str(int(record.retracted))
    value = getattr(record, column) if column in _FACT_COLUMNS else column_value(record.article, column)
    return "" if value is None else str(value)


FORMAT = Format("csv", "CSV", "csv", "text/csv; charset=utf-8", write)
