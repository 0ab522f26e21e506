"""PubmedBookArticle: a chapter or book (StatPearls, GeneReviews) as an article with a book around it."""

from lxml.etree import _Element

from harvest.pubmed.draft import BookDraft, Draft
from harvest.pubmed.parts import read_people
from harvest.pubmed.readers import (
    DATA,
    DOCUMENT,
    ISSUE,
    Readers,
    add_authors,
    date,
    publication_type,
    read_children,
    within,
)
from harvest.pubmed.values.text import text_of


def read_book_article(element: _Element, draft: Draft) -> None:
    """Fills in a draft from a PubmedBookArticle; the publication date is the book's."""
    read_children(element, draft, _RECORD)


def _book_of(draft: Draft) -> BookDraft:
    draft.book = draft.book or BookDraft()
    return draft.book


def _book(element: _Element, draft: Draft) -> None:
    _book_of(draft)
    read_children(element, draft, _BOOK)


def _publisher(element: _Element, draft: Draft) -> None:
    names = {item.tag: text_of(item) for item in element}
    book = _book_of(draft)
    book.publisher, book.place = names.get("PublisherName"), names.get("PublisherLocation")


def _book_title(element: _Element, draft: Draft) -> None:
    _book_of(draft).title = text_of(element)


def _edition(element: _Element, draft: Draft) -> None:
    _book_of(draft).edition = text_of(element)


def _isbn(element: _Element, draft: Draft) -> None:
    _book_of(draft).isbn.append(text_of(element))


def _medium(element: _Element, draft: Draft) -> None:
    _book_of(draft).medium = text_of(element)


def _book_people(element: _Element, draft: Draft) -> None:
    """Reads an AuthorList of the book: its editors, or authors of the whole."""
    if element.get("Type") == "editors":
        _book_of(draft).editors += read_people(element)
    else:
        add_authors(element, draft)


def _chapter_people(element: _Element, draft: Draft) -> None:
    """Reads an AuthorList of a chapter; its editors come after the book's."""
    if element.get("Type") == "editors":
        draft.editors += read_people(element)
    else:
        add_authors(element, draft)


_BOOK: Readers = {
    **ISSUE,
    "BookTitle": _book_title,
    "Publisher": _publisher,
    "AuthorList": _book_people,
    "Edition": _edition,
    "Isbn": _isbn,
    "Medium": _medium,
    "ELocationID": DOCUMENT["ELocationID"],
}
_DOCUMENT: Readers = {
    **DOCUMENT,
    "Book": _book,
    "AuthorList": _chapter_people,
    "PublicationType": publication_type,
    "ContributionDate": date("created_date"),
}
_RECORD: Readers = {"BookDocument": within(_DOCUMENT), "PubmedBookData": within(DATA)}
