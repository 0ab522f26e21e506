"""`Article`s to PubMed XML: the stored form of records that came in another form, and made-up records."""

import re
from collections.abc import Iterable
from itertools import groupby

from lxml import etree
from lxml.etree import _Element

from db.model import Article, ArticleId, Author, Book, RegistryNumber, Term
from harvest.pubmed.values.text import fold

_PLAIN_DATE = re.compile(r"(\d{4})(?: ([A-Z][a-z]{2})(?: (\d{1,2}))?)?")
#: Where the reader joined two affiliations; no part is empty, so that joined again they are what they were.
_AFFILIATIONS = re.compile(r"(?<=\S); ")


def write_article(article: Article) -> bytes:
    """Returns an article as a PubmedArticle or PubmedBookArticle element, UTF-8; `article.xml` is not looked at."""
    root = _book_article(article, article.book) if article.book else _pubmed_article(article)
    xml: bytes = etree.tostring(root, encoding="utf-8")
    return xml


def _child(
    parent: _Element, tag: str, text: str | None = None, attributes: dict[str, str | None] | None = None
) -> _Element:
    """Adds an element; attributes without a value are left out."""
    element = etree.SubElement(parent, tag)
    for name, value in (attributes or {}).items():
        if value is not None:
            element.set(name, value)
    element.text = text
    return element


def _optional(parent: _Element, tag: str, text: str | None, attributes: dict[str, str | None] | None = None) -> None:
    """Adds an element where there is a text for it."""
    if text is not None:
        _child(parent, tag, text, attributes)


def _yes(flag: bool) -> str:
    return "Y" if flag else "N"


def _date(parent: _Element, tag: str, iso: str | None, attributes: dict[str, str | None] | None = None) -> None:
    if iso is not None:
        element = _child(parent, tag, None, attributes)
        for name, part in zip(("Year", "Month", "Day"), iso.split("-"), strict=False):
            _child(element, name, part)


def _publication_date(parent: _Element, verbatim: str | None, year: int | None) -> None:
    element = _child(parent, "PubDate")
    if verbatim is None:
        _optional(element, "Year", str(year) if year else None)
    elif plain := _PLAIN_DATE.fullmatch(verbatim):
        for name, part in zip(("Year", "Month", "Day"), plain.groups(), strict=True):
            _optional(element, name, part)
    else:
        _child(element, "MedlineDate", verbatim)


def _pubmed_article(article: Article) -> _Element:
    root = etree.Element("PubmedArticle")
    citation = _child(
        root, "MedlineCitation", None, {"Status": article.status, "IndexingMethod": article.indexing_method}
    )
    _child(citation, "PMID", str(article.pmid), {"Version": str(article.version)})
    _date(citation, "DateCreated", article.created_date)
    _date(citation, "DateCompleted", article.completed_date)
    _date(citation, "DateRevised", article.revised_date)
    _article(citation, article)
    journal = _child(citation, "MedlineJournalInfo")
    _optional(journal, "Country", article.country)
    _optional(journal, "MedlineTA", article.medline_abbreviation)
    _optional(journal, "NlmUniqueID", article.nlm_unique_id)
    _optional(journal, "ISSNLinking", article.issn_linking)
    _indexing(citation, article)
    _rest_of_citation(citation, article)
    data = _child(root, "PubmedData")
    _data(data, article)
    return root


def _article(citation: _Element, article: Article) -> None:
    element = _child(citation, "Article", None, {"PubModel": article.publication_model})
    journal = _child(element, "Journal")
    _optional(journal, "ISSN", article.issn, {"IssnType": article.issn_type})
    medium = "Print" if (article.publication_model or "Print").startswith("Print") else "Internet"
    issue = _child(journal, "JournalIssue", None, {"CitedMedium": medium})
    _optional(issue, "Volume", article.volume)
    _optional(issue, "Issue", article.issue)
    # a year that the electronic edition gave is no date of the issue
    electronic = article.electronic_date and article.electronic_date == article.publication_date
    _publication_date(issue, article.publication_date_verbatim, None if electronic else article.year)
    _optional(journal, "Title", article.journal)
    _optional(journal, "ISOAbbreviation", article.iso_abbreviation)
    _child(element, "ArticleTitle", article.title)
    if article.pages is not None:
        _child(_child(element, "Pagination"), "MedlinePgn", article.pages)
    for known in article.article_ids:
        if known.kind == "doi" or (known.kind == "pii" and article.pages):  # without pages it would be the pages
            _child(element, "ELocationID", known.value, {"EIdType": known.kind, "ValidYN": "Y"})
    _abstract(element, article)
    _people(element, "AuthorList", "Author", article.authors, {"CompleteYN": _yes(article.authors_complete)})
    for language in article.languages:
        _child(element, "Language", language)
    _data_banks(element, article.registry_numbers)
    _grants(element, article)
    if article.publication_types:
        _terms(_child(element, "PublicationTypeList"), "PublicationType", article.publication_types)
    _optional(element, "VernacularTitle", article.vernacular_title)
    _date(element, "ArticleDate", article.electronic_date, {"DateType": "Electronic"})


