"""NBIB, the MEDLINE text that PubMed itself writes: its tags, their order, its line breaks.

What the store does not keep is not invented: the hour of a history date is 00:00, an author's several affiliations
are parted where one ends in a full stop, and SB (the journal subset) is left out.
"""

import re
from collections.abc import Iterable, Iterator

from db.citations.common import (
    Format,
    Options,
    labelled_abstract,
    notice_text,
    one_line,
    pmcid,
    tag_note,
)
from db.citations.records import CitationRecord, Name
from db.notices import TAG_OF
from db.terms import MONTHS

_WIDTH = 87
_FIRST_YEAR_OF_LOCATIONS = 2008
#: Tags whose broken lines every reader puts together again; the others stay on one line.
_WRAPPED = frozenset("TI TT BTI AB OAB CI COIS JT SO AD MH GN".split())

Line = tuple[str, str | None]


def write(records: Iterable[CitationRecord], options: Options) -> Iterator[str]:
    """Yields one record an article, each ended by an empty line."""
    for record in records:
        parts = (_head, _title, _people, _kinds, _journal, _indexing, _history)
        lines = (line for part in parts for line in part(record, options))
        yield "\n".join([*(_tagged(tag, one_line(value)) for tag, value in lines if value), "", ""])


def _tagged(tag: str, value: str) -> str:
    line = f"{tag:<4}- {value}"
    if len(line) <= _WIDTH or tag not in _WRAPPED:
        return line
    return "\n".join(_wrapped(line))


def _wrapped(line: str) -> Iterator[str]:
    """Yields a long line in pieces, broken at blanks; the blank stays at the end of its piece, as in PubMed's files."""
    words = line.split(" ")
    piece = words[0]
    for word in words[1:]:
        if len(piece) + 1 + len(word) > _WIDTH and piece.strip() and not piece.endswith("- "):
            yield f"{piece} "
            piece = f"      {word}"
        else:
            piece = f"{piece} {word}"
    yield piece


def _head(record: CitationRecord, _: Options) -> Iterator[Line]:
    row = record.row
    yield "PMID", str(record.pmid)
    yield "OWN", "NLM"
    yield "STAT", row["status"] or ("Publisher" if row["kind"] == "book" else None)
    yield "DCOM", _digits(row["completed_date"])
    yield "LR", _digits(row["revised_date"])
    yield "IS", f"{row['issn']} ({row['issn_type'] or 'Print'})" if row["issn"] else None
    yield "IS", f"{row['issn_linking']} (Linking)" if row["issn_linking"] else None
    for isbn in (row["book_isbn"] or "").split(";"):
        yield "ISBN", isbn
    yield "VI", row["volume"]
    yield "IP", row["issue"]
    yield "PB", row["book_publisher"]
    yield "DP", printed_date(row["publication_date_verbatim"] or row["publication_date"])


def _title(record: CitationRecord, _: Options) -> Iterator[Line]:
    row, details = record.row, record.details
    yield "TI", record.marked_title
    yield "BTI", row["book_title"]
    yield "PG", row["pages"]
    yield from (("LID", value) for value in _locations(record))
    yield "AB", labelled_abstract(record)
    yield "CI", row["abstract_copyright"]
    for _kind, language, text in details.other_abstracts:
        yield "OAB", text
        yield "OABL", language


def _locations(record: CitationRecord) -> Iterator[str]:
    """Yields where an article is found online (LID): its own number, then its DOI; PubMed has both only since 2008."""
    if (record.row["year"] or 0) < _FIRST_YEAR_OF_LOCATIONS:
        return
    number = _article_number(record)
    if number:
        yield f"{number} [pii]"
    yield from (f"{value} [doi]" for kind, value in record.details.article_ids if kind == "doi")


def _article_number(record: CitationRecord) -> str | None:
    """Returns the second of two publisher's numbers: the record's own element of it, kept after the list's number."""
    numbers = [value for kind, value in record.details.article_ids if kind == "pii"]
    return numbers[-1] if len(numbers) > 1 else None


def _people(record: CitationRecord, _: Options) -> Iterator[Line]:
    for editor in record.editors:
        yield from _person(editor, "FED", "ED")
    for author in record.authors:
        yield from _person(author, "FAU", "AU")


def _person(name: Name, full_tag: str, tag: str) -> Iterator[Line]:
    if name.collective_name:
        yield "CN", name.collective_name
    else:
        suffix = f" {name.suffix}" if name.suffix else ""
        fore = name.fore_name or name.initials
        yield full_tag, f"{name.last_name or ''}{f', {fore}' if fore else ''}{suffix}"
        yield tag, " ".join(filter(None, (name.last_name, name.initials, name.suffix)))
    yield "AUID", f"ORCID: {name.orcid}" if name.orcid else None
    for affiliation in re.split(r"(?<=\.); ", name.affiliation or ""):
        yield "AD" if tag != "IR" else "IRAD", affiliation


