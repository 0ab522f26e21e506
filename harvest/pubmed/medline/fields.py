"""Tags of a MEDLINE record to the fields of a draft; people and the abstract's sections have modules of their own."""

import re
from collections.abc import Callable, Mapping
from typing import Literal

from db.model import ArticleId, Grant, HistoryDate, Keyword, MeshHeading, Notice, OtherAbstract, Qualifier, Term
from db.notices import KIND_OF_TAG, without_mark
from harvest.pubmed.draft import BookDraft, Draft
from harvest.pubmed.medline import people
from harvest.pubmed.medline.abstract import read_sections
from harvest.pubmed.medline.records import MedlineRecord
from harvest.pubmed.parts import normal_id, type_of_publication
from harvest.pubmed.values.dates import iso_date, parse_medline_date
from harvest.pubmed.values.numbers import positive_number
from harvest.pubmed.values.registries import databank_number

_BOOK_TYPES = frozenset({"Book", "Book Chapter"})
_ISSN = re.compile(r"(\d{4}-?\d{3}[\dXx])(?:\s+\((\w+)\))?")
_ID = re.compile(r"(\S.*?)\s*\[([\w-]+)\]")
_HISTORY = re.compile(r"(\d{4}/\d{1,2}/\d{1,2})[^\[\]]*\[([^\[\]]+)\]")
_CHEMICAL = re.compile(r"(EC \S+|\S+) \((.+)\)")
_PMID_IN_NOTICE = re.compile(r"(?:^|(?<=[\s.]))PMID: ?(\d+)\.?$")
#: Acronyms of grants: two letters of an institute of the NIH, or a funder's own, which PubMed ends with a line.
_ACRONYM = re.compile(r"[A-Z]{2}|\w+_|Im[A-Z]{2,4}|NULL|HHMI|CIHR|CAPMC|PHS|CDC|NIHR")
#: A part of a grant's number: capitals and signs, or anything with a digit; an agency has small letters.
_CODE = re.compile(r"[^a-z]*|.*\d.*")
#: The note with which our own list says that it put a mark before the title.
_OWN_MARK = re.compile(r"ho-tracker: title marked ([A-Z ]+)")
#: The owner of keywords that are this program's tags.
OWN_KEYWORDS = "ho-tracker"

Reader = Callable[[str, Draft], None]
TextName = Literal[
    "vernacular_title", "abstract_copyright", "journal", "medline_abbreviation", "nlm_unique_id", "country", "volume",
    "issue", "pages", "status", "publication_status", "publication_model", "conflict_of_interest",
]  # fmt: skip
DateName = Literal["created_date", "completed_date", "revised_date", "electronic_date"]


def read_fields(record: MedlineRecord, draft: Draft) -> None:
    """Fills in a draft from a record's fields, one after the other, then from what several of them say together."""
    persons = people.People()
    for tag, value in record.fields:
        if tag in people.TAGS:
            persons.read(tag, value)
        elif value and (reader := _READERS.get(tag)):
            reader(value, draft)
        elif value and (kind := KIND_OF_TAG.get(tag)):
            draft.notices += (_notice(kind, value),)
    draft.authors, draft.authors_complete = persons.of("author"), persons.complete
    draft.investigators, draft.personal_name_subjects = persons.of("investigator"), persons.of("subject")
    _title(record, draft)
    _issns(record, draft)
    _keywords(record, draft)
    _other_abstracts(record, draft)
    _missing_history(record, draft)
    draft.publication_model = draft.publication_model or _model(record)
    if record.first("BTI") or any(term.term in _BOOK_TYPES for term in draft.publication_types):
        _book(record, draft, persons)


def iso_day(text: str) -> str | None:
    """Returns "20170315" or "2017/03/15 06:00" as an ISO date, as far as it makes sense."""
    found = re.match(r"(\d{4})[/-]?(?:(\d{1,2})[/-]?(\d{1,2})?)?", text)
    return iso_date(found[1], found[2], found[3]) if found else None


