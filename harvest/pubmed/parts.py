"""The lists inside a PubMed record: people, headings, keywords, notices, grants, ids, dates of its history."""

import re
from functools import lru_cache
from urllib.parse import unquote

from lxml.etree import _Element

from db.model import ArticleId, Author, Grant, HistoryDate, Keyword, MeshHeading, Notice, Qualifier, Term
from db.notices import RETRACTED_PUBLICATION, RETRACTION_OF_PUBLICATION
from harvest.pubmed.values.dates import read_date
from harvest.pubmed.values.numbers import positive_number
from harvest.pubmed.values.text import text_of

_ORCID = re.compile(r"(\d{4})[\s-]?(\d{4})[\s-]?(\d{4})[\s-]?(\d{3}[\dXx])(?![\dA-Za-z])")
_ISSN = re.compile(r"(\d{4})-?(\d{3}[\dXx])", re.ASCII)
#: UIs of publication types by which something is decided, by their names in small letters.
_TYPE_UIS = {
    "retracted publication": RETRACTED_PUBLICATION,
    "retraction of publication": RETRACTION_OF_PUBLICATION,
    "preprint": "D000076942",
}
_DOI_PREFIX = re.compile(r"^(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:?\s*)+(?=10\.)", re.IGNORECASE)
#: The same few terms stand in most records: made once, they cost less time and memory.
_term = lru_cache(maxsize=1 << 14)(Term)
_heading = lru_cache(maxsize=1 << 14)(MeshHeading)
_qualifier = lru_cache(maxsize=1 << 10)(Qualifier)


def read_people(element: _Element) -> tuple[Author, ...]:
    """Reads an AuthorList, InvestigatorList or PersonalNameSubjectList.

    Names struck by ValidYN="N" are left out, and entries without any name.
    """
    people = (_read_person(person) for person in element if person.get("ValidYN") != "N")
    return tuple(each for each in people if each.last_name or each.fore_name or each.collective_name)


def normal_issn(text: str | None) -> str | None:
    """Returns an ISSN with its hyphen and a capital X, another text as it stands."""
    found = _ISSN.fullmatch(text.strip()) if text else None
    return f"{found[1]}-{found[2]}".upper() if found else text


def _read_person(element: _Element) -> Author:  # noqa: C901
    last_name = fore_name = initials = suffix = collective_name = orcid = None
    affiliations: list[str] = []
    for part in element:
        tag = part.tag
        if tag == "LastName":
            last_name = text_of(part)
        elif tag == "ForeName":
            fore_name = text_of(part)
        elif tag == "Initials":
            initials = text_of(part)
        elif tag == "AffiliationInfo":
            for item in part:
                if item.tag == "Affiliation":
                    affiliations.append(text_of(item))
        elif tag == "Identifier":
            if part.get("Source") == "ORCID":
                orcid = orcid or normal_orcid(part.text or "")
        elif tag == "Suffix":
            suffix = text_of(part)
        elif tag == "CollectiveName":
            collective_name = text_of(part)
        elif tag == "Affiliation":
            affiliations.append(text_of(part))
        elif tag == "FirstName":
            fore_name = text_of(part)
    affiliation = "; ".join(filter(None, affiliations)) if affiliations else None
    return Author(last_name, fore_name, initials, suffix, collective_name, orcid, affiliation)


def normal_orcid(text: str) -> str | None:
    """Returns an ORCID given in any form (a URL, no hyphens, small x) as 0000-0000-0000-000X, else None."""
    found = _ORCID.search(text)
    return "-".join(found.groups()).upper() if found else None


