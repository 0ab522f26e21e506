"""JSON Lines: one article a line with every field that the other formats have to squeeze together."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from db.citations.formats.common import Format, Options, citation_key, section_texts
from db.citations.formats.csljson import json_line
from db.citations.formats.pages import pages_of
from db.citations.records import CitationRecord
from db.model import Author
from db.preprints import article_address
from db.store.records.article_rows import column_value

_COLUMNS = (
    "kind vernacular_title journal iso_abbreviation issn year publication_date publication_date_verbatim "
    "electronic_date volume issue pages doi pmcid status entrez_date revised_date book_title book_publisher "
    "book_place book_edition abstract"
).split()
_TAG_COLUMNS = "study_design evidence_level sample_size species".split()


def write(records: Iterable[CitationRecord], options: Options) -> Iterator[str]:
    """Yields one JSON object a line; every object has the same names, with null or [] for what is absent."""
    for record in records:
        yield json_line(_object(record, options)) + "\n"


def _object(record: CitationRecord, options: Options) -> dict[str, Any]:
    first_page, last_page = pages_of(record.article)
    found: dict[str, Any] = {
        "pmid": record.pmid,
        "key": citation_key(record),
        "title": record.marked_title,
        "pubmed_title": record.article.title,
        "mark": record.mark,
        "retracted": record.retracted,
        **{column: column_value(record.article, column) for column in _COLUMNS},
        "first_page": first_page,
        "last_page": last_page,
        "isbn": list(record.book.isbn),
        "url": article_address(record.pmid),
        "languages": list(record.article.languages),
        "authors": [_name(name) for name in record.article.authors],
        "editors": [_name(name) for name in record.book.editors],
        "sections": [{"label": section.label, "text": text} for section, text in section_texts(record.article)],
        "publication_types": [term.term for term in record.article.publication_types],
        "mesh": [
            {
                "term": heading.term,
                "major": heading.major,
                "qualifiers": [{"term": part.term, "major": part.major} for part in heading.qualifiers],
            }
            for heading in record.article.mesh_headings
        ],
        "keywords": [keyword.term for keyword in record.article.keywords],
        "registry_numbers": [entry.number for entry in record.article.registry_numbers],
        "notices": [{"kind": n.kind, "pmid": n.ref_pmid, "source": n.source} for n in record.article.notices],
    }
    if options.tags:
        found.update({column: getattr(record, column) for column in _TAG_COLUMNS})
        found["tags"] = [{"kind": kind, "concept": name} for kind, name in record.tags]
    return found


def _name(name: Author) -> dict[str, str]:
    return {part: value for part, value in asdict(name).items() if value}


FORMAT = Format("jsonl", "JSON Lines", "jsonl", "application/x-ndjson; charset=utf-8", write)
