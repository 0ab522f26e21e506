"""Writes what the tagger found, with roll-up and people's decisions, and reads what is still to be tagged."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple
from typing import Any

from db.model import ArmResult, Concept, Finding, Mention, Section, TaggedArticle, TagInput
from db.store.decisions import BY_TIME
from db.store.records.changes import record_changes
from db.store.records.revisions import Change
from db.store.schema import TAG_TABLES, TAGGER_COLUMNS
from db.store.seals import seal
from db.store.store import Store

#: Row ids are PMID * this + position, so that the same tags get the same ids in whatever order they are written.
IDS_A_PMID = 100_000
_ARTICLES_A_READ = 200
_ASSERTIONS = ("affirmed", "hedged", "negated")


class _Tree:
    """The concepts' kinds and parents, read once a call."""

    def __init__(self, store: Store) -> None:
        rows = store.db.execute("SELECT id, kind, parent_id FROM concepts").fetchall()
        self.kinds: dict[str, str] = {row[0]: row[1] for row in rows}
        self.parents: dict[str, str | None] = {row[0]: row[2] for row in rows}


def save_concepts(store: Store, concepts: Sequence[Concept]) -> None:
    """Writes the vocabulary, parents before children; concepts that left it stay until no tag names them."""
    parents = {concept.id: concept.parent_id for concept in concepts}
    depths = {concept.id: sum(1 for _ in _line(concept.id, parents)) for concept in concepts}
    places = {concept.id: place for place, concept in enumerate(concepts)}
    parents_first = sorted(concepts, key=lambda concept: (depths[concept.id], places[concept.id]))
    store.db.conn.executemany(
        "INSERT INTO concepts (id, kind, name, parent_id, mesh_ui, synonyms, note, polarity, depth, position) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, "
        "parent_id = excluded.parent_id, mesh_ui = excluded.mesh_ui, synonyms = excluded.synonyms, "
        "note = excluded.note, polarity = excluded.polarity, depth = excluded.depth, position = excluded.position",
        [
            (
                concept.id,
                concept.kind,
                concept.name,
                concept.parent_id,
                concept.mesh_ui,
                json.dumps(concept.synonyms, ensure_ascii=False),
                concept.note,
                concept.polarity,
                depths[concept.id],
                places[concept.id],
            )
            for concept in parents_first
        ],
    )


def drop_unused_concepts(store: Store, concepts: Iterable[Concept]) -> None:
    """Removes concepts that are no longer in the vocabulary and that no tag names any more."""
    kept = {concept.id for concept in concepts}
    gone = [row[0] for row in store.db.execute("SELECT id FROM concepts ORDER BY depth DESC") if row[0] not in kept]
    store.db.conn.executemany(
        "DELETE FROM concepts WHERE id = :id AND NOT EXISTS (SELECT 1 FROM mentions WHERE concept_id = :id) "
        "AND NOT EXISTS (SELECT 1 FROM article_tags WHERE concept_id = :id) "
        "AND NOT EXISTS (SELECT 1 FROM findings WHERE subject_id = :id OR outcome_id = :id OR comparator_id = :id) "
        "AND NOT EXISTS (SELECT 1 FROM results WHERE concept_id = :id OR outcome_id = :id) "
        "AND NOT EXISTS (SELECT 1 FROM concepts AS child WHERE child.parent_id = :id)",
        [{"id": concept_id} for concept_id in gone],
    )


def count_untagged(store: Store, tagger: str) -> int:
    """Returns how many articles were not tagged by this tagger version in their present form."""
    count: int = store.db.execute("SELECT count(*) FROM articles WHERE tagger IS NOT ?", [tagger]).fetchone()[0]
    return count


