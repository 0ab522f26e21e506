"""RIS, as Zotero, EndNote, Mendeley, RevMan, Rayyan and Covidence read it: one tag a line, one line an author."""

from collections.abc import Iterable, Iterator

from db.citations.common import (
    PUBMED_URL,
    Format,
    Options,
    citation_date,
    citation_key,
    is_chapter,
    is_whole_book,
    keywords,
    labelled_abstract,
    mark_note,
    name_last_first,
    one_line,
    page_range,
    pmcid,
    tag_note,
)
from db.citations.records import CitationRecord


def write(records: Iterable[CitationRecord], options: Options) -> Iterator[str]:
    """Yields one RIS record an article, each ended by ER and an empty line, lines ended by CR LF."""
    for record in records:
        lines = [f"{tag}  - {one_line(value)}" for tag, value in _fields(record, options) if value]
        yield "\r\n".join([*lines, "ER  - ", "", ""])


def _fields(record: CitationRecord, options: Options) -> Iterator[tuple[str, str | None]]:
    row = record.row
    yield "TY", "CHAP" if is_chapter(record) else "BOOK" if is_whole_book(record) else "JOUR"
    yield "ID", citation_key(record)
    for author in record.authors:
        yield "AU", name_last_first(author)
    for editor in record.editors:
        yield "A2" if is_chapter(record) else "A3", name_last_first(editor)
    yield "TI", record.marked_title
    # Not TT: that is the translated title, which some readers put in place of TI.
    yield "OP", row["vernacular_title"]
    yield "T2", row["book_title"] if is_chapter(record) else row["journal"]
    yield "J2", row["iso_abbreviation"]
    yield from _date_and_place(record)
    yield "PB", row["book_publisher"]
    yield "CY", row["book_place"]
    yield "ET", row["book_edition"]
    yield "SN", (row["book_isbn"] or "").replace(";", " ") if row["kind"] == "book" else row["issn"]
    yield "DO", row["doi"]
    yield "AN", str(record.pmid)
    yield "C2", pmcid(record)
    yield "LA", (row["language"] or "").replace(";", ", ")
    yield "DB", "PubMed"
    yield "DP", "NLM"
    yield "UR", PUBMED_URL.format(pmid=record.pmid)
    yield "AB", labelled_abstract(record)
    for keyword in keywords(record, options):
        yield "KW", keyword
    # Zotero takes M3 for a DOI or makes a note of it: so only where it must be said.
    yield "M3", "Retracted Publication" if row["retracted"] else None
    yield "N1", mark_note(record)
    if options.tags:
        yield "N1", tag_note(record)


def _date_and_place(record: CitationRecord) -> Iterator[tuple[str, str | None]]:
    row = record.row
    date = citation_date(record)
    first_page, last_page = page_range(row["pages"])
    yield "PY", str(row["year"]) if row["year"] else None
    if date.year:
        month = f"{date.month:02d}" if date.month else ""
        day = f"{date.day:02d}" if date.day else ""
        yield "DA", f"{date.year}/{month}/{day}/{date.words or ''}"
    yield "VL", row["volume"]
    yield "IS", row["issue"]
    yield "SP", first_page
    yield "EP", last_page


FORMAT = Format("ris", "RIS", "ris", "application/x-research-info-systems; charset=utf-8", write)