def read_mesh(element: _Element) -> tuple[MeshHeading, ...]:
    """Reads a MeshHeadingList; a heading is major where its descriptor or one of its qualifiers is starred."""
    headings = []
    for heading in element:
        ui = term = ""
        major = False
        qualifiers: list[Qualifier] = []
        for part in heading:
            starred = part.get("MajorTopicYN") == "Y"
            major = major or starred
            if part.tag == "QualifierName":
                qualifiers.append(_qualifier(part.get("UI", ""), text_of(part), starred))
            elif part.tag == "DescriptorName":
                ui, term = part.get("UI", ""), text_of(part)
        headings.append(_heading(ui, term, major, tuple(qualifiers)))
    return tuple(headings)


def read_term(element: _Element) -> Term:
    """Reads a PublicationType or SupplMeshName."""
    return _term(element.get("UI", ""), text_of(element), element.get("Type"))


def type_of_publication(name: str, ui: str = "") -> Term:
    """Returns a publication type; one by which something is decided has its UI though the record has the name alone.

    So do MEDLINE text and files from before 2014.
    """
    return _term(ui or _TYPE_UIS.get(name.lower(), ""), name)


def read_chemicals(element: _Element) -> tuple[Term, ...]:
    """Reads a ChemicalList; a term's `type` is its registry number (CAS, UNII or EC), None for PubMed's "0"."""
    chemicals = []
    for chemical in element:
        number = None
        ui = name = ""
        for part in chemical:
            if part.tag == "RegistryNumber":
                number = text_of(part)
            elif part.tag == "NameOfSubstance":
                ui, name = part.get("UI", ""), text_of(part)
        chemicals.append(_term(ui, name, None if number in ("0", "") else number))
    return tuple(chemicals)


def read_keywords(element: _Element) -> list[Keyword]:
    """Reads a KeywordList, of which a record may have several; empty keywords are left out."""
    owner = element.get("Owner")
    return [
        Keyword(term, keyword.get("MajorTopicYN") == "Y", owner) for keyword in element if (term := text_of(keyword))
    ]


def read_grants(element: _Element) -> tuple[Grant, ...]:
    """Reads a GrantList."""
    grants = []
    for grant in element:
        parts = {part.tag: text_of(part) for part in grant}
        grants.append(Grant(parts.get("GrantID"), parts.get("Acronym"), parts.get("Agency"), parts.get("Country")))
    return tuple(grants)


def read_notices(element: _Element) -> tuple[Notice, ...]:
    """Reads a CommentsCorrectionsList: every entry, under PubMed's own RefType."""
    notices = []
    for entry in element:
        ref_pmid = source = note = None
        for part in entry:
            if part.tag == "PMID":
                ref_pmid = pmid_of(part)
            elif part.tag == "RefSource":
                source = text_of(part)
            elif part.tag == "Note":
                note = text_of(part)
        notices.append(Notice(entry.get("RefType", ""), ref_pmid, source, note))
    return tuple(notices)


def pmid_of(element: _Element) -> int | None:
    """Returns an element's text as a PMID, None where it is none."""
    return positive_number(element.text)


def read_history(element: _Element) -> tuple[HistoryDate, ...]:
    """Reads a History; dates that can't be read are left out."""
    return tuple(HistoryDate(entry.get("PubStatus", ""), date) for entry in element if (date := read_date(entry)))


def read_article_ids(element: _Element) -> list[ArticleId]:
    """Reads an ArticleIdList of the article itself, its PMID left out."""
    ids = []
    for item in element:
        kind = item.get("IdType", "pubmed")
        value = text_of(item)
        if kind != "pubmed" and value:
            ids.append(ArticleId(kind, normal_id(kind, value)))
    return ids


def normal_id(kind: str, value: str) -> str:
    """Returns an id in its bare form.

    A DOI stands without resolver, "doi:", percent codes and the stop or comma of the text it was cut from, a PMC number
    with its "PMC".
    """
    if kind == "doi":
        value = value.rstrip(" .,")
        bare = _DOI_PREFIX.sub("", value)
        return unquote(bare) if bare != value and "%" in bare else bare
    if kind == "pmc":
        number = value[3:] if value[:3].upper() == "PMC" else value
        return f"PMC{number}" if number[:1].isdigit() else value
    return value
