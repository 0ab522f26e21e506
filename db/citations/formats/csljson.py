"""CSL-JSON, as Zotero, Mendeley, pandoc and every CSL processor read it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from db.citations.formats.common import (
    Format,
    Kind,
    Options,
    citation_key,
    given_name,
    is_chapter,
    is_preprint,
    issn,
    journal_name,
    keywords,
    kind_of,
    labelled_abstract,
    language_codes,
    mark_note,
    pmcid,
    tag_note,
)
from db.citations.formats.dates import citation_date
from db.citations.formats.pages import full_pages
from db.citations.records import CitationRecord
from db.model import Author
from db.preprints import article_address, is_preprint_number, source_of

_TYPES: Mapping[Kind, str] = {"chapter": "chapter", "book": "book", "preprint": "article", "article": "article-journal"}
_STATUS = {
    "RETRACTED": "retracted",
    "PARTIALLY RETRACTED": "partially retracted",
    "EXPRESSION OF CONCERN": "expression of concern",
    "CORRECTED": "corrected",
}


def write(records: Iterable[CitationRecord], options: Options) -> Iterator[str]:
    """Yields one JSON array, an item a line."""
    opening = "[\n"
    for record in records:
        yield opening + json_line(csl_item(record, options))
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def json_line(value: Any) -> str:
    """Returns JSON on one line in UTF-8; what some readers take for a line end is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    if not text.isprintable():
        text = "".join(char if char not in "\x7f\x85\u2028\u2029" else f"\\u{ord(char):04x}" for char in text)
    return text


def csl_item(record: CitationRecord, options: Options) -> dict[str, Any]:
    """Returns one article as a CSL item; absent fields are left out."""
    notes = [mark_note(record), tag_note(record) if options.tags else None]
    item: dict[str, Any] = {
        "id": citation_key(record),
        "type": _TYPES[kind_of(record)],
        "genre": "Preprint" if is_preprint(record) else None,
        "title": record.marked_title,
        "original-title": record.article.vernacular_title,
        "author": [csl_name(name) for name in record.article.authors],
        "editor": [csl_name(name) for name in record.book.editors],
        "container-title": record.book.title if is_chapter(record) else journal_name(record),
        "container-title-short": record.article.iso_abbreviation,
        "issued": _issued(record),
        "volume": record.article.volume,
        "issue": record.article.issue,
        "page": full_pages(record.article),
        "edition": record.book.edition,
        "publisher": record.book.publisher,
        "publisher-place": record.book.place,
        "ISSN": None if record.is_book else issn(record),
        "ISBN": " ".join(record.book.isbn),
        "DOI": record.article.doi,
        "PMID": None if is_preprint_number(record.pmid) else str(record.pmid),
        "PMCID": pmcid(record),
        "URL": record.full_text or article_address(record.pmid),
        "language": ", ".join(short for _, short, _ in language_codes(record)),
        "abstract": labelled_abstract(record, "\n"),
        "keyword": "; ".join(keywords(record, options)),
        "status": _STATUS[record.mark] if record.mark else None,
        "note": "\n".join(filter(None, notes)),
        "source": source_of(record.pmid),
    }
    return {name: value for name, value in item.items() if value}


def csl_name(name: Author) -> dict[str, str]:
    """Returns a name as CSL parts it; a group as `literal`. Particles stay in the family name, as PubMed has them."""
    if name.collective_name:
        return {"literal": name.collective_name}
    parts = {"family": name.last_name, "given": given_name(name), "suffix": name.suffix}
    present = {part: value for part, value in parts.items() if value}
    return present if "family" in present else {"literal": " ".join(present.values())}


def _issued(record: CitationRecord) -> Mapping[str, Any] | None:
    date = citation_date(record)
    if date.year is None:
        return None
    start = [part for part in (date.year, date.month, date.day) if part]
    issued: dict[str, Any] = {"date-parts": [start, list(date.end)] if date.end else [start]}
    if date.season:
        issued["season"] = date.season
    return issued


FORMAT = Format("csljson", "CSL-JSON", "json", "application/vnd.citationstyles.csl+json; charset=utf-8", write)