def _kinds(record: CitationRecord, _: Options) -> Iterator[Line]:
    row, details = record.row, record.details
    for language in (row["language"] or "").split(";"):
        yield "LA", language
    for registry, number in details.databanks:
        yield "SI", f"{registry}/{number}"
    for grant in details.grants:
        yield "GR", "/".join(part for part in grant if part is not None)
    for term in record.publication_types:
        yield "PT", term
    yield "TT", row["vernacular_title"]
    yield "DEP", _digits(row["electronic_date"])


def _journal(record: CitationRecord, _: Options) -> Iterator[Line]:
    row = record.row
    yield "PL", row["country"] or row["book_place"]
    yield "TA", row["medline_abbreviation"] or row["iso_abbreviation"]
    yield "JT", row["journal"]
    yield "JID", row["nlm_unique_id"]
    for number, name in record.details.chemicals:
        yield "RN", f"{number or 0} ({name})"
    for (name,) in record.details.supplementary:
        yield "NM", name
    for notice in record.notices:
        if notice.kind in TAG_OF:
            yield TAG_OF[notice.kind], notice_text(notice.source, notice.ref_pmid)


def _indexing(record: CitationRecord, options: Options) -> Iterator[Line]:
    row, details = record.row, record.details
    for heading in record.mesh:
        qualifiers = [f"/{'*' if major else ''}{term}" for term, major in heading.qualifiers]
        starred = heading.major and not any(major for _, major in heading.qualifiers)
        yield "MH", f"{'*' if starred else ''}{heading.term}{''.join(qualifiers)}"
    for subject in details.subjects:
        yield from _person(subject, "FPS", "PS")
    yield "PMC", pmcid(record)
    yield from (("MID", value) for kind, value in details.article_ids if kind == "mid")
    yield "GN", tag_note(record) if options.tags else None
    yield from _keywords(record, options)
    for person in details.investigators:
        yield from _person(person, "FIR", "IR")
    yield "COIS", row["conflict_of_interest"]


def _keywords(record: CitationRecord, options: Options) -> Iterator[Line]:
    owner: str | None = None
    for term, (its_owner, major) in zip(record.keywords, record.details.keyword_owners, strict=True):
        if its_owner != owner:
            yield "OTO", its_owner
            owner = its_owner
        yield "OT", f"{'*' if major else ''}{term}"
    if options.tags:
        held = {term.casefold() for term in record.keywords}
        fresh = dict.fromkeys(name for _, name in record.tags if name.casefold() not in held)
        yield from (("OT", name) for name in fresh)


def _history(record: CitationRecord, _: Options) -> Iterator[Line]:
    row, details = record.row, record.details
    dates = dict(details.history)
    for status, tag in (("pubmed", "EDAT"), ("medline", "MHDA"), ("entrez", "CRDT")):
        yield tag, _moment(dates.get(status))
    for status, date in details.history:
        yield "PHST", f"{_moment(date)} [{status}]"
    number = _article_number(record)
    for kind, value in details.article_ids:
        if kind not in ("pmc", "mid", "pmcid") and value != number:
            yield "AID", f"{value} [{kind}]"
    yield "PST", row["publication_status"] if row["kind"] != "book" else None
    yield "SO", source(record) if row["kind"] != "book" else None


def printed_date(verbatim: str | None) -> str | None:
    """Returns a date in PubMed's words with the month by name ("2016 03 04" and "2016-03-04" give "2016 Mar 4")."""
    found = re.fullmatch(r"(\d{4})[\s-](\d{1,2})(?:[\s-](\d{1,2}))?", verbatim or "")
    if not found or not 1 <= int(found[2]) <= 12:
        return verbatim
    day = f" {int(found[3])}" if found[3] else ""
    return f"{found[1]} {MONTHS[int(found[2]) - 1]}{day}"


def source(record: CitationRecord) -> str:
    """Returns the citation as PubMed's SO has it ("Acta Orthop. 2012 Oct;39(10):5795-813. doi: 10.1/x.")."""
    row = record.row
    issue = f"({row['issue']})" if row["issue"] else ""
    place = f"{row['volume'] or ''}{issue}"
    pages = f":{row['pages']}" if row["pages"] else ""
    date = printed_date(row["publication_date_verbatim"] or row["publication_date"]) or ""
    separator = ";" if place else ""
    parts = [f"{row['medline_abbreviation'] or row['iso_abbreviation'] or ''}. {date}{separator}{place}{pages}."]
    if row["doi"]:
        parts.append(f"doi: {row['doi']}.")
    if row["electronic_date"] and row["publication_status"] == "ppublish" and row["publication_model"] != "Electronic":
        parts.append(f"Epub {printed_date(row['electronic_date'])}.")
    return " ".join(parts)


def _digits(date: str | None) -> str | None:
    return date.replace("-", "") if date else None


def _moment(date: str | None) -> str | None:
    if not date:
        return None
    return f"{'/'.join([*date.split('-'), '01', '01'][:3])} 00:00"


FORMAT = Format("nbib", "NBIB (MEDLINE)", "nbib", "text/plain; charset=utf-8", write, detailed=True)
