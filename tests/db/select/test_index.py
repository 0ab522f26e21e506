"""Every text of a record is found, under the fields that name it and under no other; the title weighs most."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from db.evidence.index.article_index import ArticleIndex
from db.model import Author, Keyword, MeshHeading, OtherAbstract, RegistryNumber, Term
from db.select.filter import ArticleFilter
from db.select.search.index import WORDS_TABLE, build_search, ensure_search
from db.select.search.parser import FIELDS
from tests.support.stores import article, load, memory_store

#: Where a word stands in the record, by the word: the fields under which it is found.
COLUMNS = {
    "titleword": "title", "vernacularword": "title", "abstractword": "abstract", "otherword": "abstract",
    "surname": "authors", "groupname": "authors", "headingword": "terms", "keyword": "terms", "conceptword": "terms",
    "typeword": "terms", "90000001": "identifiers", "10.5555/doi.word": "identifiers", "PMC7654321": "identifiers",
    "NCT00000009": "identifiers", "e424242": "identifiers",
}  # fmt: skip
_FIELDS = {
    "title": {"title", "ti", "tiab"},
    "abstract": {"abstract", "ab", "tiab"},
    "authors": {"author", "authors", "au"},
    "terms": {"mesh", "mh", "majr", "keyword", "ot", "pt", "nm"},
    "identifiers": {"pmid", "pmcid", "pmc", "uid", "doi", "aid", "nct"},
}
#: What PubMed writes after a word in brackets.
_TAGS = {
    "Title": "title", "title/abstract": "title abstract", "MeSH Terms": "terms", "mh:noexp": "terms",
    "Publication Type": "terms", "all": "", "All Fields": "", "tw": "", "text word": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def conn() -> Iterator[sqlite3.Connection]:
    store = memory_store()
    made = article(
        90000001, title="Titleword", vernacular_title="Vernacularword", abstract="Abstractword", sections=(),
        other_abstracts=(OtherAbstract("Publisher", "fre", "Otherword"),),
        authors=(Author("Surname", "Ada", "A"), Author(collective_name="Groupname")),
        mesh_headings=(MeshHeading("D1", "Headingword", False),), keywords=(Keyword("Keyword", False, None),),
        supplementary_concepts=(Term("C1", "Conceptword"),), publication_types=(Term("D2", "Typeword"),),
        doi="10.5555/doi.word", pmcid="PMC7654321", registry_numbers=(RegistryNumber("CT", "NCT00000009", "databank"),),
        pages="e424242",
    )  # fmt: skip
    load(store, [made, article(2, title="Another", pages="487-93"), article(3, title="Third", pages="e12")])
    ensure_search(store.db.conn)
    yield store.db.conn
    store.db.close()


def found(conn: sqlite3.Connection, text: str) -> list[int]:
    where, params = ArticleFilter.from_query([("q", text), ("topic", "all")]).where()
    return [row[0] for row in conn.execute(f"SELECT pmid FROM articles WHERE {where} ORDER BY pmid", params)]


def test_no_field_is_left_out_here() -> None:
    assert {*FIELDS} == {field for fields in _FIELDS.values() for field in fields} | {
        "year", "dp", "language", "la", "journal", "ta",
    }  # fmt: skip


@pytest.mark.parametrize(("word", "column"), COLUMNS.items())
def test_a_word_is_found_wherever_it_stands_and_under_its_own_fields(
    conn: sqlite3.Connection, word: str, column: str
) -> None:
    assert found(conn, word) == [90000001]
    for of, fields in _FIELDS.items():
        for field in fields:
            own = of == column or (field == "tiab" and column in ("title", "abstract"))
            assert found(conn, f'{field}:"{word}"') == ([90000001] if own else []), field
    for tag, columns in _TAGS.items():
        own = not columns or column in columns.split()
        assert found(conn, f'"{word}"[{tag}]') == ([90000001] if own else []), tag


def test_pages_are_no_numbers_to_look_for(conn: sqlite3.Connection) -> None:
    assert found(conn, "487") == found(conn, "93") == found(conn, "e12") == []


def test_the_list_of_words_is_unstemmed_and_has_no_accents(conn: sqlite3.Connection) -> None:
    words = {row[0] for row in conn.execute(f"SELECT word FROM {WORDS_TABLE}")}
    assert {"titleword", "headingword", "groupname", "e424242"} <= words
    assert not any(word != word.lower() for word in words)


def test_the_index_is_built_where_it_is_missing_and_never_twice(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO articles_fts (rowid, title) VALUES (999, 'addedlater')")
    ensure_search(conn)
    assert conn.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'addedlater'").fetchone() == (1,)


def test_what_the_title_says_comes_before_terms_authors_and_abstract() -> None:
    store = memory_store()
    empty: dict[str, Any] = {
        "abstract": "Other words.",
        "sections": (),
        "authors": (),
        "mesh_headings": (),
        "keywords": (),
    }
    texts: dict[int, dict[str, Any]] = {
        5: {"title": "Spur and bone"},
        4: {"mesh_headings": (MeshHeading("D1", "Spur", False),)},
        3: {"authors": (Author("Spur"),)},
        2: {"abstract": "Spur words."},
        1: {},
    }
    load(store, [article(pmid, **{**empty, "title": "Bone and muscle", **text}) for pmid, text in texts.items()])
    conn = store.db.conn
    build_search(conn, "temp")
    index = ArticleIndex(conn)
    chosen = ArticleFilter.from_query([("q", "spur"), ("topic", "all")])
    assert list(index.page(conn, chosen, "relevance", 9, 0)) == [5, 4, 3, 2]
    store.db.close()
