"""Named reads that pages, feeds and exports share: plain rows in, dataclasses out, no HTML."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.preprints import PREPRINTS_SQL
from db.select.clause import narrower_sql
from db.select.filter import ArticleFilter
from db.select.search.search import terms
from db.select.sought import COMPARATOR_SQL, EFFECT_SQL
from db.sql import dict_rows

#: A finding's place in a list of one article's findings: those with an estimate from the results first.
_STRONGEST = "value IS NULL, ci_low IS NULL, section IS NOT 'RESULTS', direction = 'unclear', sentence_start, id"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the file stands: articles shown by default, all held, PubMed's count, the last run that filled it.

    `checked_at` is when that run ended; only where `run_kind` is "harvest" was PubMed itself asked then.
    """

    articles: int
    held: int
    pubmed_count: int | None
    checked_at: str | None
    run_id: int | None
    run_kind: str | None
    published_at: str | None
    sample: bool


@dataclass(frozen=True, slots=True)
class Tag:
    """A concept that an article is tagged with; `assertion` is the strongest of its mentions."""

    concept_id: str
    kind: str
    name: str
    mesh_ui: str | None
    mentions: int
    assertion: str
    decided: str | None


@dataclass(frozen=True, slots=True)
class ConceptLine:
    """A concept in the order of the vocabulary, parents before children."""

    id: str
    kind: str
    name: str
    parent_id: str | None
    depth: int


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """What a row of a list shows.

    `sentence` is that of the finding shown; where no finding says what was asked for, `snippet` is the sentence that
    names it (field, start, text). `tags` begin with what was asked for.
    """

    row: Mapping[str, Any]
    tags: tuple[Tag, ...]
    finding: Mapping[str, Any] | None
    sentence: str | None
    snippet: tuple[str, int, str] | None = None


def standing(conn: sqlite3.Connection) -> Standing:
    """Returns how the file stands."""
    where, params = ArticleFilter().where()
    articles = conn.execute(f"SELECT count(*) FROM articles WHERE {where}", params).fetchone()[0]
    held = conn.execute("SELECT count(*) FROM articles WHERE source = 'pubmed'").fetchone()[0]
    run = conn.execute(
        "SELECT id, pubmed_count, coalesce(finished_at, started_at), kind FROM runs "
        "WHERE kind IN ('harvest', 'import') AND status IN ('done', 'partial') ORDER BY id DESC LIMIT 1"
    ).fetchone() or (None, None, None, None)
    properties = dict(conn.execute("SELECT name, value FROM properties"))
    return Standing(
        articles, held, run[1], run[2], run[0], run[3], properties.get("published_at"), properties.get("sample") == "1"
    )


def concept_lines(conn: sqlite3.Connection) -> list[ConceptLine]:
    """Returns all concepts in the order of the vocabulary."""
    rows = conn.execute("SELECT id, kind, name, parent_id, depth FROM concepts ORDER BY kind, position")
    return [ConceptLine(*row) for row in rows]


def article(conn: sqlite3.Connection, pmid: int) -> dict[str, Any] | None:
    """Returns all columns of one article by name, or None."""
    return next(dict_rows(conn.execute("SELECT * FROM articles WHERE pmid = ?", [pmid])), None)


def notices(conn: sqlite3.Connection, pmid: int) -> list[dict[str, Any]]:
    """Returns what PubMed and the other services say of an article in order, each with who said it and when first."""
    return list(dict_rows(conn.execute("SELECT * FROM notices WHERE pmid = ? ORDER BY position", [pmid])))


def mentions(conn: sqlite3.Connection, pmid: int) -> list[dict[str, Any]]:
    """Returns an article's mentions with the name and MeSH UI of their concepts, in order of place."""
    return list(
        dict_rows(
            conn.execute(
                "SELECT mentions.*, concepts.name AS concept, concepts.mesh_ui FROM mentions "
                "LEFT JOIN concepts ON concepts.id = concept_id WHERE pmid = ? "
                'ORDER BY field DESC, start, "end" DESC, id',
                [pmid],
            )
        )
    )


def decisions(conn: sqlite3.Connection, pmid: int) -> list[dict[str, Any]]:
    """Returns people's decisions in force on an article's tags and findings, the newest first."""
    return list(
        dict_rows(
            conn.execute(
                'SELECT * FROM verdicts WHERE pmid = ? ORDER BY "when" DESC, target',
                [pmid],
            )
        )
    )


