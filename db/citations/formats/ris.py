"""RIS, as Zotero, EndNote, Mendeley, RevMan, Rayyan and Covidence read it: one tag a line, one line an author."""

from collections.abc import Iterable, Iterator, Mapping

from db.citations.formats.common import (
    Format,
    Kind,
    Options,
    citation_key,
    is_chapter,
    is_preprint,
    issn,
    journal_name,
    keywords,
    kind_of,
    labelled_abstract,
    mark_note,
    name_last_first,
    one_line,
    pmcid,
    tag_note,
)
from db.citations.formats.dates import citation_date
from db.citations.formats.pages import pages_of
from db.citations.records import CitationRecord
from db.preprints import article_address, is_preprint_number, source_of

_TYPES: Mapping[Kind, str] = {"chapter": "CHAP", "book": "BOOK", "preprint": "UNPB", "article": "JOUR"}


def write(records: Iterable[CitationRecord], options: Options) -> Iterator[str]:
    """Yields one RIS record an article, each ended by ER and an empty line, lines ended by CR LF."""
    for record in records:
        lines = [f"{tag}  - {one_line(value)}" for tag, value in _fields(record, options) if value]
        yield "\r\n".join([*lines, "ER  - ", "", ""])


def _fields(record: CitationRecord, options: Options) -> Iterator[tuple[str, str | None]]:
    yield "TY", _TYPES[kind_of(record)]
    yield "ID", citation_key(record)
    for author in record.article.authors:
        yield "AU", name_last_first(author)
    for editor in record.book.editors:
        yield "A2" if is_chapter(record) else "A3", name_last_first(editor)
    yield "TI", record.marked_title
    # Not TT: that is the translated title, which some readers put in place of TI.
    yield "OP", record.article.vernacular_title
    yield "T2", record.book.title if is_chapter(record) else journal_name(record)
    yield "J2", record.article.iso_abbreviation
    yield from _date_and_place(record)
    yield "PB", record.book.publisher
    yield "CY", record.book.place
    yield "ET", record.book.edition
    yield "SN", " ".join(record.book.isbn) if record.is_book else issn(record)
    yield "DO", record.article.doi
    yield "AN", str(record.pmid)
    yield "C2", pmcid(record)
    yield "LA", ", ".join(record.article.languages)
    yield "DB", source_of(record.pmid)
    yield "DP", None if is_preprint_number(record.pmid) else "NLM"
    yield "UR", article_address(record.pmid)
    yield "L1", record.full_text
    yield "AB", labelled_abstract(record)
    for keyword in keywords(record, options):
        yield "KW", keyword
    # Zotero takes M3 for a DOI or makes a note of it: so only where it must be said.
    yield "M3", "Retracted Publication" if record.retracted else "Preprint" if is_preprint(record) else None
    yield "N1", mark_note(record)
    if options.tags:
        yield "N1", tag_note(record)


def _date_and_place(record: CitationRecord) -> Iterator[tuple[str, str | None]]:
    date = citation_date(record)
    first_page, last_page = pages_of(record.article)
    yield "PY", str(record.article.year) if record.article.year else None
    if date.year:
        month = f"{date.month:02d}" if date.month else ""
        day = f"{date.day:02d}" if date.day else ""
        yield "DA", f"{date.year}/{month}/{day}/{date.shown_words or ''}"
    yield "VL", record.article.volume
    yield "IS", record.article.issue
    yield "SP", first_page
    yield "EP", last_page


FORMAT = Format("ris", "RIS", "ris", "application/x-research-info-systems; charset=utf-8", write)
