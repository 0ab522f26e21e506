"""What is read back from the store is the article that was written."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.model import Article, Author
from db.store.records.article_rows import shown_name
from db.store.records.articles import ALL_PARTS, read_articles
from db.store.store import Store
from tests.support.article_strategies import articles, book_articles
from tests.support.stores import article, load, memory_store, save
from tests.support.zoo import ZOO


def _kept(written: Article) -> Article:
    """What a store keeps of an article: all but the XML; ISBNs are kept joined by a semicolon, which none has."""
    book = written.book
    if book:
        joined = ";".join(book.isbn)
        book = replace(book, isbn=tuple(joined.split(";")) if joined else ())
    return replace(written, xml=b"", book=book)


@settings(max_examples=40)
@given(st.lists(articles() | book_articles(), max_size=4, unique_by=lambda made: made.pmid))
def test_an_article_is_read_back_as_it_was_written(written: list[Article]) -> None:
    store = memory_store()
    load(store, written)
    read = list(read_articles(store.db.conn, [made.pmid for made in written]))
    store.db.close()
    assert read == [_kept(made) for made in written]


def test_the_zoo_is_read_back_in_the_order_asked_for() -> None:
    store = memory_store()
    load(store, ZOO)
    pmids = [made.pmid for made in ZOO][::-1]
    assert list(read_articles(store.db.conn, pmids)) == [_kept(made) for made in ZOO][::-1]


@pytest.mark.parametrize(
    ("author", "shown"),
    [
        (Author("van der Meulen", "Joost P", "JP", "Jr"), "van der Meulen JP Jr"),
        (Author("Lee", "Ann", None), "Lee Ann"),
        (Author("Lee"), "Lee"),
        (Author("Lee", collective_name="HO Group"), "HO Group"),
    ],
)
def test_an_author_is_shown_by_initials_a_group_by_its_name(author: Author, shown: str) -> None:
    assert shown_name(author) == shown


def test_only_the_parts_asked_for_are_read(store: Store) -> None:
    save(store, article())
    (read,) = read_articles(store.db.conn, [1], frozenset({"authors"}))
    assert read.authors == article().authors
    assert read.mesh_headings == read.sections == ()  # type: ignore[comparison-overlap]


def test_an_article_that_is_not_held_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        list(read_articles(store.db.conn, [7], ALL_PARTS))