def _abstract(parent: _Element, article: Article) -> None:
    if article.abstract is None:
        return
    element = _child(parent, "Abstract")
    if not article.sections:
        _child(element, "AbstractText", article.abstract)
    for section in article.sections:
        attributes = {"Label": section.label, "NlmCategory": section.category}
        _child(element, "AbstractText", article.abstract[section.start : section.end], attributes)
    _optional(element, "CopyrightInformation", article.abstract_copyright)


def _people(
    parent: _Element, list_tag: str, tag: str, people: Iterable[Author], attributes: dict[str, str | None] | None = None
) -> None:
    people = list(people)
    if not people:
        return
    element = _child(parent, list_tag, None, attributes)
    for person in people:
        entry = _child(element, tag, None, {"ValidYN": "Y"} if tag != "PersonalNameSubject" else None)
        _optional(entry, "LastName", person.last_name)
        _optional(entry, "ForeName", person.fore_name)
        _optional(entry, "Initials", person.initials)
        _optional(entry, "Suffix", person.suffix)
        _optional(entry, "CollectiveName", person.collective_name)
        _optional(entry, "Identifier", person.orcid, {"Source": "ORCID"})
        for affiliation in _AFFILIATIONS.split(person.affiliation) if person.affiliation else ():
            _child(_child(entry, "AffiliationInfo"), "Affiliation", affiliation)


def _data_banks(parent: _Element, numbers: Iterable[RegistryNumber]) -> None:
    numbers = [number for number in numbers if number.found_in == "databank"]
    if not numbers:
        return
    banks = _child(parent, "DataBankList", None, {"CompleteYN": "Y"})
    for registry, group in groupby(numbers, key=lambda number: number.registry):
        bank = _child(banks, "DataBank")
        _child(bank, "DataBankName", registry)
        accessions = _child(bank, "AccessionNumberList")
        for number in group:
            _child(accessions, "AccessionNumber", number.number)


def _grants(parent: _Element, article: Article) -> None:
    if not article.grants:
        return
    element = _child(parent, "GrantList", None, {"CompleteYN": "Y"})
    for grant in article.grants:
        entry = _child(element, "Grant")
        _optional(entry, "GrantID", grant.number)
        _optional(entry, "Acronym", grant.acronym)
        _optional(entry, "Agency", grant.agency)
        _optional(entry, "Country", grant.country)


def _terms(parent: _Element, tag: str, terms: Iterable[Term]) -> None:
    for term in terms:
        _child(parent, tag, term.term, {"Type": term.type, "UI": term.ui})


def _indexing(citation: _Element, article: Article) -> None:
    if article.chemicals:
        chemicals = _child(citation, "ChemicalList")
        for chemical in article.chemicals:
            entry = _child(chemicals, "Chemical")
            _child(entry, "RegistryNumber", chemical.type or "0")
            _child(entry, "NameOfSubstance", chemical.term, {"UI": chemical.ui})
    if article.supplementary_concepts:
        _terms(_child(citation, "SupplMeshList"), "SupplMeshName", article.supplementary_concepts)
    _notices(citation, article)
    if article.mesh_headings:
        headings = _child(citation, "MeshHeadingList")
        for heading in article.mesh_headings:
            entry = _child(headings, "MeshHeading")
            starred = heading.major and not any(qualifier.major for qualifier in heading.qualifiers)
            _child(entry, "DescriptorName", heading.term, {"UI": heading.ui, "MajorTopicYN": _yes(starred)})
            for qualifier in heading.qualifiers:
                attributes: dict[str, str | None] = {"UI": qualifier.ui, "MajorTopicYN": _yes(qualifier.major)}
                _child(entry, "QualifierName", qualifier.term, attributes)


