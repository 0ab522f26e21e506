"""Reads what a citation needs from a store or a published file, in constant memory, in the order asked for."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from db.notices import gravest_mark, marked_title

_ARTICLES_A_READ = 200


@dataclass(frozen=True, slots=True)
class Name:
    """One author or editor line as PubMed parts it; a group has only `collective_name`."""

    last_name: str | None
    fore_name: str | None
    initials: str | None
    suffix: str | None
    collective_name: str | None
    orcid: str | None
    affiliation: str | None


@dataclass(frozen=True, slots=True)
class SectionText:
    """One part of an abstract with its label."""

    label: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A MeSH heading: term, starred or not, and its qualifiers with theirs."""

    term: str
    major: bool
    qualifiers: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A correction, retraction or comment that belongs to the article."""

    kind: str
    ref_pmid: int | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Details:
    """What only a full MEDLINE record shows: substances, grants, ids, dates of the record's history, other abstracts.

    `chemicals` are (registry number, name), `grants` (number, acronym, agency, country), `article_ids` (kind, value),
    `history` (status, ISO date), `keyword_owners` the owner of each keyword, `majors` whether it is starred,
    `other_abstracts` (type, language, text), `databanks` (bank, number), `supplementary` (name,) of each concept.
    """

    chemicals: tuple[tuple[str | None, str], ...] = ()
    grants: tuple[tuple[str | None, str | None, str | None, str | None], ...] = ()
    article_ids: tuple[tuple[str, str], ...] = ()
    history: tuple[tuple[str, str], ...] = ()
    keyword_owners: tuple[tuple[str | None, bool], ...] = ()
    other_abstracts: tuple[tuple[str | None, str | None, str], ...] = ()
    databanks: tuple[tuple[str, str], ...] = ()
    supplementary: tuple[tuple[str], ...] = ()
    investigators: tuple[Name, ...] = ()
    subjects: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class CitationRecord:
    """One article as the writers see it: `row` is its row of `articles` by column name, the rest its parts in order."""

    row: Mapping[str, Any]
    authors: tuple[Name, ...] = ()
    editors: tuple[Name, ...] = ()
    sections: tuple[SectionText, ...] = ()
    publication_types: tuple[str, ...] = ()
    mesh: tuple[Heading, ...] = ()
    keywords: tuple[str, ...] = ()
    notices: tuple[NoticeText, ...] = ()
    registry_numbers: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = field(default=())
    details: Details = field(default=Details())

    @property
    def pmid(self) -> int:
        """The PMID."""
        pmid: int = self.row["pmid"]
        return pmid

    @property
    def mark(self) -> str | None:
        """The gravest of `RETRACTED`, `PARTIALLY RETRACTED`, `EXPRESSION OF CONCERN`, `CORRECTED`, or None."""
        return gravest_mark((notice.kind for notice in self.notices), bool(self.row["retracted"]))

    @property
    def marked_title(self) -> str:
        """The title with the article's mark before it, unless PubMed's own title already says so."""
        return marked_title(self.row["title"], self.mark)


def read_records(
    connection: sqlite3.Connection, pmids: Sequence[int], detailed: bool = False
) -> Iterator[CitationRecord]:
    """Yields the records of these PMIDs in the given order, reading a few hundred at a time.

    `detailed` fills in what only a full MEDLINE record shows. A PMID that the file does not hold raises KeyError: read
    inside one transaction, so that nobody changes the articles meanwhile.
    """
    for start in range(0, len(pmids), _ARTICLES_A_READ):
        chunk = pmids[start : start + _ARTICLES_A_READ]
        parts = _DetailedParts(connection, chunk) if detailed else _Parts(connection, chunk)
        for pmid in chunk:
            yield parts.record(pmid)


class _Parts:
    """The rows of one chunk of articles, grouped by PMID."""

    def __init__(self, connection: sqlite3.Connection, pmids: Sequence[int]) -> None:
        self._connection = connection
        self._marks = ",".join("?" * len(pmids))
        self._pmids = list(pmids)
        cursor = connection.execute(f"SELECT * FROM articles WHERE pmid IN ({self._marks})", self._pmids)
        columns = [column[0] for column in cursor.description]
        self.rows = {row[columns.index("pmid")]: dict(zip(columns, row, strict=True)) for row in cursor}
        names = "last_name, fore_name, initials, suffix, collective_name, orcid, affiliation"
        self.authors = self._grouped(names, "authors")
        self.editors = self._grouped(names, "contributors", "role = 'editor'")
        self.sections = self._grouped('label, start, "end"', "sections")
        self.types = self._grouped("term", "publication_types")
        self.mesh = self._grouped("term, major, qualifiers", "mesh_headings")
        self.keywords = self._grouped("term", "keywords")
        self.notices = self._grouped("kind, ref_pmid, source", "notices")
        self.registries = self._grouped("registry, number", "registry_numbers")
        self.tags = self._tags()

    def _grouped(self, columns: str, table: str, condition: str = "1") -> dict[int, list[tuple[Any, ...]]]:
        sql = (
            f"SELECT pmid, {columns} FROM {table} WHERE pmid IN ({self._marks}) AND {condition} ORDER BY pmid, position"
        )
        return self._by_pmid(sql)

    def _tags(self) -> dict[int, list[tuple[Any, ...]]]:
        return self._by_pmid(
            "SELECT pmid, article_tags.kind, name FROM article_tags JOIN concepts ON concepts.id = concept_id "
            f"WHERE pmid IN ({self._marks}) AND direct ORDER BY pmid, article_tags.kind, concept_id"
        )

    def _by_pmid(self, sql: str) -> dict[int, list[tuple[Any, ...]]]:
        found: dict[int, list[tuple[Any, ...]]] = {}
        for pmid, *values in self._connection.execute(sql, self._pmids):
            found.setdefault(pmid, []).append(tuple(values))
        return found

    def record(self, pmid: int) -> CitationRecord:
        row = self.rows[pmid]
        abstract = row["abstract"] or ""
        return CitationRecord(
            row=row,
            authors=tuple(Name(*values) for values in self.authors.get(pmid, ())),
            editors=tuple(Name(*values) for values in self.editors.get(pmid, ())),
            sections=tuple(SectionText(label, abstract[a:b]) for label, a, b in self.sections.get(pmid, ())),
            publication_types=tuple(values[0] for values in self.types.get(pmid, ())),
            mesh=tuple(_heading(*values) for values in self.mesh.get(pmid, ())),
            keywords=tuple(values[0] for values in self.keywords.get(pmid, ())),
            notices=tuple(NoticeText(*values) for values in self.notices.get(pmid, ())),
            registry_numbers=tuple((r, n) for r, n in self.registries.get(pmid, ())),
            tags=tuple((kind, name) for kind, name in self.tags.get(pmid, ())),
            details=self.details(pmid),
        )

    def details(self, pmid: int) -> Details:  # noqa: ARG002
        """Returns nothing: most formats have no place for details."""
        return _NO_DETAILS


class _DetailedParts(_Parts):
    """The same with what a full MEDLINE record shows besides."""

    def __init__(self, connection: sqlite3.Connection, pmids: Sequence[int]) -> None:
        super().__init__(connection, pmids)
        names = "last_name, fore_name, initials, suffix, collective_name, orcid, affiliation"
        self._tables = {
            "chemicals": self._grouped("registry_number, term", "chemicals"),
            "grants": self._grouped("number, acronym, agency, country", "grants"),
            "article_ids": self._grouped("kind, value", "article_ids"),
            "history": self._grouped("status, date", "history_dates"),
            "keyword_owners": self._grouped("owner, major", "keywords"),
            "other_abstracts": self._grouped("type, language, text", "other_abstracts"),
            "databanks": self._grouped("registry, number", "registry_numbers", "found_in = 'databank'"),
            "supplementary": self._grouped("term", "supplementary_concepts"),
        }
        self._people = {
            "investigators": self._grouped(names, "contributors", "role = 'investigator'"),
            "subjects": self._grouped(names, "contributors", "role = 'subject'"),
        }

    def details(self, pmid: int) -> Details:
        """Returns the details of one article."""
        values: dict[str, Any] = {name: tuple(rows.get(pmid, ())) for name, rows in self._tables.items()}
        for role, rows in self._people.items():
            values[role] = tuple(Name(*row) for row in rows.get(pmid, ()))
        return Details(**values)


_NO_DETAILS = Details()


def _heading(term: str, major: int, qualifiers: str) -> Heading:
    parts = json.loads(qualifiers) if qualifiers != "[]" else []
    return Heading(term, bool(major), tuple((part["term"], bool(part["major"])) for part in parts))