def _text(name: TextName) -> Reader:
    """Returns a reader that sets one field, the first time its tag comes."""
    return lambda value, draft: None if getattr(draft, name) else setattr(draft, name, value)


def _date(name: DateName) -> Reader:
    """Returns a reader that sets one field to a date."""
    return lambda value, draft: None if getattr(draft, name) else setattr(draft, name, iso_day(value))


def _title(record: MedlineRecord, draft: Draft) -> None:
    """Reads the title, without the mark that our own lists put before it."""
    title = record.first("TI") or ""
    marks = [found[1] for note in record.values("GN") if (found := _OWN_MARK.fullmatch(note))]
    draft.title = without_mark(title) if any(title.startswith(f"{mark}: ") for mark in marks) else title


def _abstract(value: str, draft: Draft) -> None:
    if draft.abstract is None:
        draft.abstract, draft.sections = read_sections(value)


def _publication_date(value: str, draft: Draft) -> None:
    if draft.publication_date_verbatim is None:
        draft.year, draft.publication_date, draft.publication_date_verbatim = parse_medline_date(value)


def _language(value: str, draft: Draft) -> None:
    draft.languages.append(value.lower())


def _publication_type(value: str, draft: Draft) -> None:
    draft.publication_types.append(type_of_publication(value))


def _location(value: str, draft: Draft) -> None:
    draft.locations += [ArticleId(kind, normal_id(kind, held)) for held, kind in _ID.findall(value)]


def _article_id(value: str, draft: Draft) -> None:
    draft.article_ids += [ArticleId(kind, normal_id(kind, held)) for held, kind in _ID.findall(value)]


def _pmc(value: str, draft: Draft) -> None:
    draft.article_ids.append(ArticleId("pmc", normal_id("pmc", value)))


def _manuscript(value: str, draft: Draft) -> None:
    draft.article_ids.append(ArticleId("mid", value))


def _history(value: str, draft: Draft) -> None:
    entries = [(day, status) for text, status in _HISTORY.findall(value) if (day := iso_day(text))]
    draft.history += tuple(HistoryDate(status, day) for day, status in entries)


def _data_bank(value: str, draft: Draft) -> None:
    bank, _, accession = value.partition("/")
    number = databank_number(bank, accession) if accession else None
    if number:
        draft.registry_numbers.append(number)


def _grant(value: str, draft: Draft) -> None:
    """Reads "NUMBER/ACRONYM/AGENCY/COUNTRY", of which the first two may lack; number and agency may hold slashes."""
    parts = value.split("/")
    country = parts.pop() if len(parts) > 1 else None
    acronym = parts.pop(-2) if len(parts) > 1 and _ACRONYM.fullmatch(parts[-2]) else None
    number = parts[:-1]
    if acronym is None:
        words = (place for place, part in enumerate(number) if place and not _CODE.fullmatch(part))
        number = number[: next(words, len(number))]
    agency = "/".join(parts[len(number) :])
    draft.grants += (Grant("/".join(number) or None, acronym, agency or None, country or None),)


def _chemical(value: str, draft: Draft) -> None:
    found = _CHEMICAL.fullmatch(value)
    number, name = (found[1], found[2]) if found else ("0", value)
    draft.chemicals += (Term("", name, None if number == "0" else number),)


def _supplementary_concept(value: str, draft: Draft) -> None:
    draft.supplementary_concepts.append(Term("", value))


def _heading(value: str, draft: Draft) -> None:
    """Reads "*Term/qualifier/*qualifier", the star being that of a major topic."""
    term, *names = value.split("/")
    qualifiers = tuple(Qualifier("", name.lstrip("*"), name.startswith("*")) for name in names)
    draft.mesh_headings += (MeshHeading("", term.lstrip("*"), "*" in value, qualifiers),)


def _notice(kind: str, value: str) -> Notice:
    found = _PMID_IN_NOTICE.search(value)
    source = value[: found.start()].rstrip() if found else value
    return Notice(kind, positive_number(found[1]) if found else None, source.removesuffix(".") or None)


