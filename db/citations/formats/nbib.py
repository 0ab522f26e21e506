"""NBIB, the MEDLINE text that PubMed itself writes: its tags, their order, its line breaks.

What the store does not keep is not invented: the hour of a history date is 00:00, an author's several affiliations
are parted where one ends in a full stop, and SB (the journal subset) is left out.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple

from db.citations.formats.common import Format, Options, labelled_abstract, notice_text, one_line, pmcid, tag_note
from db.citations.formats.dates import is_online_first
from db.citations.records import MEDLINE_PARTS, CitationRecord
from db.model import Article, Author
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
    yield "PMID", str(record.pmid)
    yield "OWN", "NLM"
    yield "STAT", record.article.status or ("Publisher" if record.is_book else None)
    yield "DCOM", _digits(record.article.completed_date)
    yield "LR", _digits(record.article.revised_date)
    yield "IS", f"{record.article.issn} ({record.article.issn_type or 'Print'})" if record.article.issn else None
    yield "IS", f"{record.article.issn_linking} (Linking)" if record.article.issn_linking else None
    for isbn in record.book.isbn:
        yield "ISBN", isbn
    yield "VI", record.article.volume
    yield "IP", record.article.issue
    yield "CTDT", _digits(record.article.created_date) if record.is_book else None
    yield "PB", record.book.publisher
    yield "EN", record.book.edition
    yield "DP", printed_date(record.article.publication_date_verbatim or record.article.publication_date)


def _title(record: CitationRecord, _: Options) -> Iterator[Line]:
    yield "TI", record.marked_title
    yield "BTI", record.book.title
    yield "PG", record.article.pages
    yield from (("LID", value) for value in _locations(record))
    yield "AB", labelled_abstract(record)
    yield "CI", record.article.abstract_copyright
    for other in record.article.other_abstracts:
        yield "OAB", other.text
        yield "OABL", other.language


def _locations(record: CitationRecord) -> Iterator[str]:
    """Yields where an article is found online (LID): its own number, then its DOI; PubMed has both only since 2008."""
    article = record.article
    number = _article_number(record)
    if number or any(held.kind == "pii" and held.value == article.pages for held in article.article_ids):
        yield f"{number or article.pages} [pii]"
    if (article.year or 0) < _FIRST_YEAR_OF_LOCATIONS:
        return
    yield from (f"{held.value} [doi]" for held in record.article.article_ids if held.kind == "doi")


def _article_number(record: CitationRecord) -> str | None:
    """Returns the second of two publisher's numbers: the record's own element of it, kept after the list's number."""
    numbers = [held.value for held in record.article.article_ids if held.kind == "pii"]
    return numbers[-1] if len(numbers) > 1 else None


def _people(record: CitationRecord, _: Options) -> Iterator[Line]:
    for editor in record.book.editors:
        yield from _person(editor, "FED", "ED")
    for author in record.article.authors:
        yield from _person(author, "FAU", "AU")
    if not record.article.authors_complete:
        yield "AU", "et al."


def _person(name: Author, full_tag: str, tag: str) -> Iterator[Line]:
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
    for language in record.article.languages:
        yield "LA", language
    for entry in record.article.registry_numbers:
        if entry.found_in == "databank":
            yield "SI", f"{entry.registry}/{entry.number}"
    for grant in record.article.grants:
        yield "GR", "/".join(part for part in astuple(grant) if part is not None)
    for term in record.article.publication_types:
        yield "PT", term.term
    yield "TT", record.article.vernacular_title
    yield "DEP", _digits(record.article.electronic_date)


def _journal(record: CitationRecord, _: Options) -> Iterator[Line]:
    yield "PL", record.article.country or record.book.place
    yield "TA", record.article.medline_abbreviation or record.article.iso_abbreviation
    yield "JT", record.article.journal
    yield "JID", record.article.nlm_unique_id
    for chemical in record.article.chemicals:
        yield "RN", f"{chemical.type or 0} ({chemical.term})"
    for concept in record.article.supplementary_concepts:
        yield "NM", concept.term
    for notice in record.article.notices:
        if notice.kind in TAG_OF:
            yield TAG_OF[notice.kind], notice_text(notice.source, notice.ref_pmid)