def untagged(store: Store, tagger: str, everything: bool = False, first: int = 0) -> Iterator[TagInput]:
    """Yields the articles to tag from PMID `first` on, in order: those this tagger has not seen, or all of them."""
    last = first - 1
    condition = "1" if everything else "tagger IS NOT :tagger"
    while True:
        rows = store.db.execute(
            f"SELECT pmid, title, abstract, text_hash FROM articles WHERE pmid > :last AND {condition} "
            f"ORDER BY pmid LIMIT {_ARTICLES_A_READ}",
            {"last": last, "tagger": tagger},
        ).fetchall()
        if not rows:
            return
        pmids = [row[0] for row in rows]
        sections = _grouped(store, 'label, category, start, "end"', "sections", pmids)
        types = _grouped(store, "term", "publication_types", pmids)
        mesh = _grouped(store, "term", "mesh_headings", pmids)
        keywords = _grouped(store, "term", "keywords", pmids)
        for pmid, title, abstract, text_hash in rows:
            yield TagInput(
                pmid=pmid,
                title=title,
                abstract=abstract,
                sections=tuple(Section(*values) for values in sections.get(pmid, ())),
                publication_types=tuple(values[0] for values in types.get(pmid, ())),
                mesh_terms=tuple(values[0] for values in mesh.get(pmid, ())),
                keywords=tuple(values[0] for values in keywords.get(pmid, ())),
                text_hash=text_hash,
            )
        last = pmids[-1]


def save_tags(store: Store, run_id: int, tagged: Iterable[TaggedArticle], at: str) -> list[Change]:
    """Replaces the tags of each article; people's decisions win over the tagger.

    Returns the `retagged` changes: articles that had tags before and now have others. A result for a text that has
    changed meanwhile is left out; the article stays to be tagged.
    """
    tree = _Tree(store)
    changes: list[Change] = []
    for article in tagged:
        row = store.db.execute("SELECT text_hash, tagger FROM articles WHERE pmid = ?", [article.pmid]).fetchone()
        if row is None or row[0] != article.text_hash:
            continue
        before = _direct_tags(store, article.pmid)
        had_tags = row[1] is not None or bool(before)
        _replace(store, article, tree)
        after = _direct_tags(store, article.pmid)
        if had_tags and before != after:
            detail = {"gained": sorted(after - before), "lost": sorted(before - after)}
            changes.append(Change(article.pmid, "retagged", detail))
    return record_changes(store, run_id, changes, at)


def _replace(store: Store, article: TaggedArticle, tree: "_Tree") -> None:
    conn = store.db.conn
    pmid = article.pmid
    verdicts = dict(
        conn.execute(
            f"SELECT concept_id, verdict FROM decisions WHERE pmid = ? AND concept_id IS NOT NULL ORDER BY {BY_TIME}",
            [pmid],
        )
    )
    rejected = {concept for concept, verdict in verdicts.items() if verdict == "reject"}
    mentions = [m for m in article.mentions if m.concept_id not in rejected]
    findings = [f for f in article.findings if not {f.subject_id, f.outcome_id, f.comparator_id} & rejected]
    for table in TAG_TABLES:
        conn.execute(f"DELETE FROM {table} WHERE pmid = ?", [pmid])
    conn.executemany(_INSERT_MENTION, (_mention_row(article, n, m) for n, m in enumerate(mentions)))
    conn.executemany(_INSERT_FINDING, (_finding_row(article, n, f) for n, f in enumerate(findings)))
    results = [r for r in article.results if r.concept_id not in rejected and r.outcome_id not in rejected]
    conn.executemany(_INSERT_RESULT, (_result_row(article, n, r) for n, r in enumerate(results)))
    conn.executemany(_INSERT_TAG, _tag_rows(pmid, mentions, verdicts, tree))
    facts = {**asdict(article.facts), "abstained": article.abstained, "tagger": article.tagger}
    conn.execute(_SET_FACTS, [*(facts[column] for column in TAGGER_COLUMNS), pmid])
    seal(conn, "tags", pmid)