def _issns(record: MedlineRecord, draft: Draft) -> None:
    """Reads the ISSNs: the electronic one where there are two, as PubMed's XML gives, and the linking one."""
    known: dict[str, str] = {}
    for value in record.values("IS"):
        for number, kind in _ISSN.findall(value):
            known.setdefault(kind or "Print", number.upper())
    kind = next((kind for kind in ("Electronic", "Print", "Undetermined") if kind in known), None)
    draft.issn, draft.issn_type = (known[kind], kind) if kind else (None, None)
    draft.issn_linking = known.get("Linking")


def _keywords(record: MedlineRecord, draft: Draft) -> None:
    owner = None
    for tag, value in record.fields:
        if tag == "OTO":
            owner = value or None
        elif tag == "OT" and value.strip("* ") and owner != OWN_KEYWORDS:
            draft.keywords.append(Keyword(value.lstrip("*"), value.startswith("*"), owner))


def _other_abstracts(record: MedlineRecord, draft: Draft) -> None:
    for tag, value in record.fields:
        if tag == "OAB" and value:
            draft.other_abstracts.append(OtherAbstract("Publisher", None, value))
        elif tag == "OABL" and value and draft.other_abstracts:
            draft.other_abstracts[-1] = OtherAbstract("Publisher", value, draft.other_abstracts[-1].text)


def _missing_history(record: MedlineRecord, draft: Draft) -> None:
    """Adds the dates that stand in tags of their own: EDAT is [pubmed], CRDT is [entrez], MHDA is [medline]."""
    held = {entry.status for entry in draft.history}
    for status, tag in (("entrez", "CRDT"), ("pubmed", "EDAT"), ("medline", "MHDA"), ("pmc-release", "PMCR")):
        day = iso_day(record.first(tag) or "")
        if day and status not in held:
            draft.history += (HistoryDate(status, day),)


def _model(record: MedlineRecord) -> str | None:
    """Returns the publication model, which only the source line tells."""
    source = record.first("SO") or ""
    if "eCollection " in source:
        return "Electronic-eCollection"
    if re.search(r"\bPrint \d{4}", source):
        return "Electronic-Print"
    if "Epub " in source or "Online ahead of print" in source:
        return "Print-Electronic"
    if record.first("PST") == "epublish":
        return "Electronic"
    return "Print" if source and record.first("PST") == "ppublish" else None


def _book(record: MedlineRecord, draft: Draft, persons: people.People) -> None:
    """Makes a book of the record, whose stored form has no country; PubMed's own has no type "Book Chapter"."""
    draft.book = BookDraft(
        title=record.first("BTI"),
        publisher=record.first("PB"),
        place=record.first("PL"),
        edition=record.first("EN"),
        isbn=[value for value in record.values("ISBN") if value],
        editors=persons.of("editor"),
    )
    draft.publication_types = [term for term in draft.publication_types if term.term not in _BOOK_TYPES]


_READERS: Mapping[str, Reader] = {
    "STAT": _text("status"),
    "DA": _date("created_date"),
    "CTDT": _date("created_date"),
    "DCOM": _date("completed_date"),
    "LR": _date("revised_date"),
    "DRDT": _date("revised_date"),
    "VI": _text("volume"),
    "IP": _text("issue"),
    "DP": _publication_date,
    "PG": _text("pages"),
    "LID": _location,
    "AB": _abstract,
    "CI": _text("abstract_copyright"),
    "LA": _language,
    "SI": _data_bank,
    "GR": _grant,
    "PT": _publication_type,
    "TT": _text("vernacular_title"),
    "DEP": _date("electronic_date"),
    "PL": _text("country"),
    "TA": _text("medline_abbreviation"),
    "JT": _text("journal"),
    "JID": _text("nlm_unique_id"),
    "RN": _chemical,
    "NM": _supplementary_concept,
    "MH": _heading,
    "COIS": _text("conflict_of_interest"),
    "PHST": _history,
    "AID": _article_id,
    "PMC": _pmc,
    "MID": _manuscript,
    "PST": _text("publication_status"),
    "PUBM": _text("publication_model"),
}
