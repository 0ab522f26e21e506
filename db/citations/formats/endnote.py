"""EndNote XML, in the element order of EndNote's own DTD."""

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape

from db.citations.formats.common import (
    Format,
    Kind,
    Options,
    citation_key,
    is_chapter,
    issn,
    journal_name,
    keywords,
    kind_of,
    labelled_abstract,
    mark_note,
    name_last_first,
    pmcid,
    tag_note,
)
from db.citations.formats.dates import citation_date
from db.citations.formats.pages import full_pages
from db.citations.records import CitationRecord
from db.model import Author
from db.preprints import article_address
from db.terms import MONTHS

#: EndNote's reference types, by name and number.
_TYPES: Mapping[Kind, tuple[str, int]] = {
    "chapter": ("Book Section", 5),
    "book": ("Book", 6),
    "preprint": ("Unpublished Work", 34),
    "article": ("Journal Article", 17),
}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
_TAIL = "</records></xml>\n"
#: Characters that XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(records: Iterable[CitationRecord], options: Options) -> Iterator[str]:
    """Yields one document with a record element an article."""
    yield _HEAD
    for number, record in enumerate(records, 1):
        yield f"<record>{''.join(_elements(record, options, number))}</record>\n"
    yield _TAIL


def _elements(record: CitationRecord, options: Options, number: int) -> Iterator[str]:
    yield '<source-app name="ho-tracker">ho-tracker</source-app>'
    yield _element("rec-number", str(number))
    name, code = _TYPES[kind_of(record)]
    yield f'<ref-type name="{name}">{code}</ref-type>'
    yield _group(
        "contributors", _people("authors", record.article.authors), _people("secondary-authors", record.book.editors)
    )
    yield _group(
        "titles",
        _element("title", record.marked_title),
        _element("secondary-title", record.book.title if is_chapter(record) else journal_name(record)),
        _element("alt-title", record.article.iso_abbreviation),
        _element("translated-title", record.article.vernacular_title),
    )
    if journal := journal_name(record):
        abbreviation = _element("abbr-1", record.article.iso_abbreviation)
        yield _group("periodical", _element("full-title", journal), abbreviation)
    yield _element("pages", full_pages(record.article))
    yield _element("volume", record.article.volume)
    yield _element("number", record.article.issue)
    yield _element("edition", record.book.edition)
    yield _group("keywords", *(_element("keyword", term) for term in keywords(record, options)))
    yield _dates(record)
    yield _element("pub-location", record.book.place)
    yield _element("publisher", record.book.publisher)
    yield _element("isbn", " ".join(record.book.isbn) if record.is_book else issn(record))
    yield _element("accession-num", str(record.pmid))
    yield _element("electronic-resource-num", record.article.doi)
    yield _element("abstract", labelled_abstract(record, "\n"))
    yield _element("label", citation_key(record))
    yield _element("notes", mark_note(record))
    yield _element("research-notes", tag_note(record) if options.tags else None)
    yield _element("work-type", "; ".join(term.term for term in record.article.publication_types))
    yield _element("remote-database-name", "PubMed")
    yield _element("remote-database-provider", "NLM")
    yield _element("language", ", ".join(record.article.languages))
    yield _group("urls", _group("related-urls", _element("url", article_address(record.pmid))))
    yield _element("custom2", pmcid(record))


def _dates(record: CitationRecord) -> str:
    date = citation_date(record)
    plain = f"{MONTHS[date.month - 1]} {date.day or ''}".strip() if date.month else None
    year = str(record.article.year) if record.article.year else None
    return _group("dates", _element("year", year), _group("pub-dates", _element("date", date.shown_words or plain)))


def _people(tag: str, names: Iterable[Author]) -> str:
    return _group(tag, *(_element("author", endnote_name(name)) for name in names))


def endnote_name(name: Author) -> str:
    """Returns a name as EndNote wants it: a group ends in a comma and doubles its first one, so that it stays whole."""
    if not name.collective_name:
        return name_last_first(name)
    group = name.collective_name
    return group.replace(",", ",,", 1) if "," in group else f"{group},"


def _element(tag: str, text: str | None) -> str:
    """Returns an element with its text, or nothing where there is none."""
    kept = escape(_NOT_XML.sub(" ", text)).strip() if text else ""
    return f"<{tag}>{kept}</{tag}>" if kept else ""


def _group(tag: str, *children: str) -> str:
    inside = "".join(children)
    return f"<{tag}>{inside}</{tag}>" if inside else ""


FORMAT = Format("endnote", "EndNote XML", "xml", "application/xml; charset=utf-8", write)