def findings(conn: sqlite3.Connection, pmids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Returns the findings of each article, the strongest first, with the names of their concepts."""
    rows = dict_rows(
        conn.execute(
            f"SELECT findings.*, {EFFECT_SQL} AS means, {COMPARATOR_SQL} AS against, subject.name AS subject, "
            "subject.kind AS subject_kind, outcome.name AS outcome, comparator.name AS comparator "
            "FROM findings LEFT JOIN concepts AS subject ON subject.id = subject_id "
            "LEFT JOIN concepts AS outcome ON outcome.id = outcome_id "
            "LEFT JOIN concepts AS comparator ON comparator.id = comparator_id "
            f"WHERE pmid IN (SELECT value FROM json_each(?)) ORDER BY pmid, {_STRONGEST}",
            [json.dumps(list(pmids))],
        )
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["pmid"], []).append(row)
    return found


def tags(conn: sqlite3.Connection, pmids: Sequence[int], direct: bool = True) -> dict[int, list[Tag]]:
    """Returns the concepts that each article is tagged with, in the order of the vocabulary.

    `direct` leaves out what is only implied by a narrower concept.
    """
    rows = conn.execute(
        "SELECT pmid, concept_id, article_tags.kind, name, mesh_ui, mentions, assertion, decided FROM article_tags "
        "JOIN concepts ON concepts.id = concept_id WHERE pmid IN (SELECT value FROM json_each(?)) AND direct >= ? "
        "ORDER BY pmid, position",
        [json.dumps(list(pmids)), int(direct)],
    )
    found: dict[int, list[Tag]] = {}
    for pmid, *values in rows:
        found.setdefault(pmid, []).append(Tag(*values))
    return found


_LISTED = (
    "pmid, title, abstract, authors, first_author, journal, iso_abbreviation, book_title, year, publication_date, "
    "volume, issue, pages, issn, study_design, sample_size, species, evidence_level, retracted, vanished, doi, pmcid, "
    "language, cites_retracted, "
    f"pmid IN ({PREPRINTS_SQL}) AS preprint, "
    "(SELECT citation_count FROM citations WHERE citations.pmid = articles.pmid) AS citation_count, "
    "(SELECT group_concat(kind, ' ') FROM notices WHERE notices.pmid = articles.pmid) AS notice_kinds, "
    "(SELECT url FROM links WHERE links.pmid = articles.pmid) AS free_text"
)


def listed_articles(
    conn: sqlite3.Connection, pmids: Sequence[int], chosen: ArticleFilter | None = None
) -> list[ListedArticle]:
    """Returns what the rows of a list show, in the order of the PMIDs.

    The finding of an article is its strongest one of those that say most of the concepts that `chosen` asks for.
    """
    wanted = _asked_for(conn, chosen) if chosen else frozenset()
    asked = json.dumps(list(pmids))
    rows = dict_rows(
        conn.execute(f"SELECT {_LISTED} FROM articles WHERE pmid IN (SELECT value FROM json_each(?))", [asked])
    )
    by_pmid = {row["pmid"]: row for row in rows}
    all_tags, all_findings = tags(conn, pmids), findings(conn, pmids)
    named = _naming_sentences(conn, pmids, wanted) if wanted else {}
    listed = []
    for pmid in pmids:
        row = by_pmid[pmid]
        mine = all_findings.get(pmid, [])
        # of equals the first: they come strongest first
        shown = max(mine, key=lambda f: (f["subject_id"] in wanted) * 2 + (f["outcome_id"] in wanted), default=None)
        if shown and wanted and named.get(pmid) and not {shown["subject_id"], shown["outcome_id"]} & wanted:
            shown = None
        snippet = None
        if shown is None and pmid in named:
            field, start, end = named[pmid]
            snippet = field, start, (row[field] or "")[start:end]
        own = sorted(all_tags.get(pmid, ()), key=lambda tag: tag.concept_id not in wanted)
        sentence = sentence_of(row, shown) if shown else None
        listed.append(ListedArticle(row, tuple(own), shown, sentence, snippet))
    return listed


def _naming_sentences(
    conn: sqlite3.Connection, pmids: Sequence[int], wanted: frozenset[str]
) -> dict[int, tuple[str, int, int]]:
    """Returns for each article the first sentence that names a concept, in the results if there is one."""
    rows = conn.execute(
        "SELECT pmid, field, sentence_start, sentence_end FROM mentions WHERE pmid IN (SELECT value FROM json_each(?)) "
        "AND concept_id IN (SELECT value FROM json_each(?)) "
        "ORDER BY pmid, field = 'title', section IS NOT 'RESULTS', section IS NOT 'CONCLUSIONS', sentence_start",
        [json.dumps(list(pmids)), json.dumps(sorted(wanted))],
    )
    found: dict[int, tuple[str, int, int]] = {}
    for pmid, field, start, end in rows:
        found.setdefault(pmid, (field, start, end))
    return found


def _asked_for(conn: sqlite3.Connection, chosen: ArticleFilter) -> frozenset[str]:
    """The concepts that a filter or its search wants, with all that is narrower."""
    left_out = {choice.value for choice in chosen.none_of}
    searched = [concept for node in chosen.search.required for term in terms(node) for concept in term.concepts]
    found: set[str] = set()
    for concept in dict.fromkeys((*chosen.concept_ids(), *searched)):
        if concept not in left_out:
            found.update(identifier for (identifier,) in conn.execute(narrower_sql(":concept"), {"concept": concept}))
    return frozenset(found)


def sentence_of(article_row: Mapping[str, Any], finding: Mapping[str, Any]) -> str:
    """Returns the sentence that a finding or mention stands in."""
    text: str = article_row[finding["field"]] or ""
    return text[finding["sentence_start"] : finding["sentence_end"]]


def titles(conn: sqlite3.Connection, pmids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Returns `pmid`, `title`, `year`, `study_design` and `retracted` of articles, by PMID."""
    sql = (
        "SELECT pmid, title, year, study_design, retracted FROM articles WHERE pmid IN (SELECT value FROM json_each(?))"
    )
    return {row["pmid"]: row for row in dict_rows(conn.execute(sql, [json.dumps(list(pmids))]))}
