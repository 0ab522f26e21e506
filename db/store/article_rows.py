"""Turns an `Article` into the rows of its tables; knows the columns, no SQL statements but the generated ones."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from db.model import Article, Author, Book

Row = tuple[Any, ...]

_NO_BOOK = Book(None, None, None, None, (), (), None)


def shown_name(author: Author) -> str:
    """Returns an author as citation lists show it ("van der Meulen JP"), a group by its name."""
    if author.collective_name:
        return author.collective_name
    parts = (author.last_name, author.initials or author.fore_name, author.suffix)
    return " ".join(part for part in parts if part)


def shown_authors(authors: Iterable[Author]) -> str | None:
    """Returns all authors in order, parted by ", "; None where the record names none."""
    return ", ".join(filter(None, map(shown_name, authors))) or None


def article_row(article: Article) -> Row:
    """Returns the values of `ARTICLE_COLUMNS` for one article."""
    book = article.book or _NO_BOOK
    return (
        article.pmid,
        article.version,
        "book" if article.book else "article",
        article.title,
        article.vernacular_title,
        article.abstract,
        article.abstract_copyright,
        shown_authors(article.authors),
        shown_name(article.authors[0]) if article.authors else None,
        int(article.authors_complete),
        article.journal,
        article.iso_abbreviation,
        article.medline_abbreviation,
        article.nlm_unique_id,
        article.issn,
        article.issn_type,
        article.issn_linking,
        article.country,
        article.year,
        article.publication_date,
        article.publication_date_verbatim,
        article.electronic_date,
        article.publication_model,
        article.publication_status,
        article.volume,
        article.issue,
        article.pages,
        ";".join(article.languages) or None,
        article.doi,
        article.pmcid,
        article.pii,
        article.status,
        article.indexing_method,
        article.created_date,
        article.completed_date,
        article.revised_date,
        article.entrez_date,
        article.conflict_of_interest,
        book.title,
        book.publisher,
        book.place,
        book.edition,
        ";".join(book.isbn) or None,
        book.medium,
        article.text_hash,
        int(article.retracted),
    )


ARTICLE_COLUMNS = (
    "pmid version kind title vernacular_title abstract abstract_copyright authors first_author authors_complete "
    "journal iso_abbreviation medline_abbreviation nlm_unique_id issn issn_type issn_linking country year "
    "publication_date publication_date_verbatim electronic_date publication_model publication_status volume issue "
    "pages language doi pmcid pii status indexing_method created_date completed_date revised_date entrez_date "
    "conflict_of_interest book_title book_publisher book_place book_edition book_isbn book_medium text_hash retracted"
).split()

_NAME_COLUMNS = "last_name fore_name initials suffix collective_name orcid affiliation"


def _name(author: Author) -> Row:
    return (
        author.last_name,
        author.fore_name,
        author.initials,
        author.suffix,
        author.collective_name,
        author.orcid,
        author.affiliation,
    )


def _mesh(article: Article) -> Iterator[Row]:
    for heading in article.mesh_headings:
        qualifiers = [{"ui": q.ui, "term": q.term, "major": q.major} for q in heading.qualifiers]
        text = json.dumps(qualifiers, ensure_ascii=False) if qualifiers else "[]"
        yield (heading.ui, heading.term, int(heading.major), text)


def _contributors(article: Article) -> Iterator[Row]:
    editors = article.book.editors if article.book else ()
    groups = (("investigator", article.investigators), ("editor", editors), ("subject", article.personal_name_subjects))
    for role, people in groups:
        for person in people:
            yield (role, *_name(person))


#: For each part table: its columns after `pmid` and `position`, and how an article yields them in order.
PARTS: dict[str, tuple[str, Callable[[Article], Iterable[Row]]]] = {
    "sections": ('label category start "end"', lambda a: ((s.label, s.category, s.start, s.end) for s in a.sections)),
    "authors": (_NAME_COLUMNS, lambda a: map(_name, a.authors)),
    "contributors": (f"role {_NAME_COLUMNS}", _contributors),
    "mesh_headings": ("ui term major qualifiers", _mesh),
    "publication_types": ("ui term", lambda a: ((t.ui, t.term) for t in a.publication_types)),
    "keywords": ("term major owner", lambda a: ((k.term, int(k.major), k.owner) for k in a.keywords)),
    "notices": ("kind ref_pmid source note", lambda a: ((n.kind, n.ref_pmid, n.source, n.note) for n in a.notices)),
    "supplementary_concepts": ("ui term type", lambda a: ((t.ui, t.term, t.type) for t in a.supplementary_concepts)),
    "chemicals": ("ui term registry_number", lambda a: ((t.ui, t.term, t.type) for t in a.chemicals)),
    "registry_numbers": (
        "registry number found_in",
        lambda a: ((n.registry, n.number, n.found_in) for n in a.registry_numbers),
    ),
    "grants": (
        "number acronym agency country",
        lambda a: ((g.number, g.acronym, g.agency, g.country) for g in a.grants),
    ),
    "article_ids": ("kind value", lambda a: ((i.kind, i.value) for i in a.article_ids)),
    "history_dates": ("status date", lambda a: ((d.status, d.date) for d in a.history)),
    "other_abstracts": ("type language text", lambda a: ((o.type, o.language, o.text) for o in a.other_abstracts)),
}


def part_rows(table: str, article: Article) -> Iterator[Row]:
    """Yields the rows of one part table for an article, with `pmid` and `position` first."""
    pmid = article.pmid
    for position, values in enumerate(PARTS[table][1](article)):
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
INSERT_PART = {table: _insert(table, ["pmid", "position", *columns.split()]) for table, (columns, _) in PARTS.items()}
