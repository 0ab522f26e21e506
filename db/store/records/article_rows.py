"""An `Article` as the rows of its tables, and back; knows the columns, no SQL statements but the generated ones."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from operator import attrgetter
from typing import Any

from db.model import (
    Article,
    ArticleId,
    Author,
    Book,
    Grant,
    HistoryDate,
    Keyword,
    MeshHeading,
    Notice,
    OtherAbstract,
    Qualifier,
    RegistryNumber,
    Term,
)
from db.sections import Section

Row = tuple[Any, ...]


def shown_name(author: Author) -> str:
    """Returns an author as citation lists show it ("van der Meulen JP"), a group by its name."""
    if author.collective_name:
        return author.collective_name
    parts = (author.last_name, author.initials or author.fore_name, author.suffix)
    return " ".join(part for part in parts if part)


def shown_authors(authors: Iterable[Author]) -> str | None:
    """Returns all authors in order, parted by ", "; None where the record names none."""
    return ", ".join(filter(None, map(shown_name, authors))) or None


def _joined(values: Iterable[str]) -> str | None:
    return ";".join(values) or None


def _of_book(name: str) -> Callable[[Article], Any]:
    return lambda article: getattr(article.book, name) if article.book else None


#: Columns of `articles` that are not simply the article's field of the same name.
_MADE: Mapping[str, Callable[[Article], Any]] = {
    "kind": lambda article: "book" if article.book else "article",
    "authors": lambda article: shown_authors(article.authors),
    "first_author": lambda article: shown_name(article.authors[0]) if article.authors else None,
    "authors_complete": lambda article: int(article.authors_complete),
    "language": lambda article: _joined(article.languages),
    "book_title": _of_book("title"),
    "book_publisher": _of_book("publisher"),
    "book_place": _of_book("place"),
    "book_edition": _of_book("edition"),
    "book_isbn": lambda article: _joined(article.book.isbn) if article.book else None,
    "book_medium": _of_book("medium"),
    "retracted": lambda article: int(article.retracted),
}
ARTICLE_COLUMNS = tuple(
    (
        "pmid version kind title vernacular_title abstract abstract_copyright authors first_author authors_complete "
        "journal iso_abbreviation medline_abbreviation nlm_unique_id issn issn_type issn_linking country year "
        "publication_date publication_date_verbatim electronic_date publication_model publication_status volume issue "
        "pages language doi pmcid pii status indexing_method created_date completed_date revised_date entrez_date "
        "conflict_of_interest book_title book_publisher book_place book_edition book_isbn book_medium text_hash "
        "retracted"
    ).split()
)
_GETTERS = tuple(_MADE.get(column) or attrgetter(column) for column in ARTICLE_COLUMNS)
_PLAIN_FIELDS = tuple(column for column in ARTICLE_COLUMNS if column not in _MADE and column != "text_hash")


def column_value(article: Article, column: str) -> Any:
    """Returns the value of one column of `articles` for an article."""
    return getattr(article, column) if column not in _MADE else _MADE[column](article)


def article_row(article: Article) -> Row:
    """Returns the values of `ARTICLE_COLUMNS` for one article."""
    return tuple(get(article) for get in _GETTERS)


def article_of(row: Mapping[str, Any], parts: Mapping[str, Any]) -> Article:
    """Returns the article of a row of `articles` and of its parts (fields of `Article` by name).

    The record as PubMed sent it (`xml`) is left empty: it stands in `records` and only a parser needs it.
    """
    fields = {name: row[name] for name in _PLAIN_FIELDS}
    editors = parts.get("editors", ())
    book = None
    if row["kind"] == "book":
        isbn = tuple((row["book_isbn"] or "").split(";")) if row["book_isbn"] else ()
        names = ("title", "publisher", "place", "edition")
        title, publisher, place, edition = (row[f"book_{name}"] for name in names)
        book = Book(title, publisher, place, edition, isbn, editors, row["book_medium"])
    return Article(
        **fields,
        xml=b"",
        authors_complete=bool(row["authors_complete"]),
        languages=tuple(row["language"].split(";")) if row["language"] else (),
        book=book,
        **{name: values for name, values in parts.items() if name != "editors"},
    )


_NAME_COLUMNS = "last_name fore_name initials suffix collective_name orcid affiliation"
#: People beside the authors: the role in the table, and the field of `Article` ("editors" of its book).
ROLES = {"investigator": "investigators", "editor": "editors", "subject": "personal_name_subjects"}


def _contributors(article: Article) -> Iterator[Row]:
    editors = article.book.editors if article.book else ()
    groups = (("investigator", article.investigators), ("editor", editors), ("subject", article.personal_name_subjects))
    for role, people in groups:
        for person in people:
            yield (role, *astuple(person))


def _mesh_rows(article: Article) -> Iterator[Row]:
    for heading in article.mesh_headings:
        qualifiers = [{"ui": q.ui, "term": q.term, "major": q.major} for q in heading.qualifiers]
        text = json.dumps(qualifiers, ensure_ascii=False) if qualifiers else "[]"
        yield (heading.ui, heading.term, int(heading.major), text)


def _mesh_heading(ui: str, term: str, major: int, qualifiers: str) -> MeshHeading:
    parts = json.loads(qualifiers) if qualifiers != "[]" else []
    return MeshHeading(ui, term, bool(major), tuple(Qualifier(q["ui"], q["term"], bool(q["major"])) for q in parts))


def _keyword(term: str, major: int, owner: str | None) -> Keyword:
    return Keyword(term, bool(major), owner)


@dataclass(frozen=True, slots=True)
class Part:
    """A table of an article's parts: its columns after `pmid` and `position`, and both ways between rows and values.

    `field` is the field of `Article` that holds the values in order; `read` makes one of them from a row's columns.
    """

    columns: str
    field: str
    read: Callable[..., Any]
    rows: Callable[[Article], Iterable[Row]]


def _plain(columns: str, field: str, read: Callable[..., Any]) -> Part:
    """A part whose columns are the value's fields in order."""
    count = len(columns.split())
    return Part(columns, field, read, lambda article: (astuple(v)[:count] for v in getattr(article, field)))


