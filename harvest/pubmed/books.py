"""PubmedBookArticle: a chapter or book (StatPearls, GeneReviews) as an article with a book around it."""

from typing import Any

from lxml.etree import _Element

from db.model import Author, Book, Keyword, Term
from harvest.pubmed.dates import read_date, read_publication_date
from harvest.pubmed.parts import (
    normal_id,
    number_of,
    read_article_ids,
    read_grants,
    read_history,
    read_keywords,
    read_people,
    read_term,
)
from harvest.pubmed.text import read_abstract, text_of


def read_book_article(element: _Element, fields: dict[str, Any]) -> None:
    """Fills in an article's fields from a PubmedBookArticle.

    The title is the chapter's, the book's where the whole book is the record; the publication date is the book's.
    """
    for part in element:
        if part.tag == "BookDocument":
            _read_document(part, fields)
        elif part.tag == "PubmedBookData":
            _read_data(part, fields)
    book: Book | None = fields.get("book")
    if book and not fields["title"]:
        fields["title"] = book.title or ""


def _read_document(element: _Element, fields: dict[str, Any]) -> None:  # noqa: C901, PLR0912
    languages: list[str] = []
    types: list[Term] = []
    keywords: list[Keyword] = []
    for part in element:
        tag = part.tag
        if tag == "PMID":
            fields["pmid"], fields["version"] = number_of(part), int(part.get("Version", "1"))
        elif tag == "ArticleIdList":
            fields["article_ids"] += read_article_ids(part)
        elif tag == "Book":
            _read_book(part, fields)
        elif tag == "ArticleTitle":
            fields["title"] = text_of(part)
        elif tag == "VernacularTitle":
            fields["vernacular_title"] = text_of(part)
        elif tag == "Pagination":
            fields["pages"] = read_pages(part)
        elif tag == "Language":
            languages.append(text_of(part))
        elif tag == "AuthorList":
            _add_people(part, fields)
        elif tag == "InvestigatorList":
            fields["investigators"] += read_people(part)
        elif tag == "PublicationType":
            types.append(read_term(part))
        elif tag == "Abstract":
            fields["abstract"], fields["sections"], fields["abstract_copyright"] = read_abstract(part)
        elif tag == "KeywordList":
            keywords += read_keywords(part)
        elif tag == "ContributionDate":
            fields["created_date"] = read_date(part)
        elif tag == "DateRevised":
            fields["revised_date"] = read_date(part)
        elif tag == "GrantList":
            fields["grants"] = read_grants(part)
    fields["languages"], fields["publication_types"] = tuple(languages), tuple(types)
    fields["keywords"] = tuple(keywords)


def _add_people(element: _Element, fields: dict[str, Any]) -> None:
    """Adds an AuthorList of a chapter; its editors stand with the book's."""
    if element.get("Type") == "editors":
        fields["editors"] += read_people(element)
        return
    fields["authors"] += read_people(element)
    fields["authors_complete"] = element.get("CompleteYN") != "N"


def _read_book(element: _Element, fields: dict[str, Any]) -> None:
    title = publisher = place = edition = medium = None
    isbn: list[str] = []
    editors: tuple[Author, ...] = ()
    for part in element:
        tag = part.tag
        if tag == "BookTitle":
            title = text_of(part)
        elif tag == "Publisher":
            names = {item.tag: text_of(item) for item in part}
            publisher, place = names.get("PublisherName"), names.get("PublisherLocation")
        elif tag == "PubDate":
            date = read_publication_date(part)
            fields["year"], fields["publication_date"], fields["publication_date_verbatim"] = date
        elif tag == "AuthorList" and part.get("Type") == "editors":
            editors += read_people(part)
        elif tag == "AuthorList":
            fields["authors"] += read_people(part)
            fields["authors_complete"] = part.get("CompleteYN") != "N"
        elif tag == "Volume":
            fields["volume"] = text_of(part)
        elif tag == "Edition":
            edition = text_of(part)
        elif tag == "Isbn":
            isbn.append(text_of(part))
        elif tag == "Medium":
            medium = text_of(part)
        elif tag == "ELocationID" and part.get("ValidYN") != "N":
            fields["locations"].append((part.get("EIdType", ""), normal_id(part.get("EIdType", ""), text_of(part))))
    fields["book"] = Book(title, publisher, place, edition, tuple(isbn), editors, medium)


def _read_data(element: _Element, fields: dict[str, Any]) -> None:
    for part in element:
        if part.tag == "History":
            fields["history"] = read_history(part)
        elif part.tag == "PublicationStatus":
            fields["publication_status"] = text_of(part)
        elif part.tag == "ArticleIdList":
            fields["article_ids"] += read_article_ids(part)


def read_pages(element: _Element) -> str | None:
    """Reads a Pagination: MedlinePgn as it stands, else the start and end page."""
    parts = {part.tag: text_of(part) for part in element}
    if parts.get("MedlinePgn"):
        return parts["MedlinePgn"]
    start, end = parts.get("StartPage"), parts.get("EndPage")
    return f"{start}-{end}" if start and end and start != end else start or parts.get("MedlinePgn")
