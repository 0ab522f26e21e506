"""PubmedArticle: the citation, the journal, PubMed's own data about the record."""

from collections.abc import Callable
from typing import Any

from lxml.etree import _Element

from harvest.pubmed.books import read_pages
from harvest.pubmed.dates import read_date, read_publication_date
from harvest.pubmed.parts import (
    normal_id,
    number_of,
    read_article_ids,
    read_chemicals,
    read_grants,
    read_history,
    read_keywords,
    read_mesh,
    read_notices,
    read_people,
    read_term,
)
from harvest.pubmed.text import read_abstract, read_data_banks, read_other_abstract, text_of

Fields = dict[str, Any]
Reader = Callable[[_Element, Fields], None]


def read_pubmed_article(element: _Element, fields: Fields) -> None:
    """Fills in an article's fields from a PubmedArticle; what stands in its reference list is never looked at."""
    _read_children(element, fields, _RECORD)


def _read_children(element: _Element, fields: Fields, readers: dict[str, Reader]) -> None:
    """Hands every child to the reader of its tag; children without one are left to the stored XML."""
    for child in element:
        reader = readers.get(child.tag)
        if reader:
            reader(child, fields)


def _within(readers: dict[str, Reader]) -> Reader:
    return lambda element, fields: _read_children(element, fields, readers)


def _value(field: str, read: Callable[[_Element], Any] = text_of) -> Reader:
    """Makes a reader that sets one field."""

    def set_field(element: _Element, fields: Fields) -> None:
        fields[field] = read(element)

    return set_field


def _entries(field: str, read: Callable[[_Element], Any]) -> Reader:
    """Makes a reader that adds one entry for each child to a field."""

    def add_entries(element: _Element, fields: Fields) -> None:
        fields[field] += tuple([read(child) for child in element])

    return add_entries


def _addition(field: str, read: Callable[[_Element], Any]) -> Reader:
    """Makes a reader that adds what it reads to a field."""

    def add(element: _Element, fields: Fields) -> None:
        fields[field] += read(element)

    return add


def _read_citation(element: _Element, fields: Fields) -> None:
    fields["status"] = element.get("Status")
    fields["indexing_method"] = element.get("IndexingMethod")
    _read_children(element, fields, _CITATION)


def _read_pmid(element: _Element, fields: Fields) -> None:
    fields["pmid"] = number_of(element)
    version = element.get("Version", "1")
    fields["version"] = int(version) if version.isascii() and version.isdigit() else 1


def _read_article(element: _Element, fields: Fields) -> None:
    fields["publication_model"] = element.get("PubModel")
    _read_children(element, fields, _ARTICLE)


def _read_issn(element: _Element, fields: Fields) -> None:
    fields["issn"], fields["issn_type"] = text_of(element), element.get("IssnType")


def _read_publication_date(element: _Element, fields: Fields) -> None:
    date = read_publication_date(element)
    fields["year"], fields["publication_date"], fields["publication_date_verbatim"] = date


def _read_location(element: _Element, fields: Fields) -> None:
    value = text_of(element)
    if value and element.get("ValidYN") != "N":
        kind = element.get("EIdType", "")
        fields["locations"].append((kind, normal_id(kind, value)))


def _read_abstract(element: _Element, fields: Fields) -> None:
    fields["abstract"], fields["sections"], fields["abstract_copyright"] = read_abstract(element)


def _read_authors(element: _Element, fields: Fields) -> None:
    fields["authors"] += read_people(element)
    fields["authors_complete"] = element.get("CompleteYN") != "N"


def _read_article_date(element: _Element, fields: Fields) -> None:
    if element.get("DateType", "Electronic") == "Electronic":
        fields["electronic_date"] = fields["electronic_date"] or read_date(element)


_JOURNAL: dict[str, Reader] = {
    "ISSN": _read_issn,
    "JournalIssue": _within(
        {"Volume": _value("volume"), "Issue": _value("issue"), "PubDate": _read_publication_date},
    ),
    "Title": _value("journal"),
    "ISOAbbreviation": _value("iso_abbreviation"),
}
_ARTICLE: dict[str, Reader] = {
    "Journal": _within(_JOURNAL),
    "ArticleTitle": _value("title"),
    "Pagination": _value("pages", read_pages),
    "ELocationID": _read_location,
    "Abstract": _read_abstract,
    "AuthorList": _read_authors,
    "Language": _addition("languages", lambda element: (text_of(element),)),
    "DataBankList": _addition("registry_numbers", read_data_banks),
    "GrantList": _value("grants", read_grants),
    "PublicationTypeList": _entries("publication_types", read_term),
    "VernacularTitle": _value("vernacular_title"),
    "ArticleDate": _read_article_date,
}
_CITATION: dict[str, Reader] = {
    "PMID": _read_pmid,
    "DateCreated": _value("created_date", read_date),
    "DateCompleted": _value("completed_date", read_date),
    "DateRevised": _value("revised_date", read_date),
    "Article": _read_article,
    "MedlineJournalInfo": _within(
        {
            "Country": _value("country"),
            "MedlineTA": _value("medline_abbreviation"),
            "NlmUniqueID": _value("nlm_unique_id"),
            "ISSNLinking": _value("issn_linking"),
        }
    ),
    "ChemicalList": _value("chemicals", read_chemicals),
    "SupplMeshList": _entries("supplementary_concepts", read_term),
    "CommentsCorrectionsList": _value("notices", read_notices),
    "MeshHeadingList": _value("mesh_headings", read_mesh),
    "PersonalNameSubjectList": _value("personal_name_subjects", read_people),
    "OtherAbstract": _addition("other_abstracts", lambda element: (read_other_abstract(element),)),
    "KeywordList": _addition("keywords", lambda element: tuple(read_keywords(element))),
    "CoiStatement": _value("conflict_of_interest"),
    "InvestigatorList": _addition("investigators", read_people),
}
_DATA: dict[str, Reader] = {
    "History": _value("history", read_history),
    "PublicationStatus": _value("publication_status"),
    "ArticleIdList": _addition("article_ids", read_article_ids),
}
_RECORD: dict[str, Reader] = {"MedlineCitation": _read_citation, "PubmedData": _within(_DATA)}