PARTS: Mapping[str, Part] = {
    "sections": _plain('label category start "end"', "sections", Section),
    "authors": _plain(_NAME_COLUMNS, "authors", Author),
    "contributors": Part(f"role {_NAME_COLUMNS}", "contributors", lambda *row: row, _contributors),
    "mesh_headings": Part("ui term major qualifiers", "mesh_headings", _mesh_heading, _mesh_rows),
    "publication_types": _plain("ui term", "publication_types", Term),
    "keywords": _plain("term major owner", "keywords", _keyword),
    "notices": _plain("kind ref_pmid source note", "notices", Notice),
    "supplementary_concepts": _plain("ui term type", "supplementary_concepts", Term),
    "chemicals": _plain("ui term registry_number", "chemicals", Term),
    "registry_numbers": _plain("registry number found_in", "registry_numbers", RegistryNumber),
    "grants": _plain("number acronym agency country", "grants", Grant),
    "article_ids": _plain("kind value", "article_ids", ArticleId),
    "history_dates": _plain("status date", "history", HistoryDate),
    "other_abstracts": _plain("type language text", "other_abstracts", OtherAbstract),
}


def part_rows(table: str, article: Article) -> Iterator[Row]:
    """Yields the rows of one part table for an article, with `pmid` and `position` first."""
    pmid = article.pmid
    for position, values in enumerate(PARTS[table].rows(article)):
        yield (pmid, position, *values)


def _insert(table: str, columns: Iterable[str]) -> str:
    names = list(columns)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


#: Writes one article row; what the tagger and the ledger own (tags, matched, vanished) is left as it is.
UPSERT_ARTICLE = (
    _insert("articles", ARTICLE_COLUMNS)
    + " ON CONFLICT (pmid) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in ARTICLE_COLUMNS[1:])
)
INSERT_PART = {table: _insert(table, ["pmid", "position", *part.columns.split()]) for table, part in PARTS.items()}