_SET_FACTS = f"UPDATE articles SET {', '.join(f'{column} = ?' for column in TAGGER_COLUMNS)} WHERE pmid = ?"
_INSERT_MENTION = (
    'INSERT INTO mentions (id, pmid, field, start, "end", text, kind, concept_id, sentence_start, sentence_end, '
    "section, assertion, cue, source, confidence, tagger) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_FINDING = (
    "INSERT INTO findings (id, pmid, kind, subject_id, subject_text, comparator_text, outcome_id, outcome_text, "
    "direction, measure, value, ci_low, ci_high, p_value, adjusted, field, sentence_start, sentence_end, section, "
    "cue, comparator_id, comparator_class, effect, conflict, tagger) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_RESULT = (
    "INSERT INTO results (id, pmid, arm_text, concept_id, outcome_id, outcome_text, events, total, percent, mean, sd, "
    "unit, time, field, sentence_start, sentence_end, section, tagger) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_TAG = (
    "INSERT INTO article_tags (pmid, concept_id, kind, direct, mentions, assertion, decided) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def _mention_row(article: TaggedArticle, number: int, m: Mention) -> tuple[Any, ...]:
    return (
        article.pmid * IDS_A_PMID + number,
        article.pmid,
        m.field,
        m.start,
        m.end,
        m.text,
        m.kind,
        m.concept_id,
        m.sentence_start,
        m.sentence_end,
        m.section,
        m.assertion,
        m.cue,
        m.source,
        m.confidence,
        article.tagger,
    )


def _finding_row(article: TaggedArticle, number: int, f: Finding) -> tuple[Any, ...]:
    e = f.estimate
    return (
        article.pmid * IDS_A_PMID + number,
        article.pmid,
        f.kind,
        f.subject_id,
        f.subject_text,
        f.comparator_text,
        f.outcome_id,
        f.outcome_text,
        f.direction,
        e.measure,
        e.value,
        e.ci_low,
        e.ci_high,
        e.p_value,
        None if e.adjusted is None else int(e.adjusted),
        f.field,
        f.sentence_start,
        f.sentence_end,
        f.section,
        f.cue,
        f.comparator_id,
        f.comparator_class,
        f.effect,
        f.conflict,
        article.tagger,
    )


def _result_row(article: TaggedArticle, number: int, r: ArmResult) -> tuple[Any, ...]:
    return (article.pmid * IDS_A_PMID + number, article.pmid, *astuple(r), article.tagger)


def _tag_rows(
    pmid: int, mentions: Iterable[Mention], verdicts: Mapping[str, str], tree: "_Tree"
) -> Iterator[tuple[Any, ...]]:
    """Yields the tag rows of one article: its own concepts, then every ancestor of theirs, each once."""
    counts: Counter[str] = Counter()
    assertions: dict[str, str] = {}
    for mention in mentions:
        if mention.concept_id is not None:
            counts[mention.concept_id] += 1
            assertions[mention.concept_id] = _stronger(assertions.get(mention.concept_id), mention.assertion)
    for concept, verdict in verdicts.items():
        if verdict in ("accept", "add") and concept in tree.kinds:
            counts[concept] += 0
            assertions[concept] = "affirmed"
    direct = set(counts)
    for concept in sorted(direct):
        for ancestor in _line(concept, tree.parents):
            if ancestor not in direct and verdicts.get(ancestor) != "reject":
                counts[ancestor] += counts[concept]
                assertions[ancestor] = _stronger(assertions.get(ancestor), assertions[concept])
    for concept in sorted(counts):
        decision = verdicts.get(concept)
        decided = decision if decision in ("accept", "add") else None
        yield (
            pmid,
            concept,
            tree.kinds[concept],
            int(concept in direct),
            counts[concept],
            assertions[concept],
            decided,
        )


def _stronger(first: str | None, second: str) -> str:
    return second if first is None else min(first, second, key=_ASSERTIONS.index)


def _line(concept: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    parent = parents.get(concept)
    while parent is not None:
        yield parent
        parent = parents.get(parent)


def _direct_tags(store: Store, pmid: int) -> set[str]:
    rows = store.db.execute("SELECT concept_id FROM article_tags WHERE pmid = ? AND direct", [pmid])
    return {row[0] for row in rows}


def _grouped(store: Store, columns: str, table: str, pmids: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
    marks = ",".join("?" * len(pmids))
    found: dict[int, list[tuple[Any, ...]]] = {}
    sql = f"SELECT pmid, {columns} FROM {table} WHERE pmid IN ({marks}) ORDER BY pmid, position"
    for pmid, *values in store.db.execute(sql, list(pmids)):
        found.setdefault(pmid, []).append(tuple(values))
    return found
