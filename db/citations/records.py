"""What a citation needs of an article: the article itself, what the tagger says of it, and its mark."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from db.model import Article, Book
from db.notices import gravest_mark, marked_title
from db.sql import placeholders
from db.store.records.articles import read_articles

_ARTICLES_A_READ = 200
_NO_BOOK = Book(None, None, None, None, (), (), None)

#: Parts of an article that every format needs, and those of a full MEDLINE record.
COMMON_PARTS = frozenset(
    "authors contributors sections publication_types mesh_headings keywords notices registry_numbers".split()
)
MEDLINE_PARTS = COMMON_PARTS | frozenset(
    "chemicals grants article_ids history_dates other_abstracts supplementary_concepts".split()
)


@dataclass(frozen=True, slots=True)
class CitationRecord:
    """One article as the writers see it: `tags` are (kind, name) of its concepts, the facts are the tagger's.

    `full_text` is the address of its free full text, where one is known.
    """

    article: Article
    retracted: bool = False
    study_design: str | None = None
    evidence_level: str | None = None
    sample_size: int | None = None
    species: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    full_text: str | None = None

    @property
    def pmid(self) -> int:
        """The PMID."""
        return self.article.pmid

    @property
    def book(self) -> Book:
        """The book that a chapter stands in, or an empty one."""
        return self.article.book or _NO_BOOK

    @property
    def is_book(self) -> bool:
        """Whether the record is a book or a chapter of one."""
        return self.article.book is not None

    @property
    def mark(self) -> str | None:
        """The gravest of `RETRACTED`, `PARTIALLY RETRACTED`, `EXPRESSION OF CONCERN`, `CORRECTED`, or None."""
        return gravest_mark((notice.kind for notice in self.article.notices), self.retracted)

    @property
    def marked_title(self) -> str:
        """The title with the article's mark before it, unless PubMed's own title already says so."""
        return marked_title(self.article.title, self.mark)


def read_records(
    connection: sqlite3.Connection, pmids: Sequence[int], parts: frozenset[str] = COMMON_PARTS
) -> Iterator[CitationRecord]:
    """Yields the records of these PMIDs in the given order, reading a few hundred at a time.

    `parts` names the parts of the articles that are read. A PMID that the file does not hold raises KeyError: read
    inside one transaction, so that nobody changes the articles meanwhile.
    """
    for start in range(0, len(pmids), _ARTICLES_A_READ):
        chunk = pmids[start : start + _ARTICLES_A_READ]
        marks = placeholders(chunk)
        facts = {
            pmid: values
            for pmid, *values in connection.execute(
                "SELECT pmid, retracted, study_design, evidence_level, sample_size, species, "
                "(SELECT url FROM links WHERE links.pmid = articles.pmid) FROM articles "
                f"WHERE pmid IN ({marks})",
                list(chunk),
            )
        }
        tags: dict[int, list[tuple[str, str]]] = {}
        for pmid, kind, name in connection.execute(
            "SELECT pmid, article_tags.kind, name FROM article_tags JOIN concepts ON concepts.id = concept_id "
            f"WHERE pmid IN ({marks}) AND direct ORDER BY pmid, article_tags.kind, concept_id",
            list(chunk),
        ):
            tags.setdefault(pmid, []).append((kind, name))
        for article in read_articles(connection, chunk, parts):
            retracted, *study = facts[article.pmid]
            design, level, size, species, link = study
            named = tuple(tags.get(article.pmid, ()))
            yield CitationRecord(article, bool(retracted), design, level, size, species, named, link)
