"""Reader tables: what is read of an element by the tags of its children, for articles and books alike."""

from collections.abc import Callable, Mapping
from typing import Literal

from lxml.etree import _Element

from db.model import ArticleId
from harvest.pubmed.draft import Draft
from harvest.pubmed.parts import (
    normal_id,
    pmid_of,
    read_article_ids,
    read_grants,
    read_history,
    read_keywords,
    read_people,
    type_of_publication,
)
from harvest.pubmed.values.dates import read_date, read_publication_date
from harvest.pubmed.values.numbers import positive_number
from harvest.pubmed.values.text import read_abstract, text_of

Reader = Callable[[_Element, Draft], None]
Readers = Mapping[str, Reader]

#: Fields of a draft that are one text.
TextName = Literal[
    "title", "vernacular_title", "journal", "iso_abbreviation", "medline_abbreviation", "nlm_unique_id", "issn_linking",
    "country", "volume", "issue", "publication_status", "conflict_of_interest",
]  # fmt: skip
#: Fields of a draft that are one date.
DateName = Literal["created_date", "completed_date", "revised_date"]


def read_children(element: _Element, draft: Draft, readers: Readers) -> None:
    """Hands every child to the reader of its tag; children without one are left to the stored XML."""
    for child in element:
        reader = readers.get(child.tag)
        if reader:
            reader(child, draft)


def within(readers: Readers) -> Reader:
    """Returns a reader that goes on with the children of its element."""
    return lambda element, draft: read_children(element, draft, readers)


def text(name: TextName) -> Reader:
    """Returns a reader that sets one field to the element's text."""
    return lambda element, draft: setattr(draft, name, text_of(element))


def date(name: DateName) -> Reader:
    """Returns a reader that sets one field to the element's date."""
    return lambda element, draft: setattr(draft, name, read_date(element))


def _pmid(element: _Element, draft: Draft) -> None:
    draft.pmid = pmid_of(element)
    draft.version = positive_number(element.get("Version", "1")) or 1


def _publication_date(element: _Element, draft: Draft) -> None:
    draft.year, draft.publication_date, draft.publication_date_verbatim = read_publication_date(element)


def _location(element: _Element, draft: Draft) -> None:
    value = text_of(element)
    if value and element.get("ValidYN") != "N":
        kind = element.get("EIdType", "")
        draft.locations.append(ArticleId(kind, normal_id(kind, value)))


def _abstract(element: _Element, draft: Draft) -> None:
    draft.abstract, draft.sections, draft.abstract_copyright = read_abstract(element)


def _pages(element: _Element, draft: Draft) -> None:
    """Reads a Pagination: MedlinePgn as it stands, else the start and end page."""
    parts = {part.tag: text_of(part) for part in element}
    if not (pages := parts.get("MedlinePgn")):
        start, end = parts.get("StartPage"), parts.get("EndPage")
        pages = f"{start}-{end}" if start and end and start != end else start or pages
    draft.pages = pages


def add_authors(element: _Element, draft: Draft) -> None:
    """Reads an AuthorList of the article itself."""
    draft.authors += read_people(element)
    draft.authors_complete = element.get("CompleteYN") != "N"


def _investigators(element: _Element, draft: Draft) -> None:
    draft.investigators += read_people(element)


def _grants(element: _Element, draft: Draft) -> None:
    draft.grants = read_grants(element)


def _language(element: _Element, draft: Draft) -> None:
    draft.languages.append(text_of(element).lower())


def _keywords(element: _Element, draft: Draft) -> None:
    draft.keywords += read_keywords(element)


def publication_type(element: _Element, draft: Draft) -> None:
    """Reads one PublicationType."""
    draft.publication_types.append(type_of_publication(text_of(element), element.get("UI", "")))


def _history(element: _Element, draft: Draft) -> None:
    draft.history = read_history(element)


def _article_ids(element: _Element, draft: Draft) -> None:
    draft.article_ids += read_article_ids(element)


#: What a journal's issue and a book have alike.
ISSUE: Readers = {"Volume": text("volume"), "PubDate": _publication_date}
#: What the document itself, an article or a chapter, has: its text, its people, what it is.
DOCUMENT: Readers = {
    "ArticleTitle": text("title"),
    "VernacularTitle": text("vernacular_title"),
    "Pagination": _pages,
    "ELocationID": _location,
    "Abstract": _abstract,
    "AuthorList": add_authors,
    "InvestigatorList": _investigators,
    "Language": _language,
    "GrantList": _grants,
    "KeywordList": _keywords,
    "PMID": _pmid,
    "DateRevised": date("revised_date"),
    "ArticleIdList": _article_ids,
}
#: What PubMed says about the record.
DATA: Readers = {
    "History": _history,
    "PublicationStatus": text("publication_status"),
    "ArticleIdList": _article_ids,
}