def _indexing(record: CitationRecord, options: Options) -> Iterator[Line]:
    for heading in record.article.mesh_headings:
        qualifiers = [f"/{'*' if part.major else ''}{part.term}" for part in heading.qualifiers]
        starred = heading.major and not any(part.major for part in heading.qualifiers)
        yield "MH", f"{'*' if starred else ''}{heading.term}{''.join(qualifiers)}"
    for subject in record.article.personal_name_subjects:
        yield from _person(subject, "FPS", "PS")
    yield "PMC", pmcid(record)
    yield from (("MID", held.value) for held in record.article.article_ids if held.kind == "mid")
    yield "GN", tag_note(record) if options.tags else None
    if record.marked_title != record.article.title:  # so that our own reader finds PubMed's title again
        yield "GN", f"ho-tracker: title marked {record.mark}"
    yield from _keywords(record, options)
    for person in record.article.investigators:
        yield from _person(person, "FIR", "IR")
    yield "COIS", record.article.conflict_of_interest


def _keywords(record: CitationRecord, options: Options) -> Iterator[Line]:
    owner: str | None = None
    for keyword in record.article.keywords:
        if keyword.owner != owner:
            yield "OTO", keyword.owner
            owner = keyword.owner
        yield "OT", f"{'*' if keyword.major else ''}{keyword.term}"
    if options.tags:
        held = {keyword.term.casefold() for keyword in record.article.keywords}
        fresh = dict.fromkeys(name for _, name in record.tags if name.casefold() not in held)
        if fresh:
            yield "OTO", "ho-tracker"
        yield from (("OT", name) for name in fresh)


def _history(record: CitationRecord, _: Options) -> Iterator[Line]:
    dates = {entry.status: entry.date for entry in record.article.history}
    for status, tag in (("pubmed", "EDAT"), ("medline", "MHDA"), ("entrez", "CRDT")):
        yield tag, _moment(dates.get(status))
    for entry in record.article.history:
        yield "PHST", f"{_moment(entry.date)} [{entry.status}]"
    number = _article_number(record)
    for held in record.article.article_ids:
        if held.kind not in ("pmc", "mid", "pmcid") and held.value != number:
            yield "AID", f"{held.value} [{held.kind}]"
    yield "PST", record.article.publication_status if not record.is_book else None
    yield "SO", source(record) if not record.is_book else None


def printed_date(verbatim: str | None) -> str | None:
    """Returns a date in PubMed's words with the month by name ("2016 03 04" and "2016 Mar 04" give "2016 Mar 4")."""
    found = re.fullmatch(r"(\d{4})[\s-](\d{1,2}|[A-Z][a-z]{2})(?:[\s-](\d{1,2}))?", verbatim or "")
    if not found:
        return verbatim
    month = MONTHS[int(found[2]) - 1] if found[2].isdigit() and 1 <= int(found[2]) <= 12 else found[2]
    if month not in MONTHS:
        return verbatim
    return f"{found[1]} {month}{f' {int(found[3])}' if found[3] else ''}"


def source(record: CitationRecord) -> str:
    """Returns the citation as PubMed's SO has it, with the dates that the publication model asks for.

    What is published online only is cited by its online date ("2016 Apr 19;5:67. doi: 10.1/x. eCollection 2016."),
    the others by that of the issue ("2012 Oct;39(10):5795-813. doi: 10.1/x. Epub 2012 May 3.").
    """
    article = record.article
    issue = f"({article.issue})" if article.issue else ""
    place = f"{article.volume or ''}{issue}"
    pages = f":{article.pages}" if article.pages else ""
    printed = printed_date(article.publication_date_verbatim or article.publication_date) or ""
    online = printed_date(article.electronic_date) if article.electronic_date else None
    date = online if online and is_online_first(article) else printed
    separator = ";" if place else ""
    parts = [f"{article.medline_abbreviation or article.iso_abbreviation or ''}. {date}{separator}{place}{pages}."]
    if article.doi:
        parts.append(f"doi: {article.doi}.")
    if article.publication_status == "aheadofprint":
        parts.append("Online ahead of print.")
    elif note := _other_date(article, printed, online):
        parts.append(note)
    return " ".join(parts)


def _other_date(article: Article, printed: str, online: str | None) -> str | None:
    """Returns how PubMed adds the date that it does not cite by."""
    if article.publication_model == "Electronic-eCollection":
        return f"eCollection {printed}." if printed else None
    if article.publication_model == "Electronic-Print":
        return f"Print {printed}." if printed else None
    has_issue = article.publication_model in ("Print-Electronic", None) and article.publication_status == "ppublish"
    return f"Epub {online}." if online and has_issue else None


def _digits(date: str | None) -> str | None:
    return date.replace("-", "") if date else None


def _moment(date: str | None) -> str | None:
    if not date:
        return None
    return f"{'/'.join([*date.split('-'), '01', '01'][:3])} 00:00"


FORMAT = Format("nbib", "NBIB (MEDLINE)", "nbib", "text/plain; charset=utf-8", write, parts=MEDLINE_PARTS)
