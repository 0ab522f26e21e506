"""JSON Lines: one article a line with every field that the other formats have to squeeze together."""

from collections.abc import Iterable, Iterator
from typing import Any

from db.citations.common import PUBMED_URL, Format, Options, citation_key, page_range
from db.citations.csljson import json_line
from db.citations.records import CitationRecord, Name

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
    row = record.row
    first_page, last_page = page_range(row["pages"])
    found: dict[str, Any] = {
        "pmid": record.pmid,
        "key": citation_key(record),
        "title": record.marked_title,
        "pubmed_title": row["title"],
        "mark": record.mark,
        "retracted": bool(row["retracted"]),
        **{column: row[column] for column in _COLUMNS},
        "first_page": first_page,
        "last_page": last_page,
        "isbn": (row["book_isbn"] or "").split(";") if row["book_isbn"] else [],
        "url": PUBMED_URL.format(pmid=record.pmid),
        "languages": (row["language"] or "").split(";") if row["language"] else [],
        "authors": [_name(name) for name in record.authors],
        "editors": [_name(name) for name in record.editors],
        "sections": [{"label": part.label, "text": part.text} for part in record.sections],
        "publication_types": list(record.publication_types),
        "mesh": [
            {
                "term": heading.term,
                "major": heading.major,
                "qualifiers": [{"term": term, "major": major} for term, major in heading.qualifiers],
            }
            for heading in record.mesh
        ],
        "keywords": list(record.keywords),
        "registry_numbers": [number for _, number in record.registry_numbers],
        "notices": [{"kind": n.kind, "pmid": n.ref_pmid, "source": n.source} for n in record.notices],
    }
    if options.tags:
        found.update({column: row[column] for column in _TAG_COLUMNS})
        found["tags"] = [{"kind": kind, "concept": name} for kind, name in record.tags]
    return found


def _name(name: Name) -> dict[str, str]:
    parts = {part: getattr(name, part) for part in Name.__slots__}
    return {part: value for part, value in parts.items() if value}


FORMAT = Format("jsonl", "JSON Lines", "jsonl", "application/x-ndjson; charset=utf-8", write)