def _notices(citation: _Element, article: Article) -> None:
    if not article.notices:
        return
    element = _child(citation, "CommentsCorrectionsList")
    for notice in article.notices:
        entry = _child(element, "CommentsCorrections", None, {"RefType": notice.kind})
        _optional(entry, "RefSource", notice.source)
        _optional(entry, "PMID", str(notice.ref_pmid) if notice.ref_pmid else None, {"Version": "1"})
        _optional(entry, "Note", notice.note)


def _rest_of_citation(citation: _Element, article: Article) -> None:
    _people(citation, "PersonalNameSubjectList", "PersonalNameSubject", article.personal_name_subjects)
    for other in article.other_abstracts:
        element = _child(citation, "OtherAbstract", None, {"Type": other.type, "Language": other.language})
        for text in other.text.split("\n"):
            _child(element, "AbstractText", text)
    _keywords(citation, article)
    _optional(citation, "CoiStatement", article.conflict_of_interest)
    _people(citation, "InvestigatorList", "Investigator", article.investigators)


def _keywords(parent: _Element, article: Article) -> None:
    for owner, group in groupby(article.keywords, key=lambda keyword: keyword.owner):
        keywords = _child(parent, "KeywordList", None, {"Owner": owner})
        for keyword in group:
            _child(keywords, "Keyword", keyword.term, {"MajorTopicYN": _yes(keyword.major)})


def _data(element: _Element, article: Article) -> None:
    if article.history:
        history = _child(element, "History")
        for entry in article.history:
            _date(history, "PubMedPubDate", entry.date, {"PubStatus": entry.status})
    _optional(element, "PublicationStatus", article.publication_status)
    _ids(element, (ArticleId("pubmed", str(article.pmid)), *article.article_ids))


def _ids(parent: _Element, ids: Iterable[ArticleId]) -> None:
    element = _child(parent, "ArticleIdList")
    for known in ids:
        _child(element, "ArticleId", known.value, {"IdType": known.kind})


def _book_article(article: Article, book: Book) -> _Element:
    root = etree.Element("PubmedBookArticle")
    document = _child(root, "BookDocument")
    _child(document, "PMID", str(article.pmid), {"Version": str(article.version)})
    _ids(document, article.article_ids)
    _book(document, article, book)
    _child(document, "ArticleTitle", article.title)
    _optional(document, "VernacularTitle", article.vernacular_title)
    if article.pages is not None:
        _child(_child(document, "Pagination"), "MedlinePgn", article.pages)
    for language in article.languages:
        _child(document, "Language", language)
    kind: dict[str, str | None] = {"Type": "authors", "CompleteYN": _yes(article.authors_complete)}
    _people(document, "AuthorList", "Author", article.authors, kind)
    _people(document, "InvestigatorList", "Investigator", article.investigators)
    _terms(document, "PublicationType", article.publication_types)
    _abstract(document, article)
    _keywords(document, article)
    _date(document, "ContributionDate", article.created_date)
    _date(document, "DateRevised", article.revised_date)
    _grants(document, article)
    data = _child(root, "PubmedBookData")
    _data(data, article)
    return root


def _book(document: _Element, article: Article, book: Book) -> None:
    element = _child(document, "Book")
    publisher = _child(element, "Publisher")
    _optional(publisher, "PublisherName", book.publisher)
    _optional(publisher, "PublisherLocation", book.place)
    _optional(element, "BookTitle", book.title)
    _publication_date(element, article.publication_date_verbatim, article.year)
    _people(element, "AuthorList", "Author", book.editors, {"Type": "editors", "CompleteYN": "Y"})
    _optional(element, "Volume", article.volume)
    _optional(element, "Edition", book.edition)
    for isbn in book.isbn:
        _child(element, "Isbn", isbn)
    _optional(element, "Medium", book.medium)


def write_set(records: Iterable[bytes], comment: str = "") -> bytes:
    """Returns records as one PubMed file, each on its own line, with a comment before them."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"'
        ' "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
    )
    note = f"<!-- {fold(comment)} -->\n" if comment else ""
    return (head + note).encode() + b"".join(record + b"\n" for record in records) + b"</PubmedArticleSet>\n"
