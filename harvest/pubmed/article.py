"""PubmedArticle: the citation, the journal, PubMed's own data about the record."""

from lxml.etree import _Element

from harvest.pubmed.draft import Draft
from harvest.pubmed.parts import read_chemicals, read_mesh, read_notices, read_people, read_term
from harvest.pubmed.readers import (
    DATA,
    DOCUMENT,
    ISSUE,
    Readers,
    date,
    publication_type,
    read_children,
    text,
    within,
)
from harvest.pubmed.values.dates import read_date
from harvest.pubmed.values.registries import read_data_banks
from harvest.pubmed.values.text import read_other_abstract, text_of


def read_pubmed_article(element: _Element, draft: Draft) -> None:
    """Fills in a draft from a PubmedArticle; what stands in its reference list is never looked at."""
    read_children(element, draft, _RECORD)


def _citation(element: _Element, draft: Draft) -> None:
    draft.status = element.get("Status")
    draft.indexing_method = element.get("IndexingMethod")
    read_children(element, draft, _CITATION)


def _article(element: _Element, draft: Draft) -> None:
    draft.has_article = True
    draft.publication_model = element.get("PubModel")
    read_children(element, draft, _ARTICLE)


def _issn(element: _Element, draft: Draft) -> None:
    draft.issn, draft.issn_type = text_of(element), element.get("IssnType")


def _electronic_date(element: _Element, draft: Draft) -> None:
    if element.get("DateType", "Electronic") == "Electronic":
        draft.electronic_date = draft.electronic_date or read_date(element)


def _data_banks(element: _Element, draft: Draft) -> None:
    draft.registry_numbers += read_data_banks(element)


def _publication_types(element: _Element, draft: Draft) -> None:
    for child in element:
        publication_type(child, draft)


def _chemicals(element: _Element, draft: Draft) -> None:
    draft.chemicals = read_chemicals(element)


def _supplementary_concepts(element: _Element, draft: Draft) -> None:
    draft.supplementary_concepts += [read_term(child) for child in element]


def _notices(element: _Element, draft: Draft) -> None:
    draft.notices = read_notices(element)


def _mesh_headings(element: _Element, draft: Draft) -> None:
    draft.mesh_headings = read_mesh(element)


def _subjects(element: _Element, draft: Draft) -> None:
    draft.personal_name_subjects = read_people(element)


def _other_abstract(element: _Element, draft: Draft) -> None:
    draft.other_abstracts.append(read_other_abstract(element))


_JOURNAL: Readers = {
    "ISSN": _issn,
    "JournalIssue": within({**ISSUE, "Issue": text("issue")}),
    "Title": text("journal"),
    "ISOAbbreviation": text("iso_abbreviation"),
}
_JOURNAL_INFO: Readers = {
    "Country": text("country"),
    "MedlineTA": text("medline_abbreviation"),
    "NlmUniqueID": text("nlm_unique_id"),
    "ISSNLinking": text("issn_linking"),
}
_ARTICLE: Readers = {
    **DOCUMENT,
    "Journal": within(_JOURNAL),
    "DataBankList": _data_banks,
    "PublicationTypeList": _publication_types,
    "ArticleDate": _electronic_date,
}
_CITATION: Readers = {
    **DOCUMENT,
    "DateCreated": date("created_date"),
    "DateCompleted": date("completed_date"),
    "Article": _article,
    "MedlineJournalInfo": within(_JOURNAL_INFO),
    "ChemicalList": _chemicals,
    "SupplMeshList": _supplementary_concepts,
    "CommentsCorrectionsList": _notices,
    "MeshHeadingList": _mesh_headings,
    "PersonalNameSubjectList": _subjects,
    "OtherAbstract": _other_abstract,
    "CoiStatement": text("conflict_of_interest"),
}
_RECORD: Readers = {"MedlineCitation": _citation, "PubmedData": within(DATA)}
