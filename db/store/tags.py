"""Writes what the tagger found, with roll-up and people's decisions, and reads what is still to be tagged."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from db.sections import Section
from db.store.people.decided import Known, apply_decisions
from db.store.people.readings import Reading, keep_reading, kept_reading, read_texts, reading_as_stored
from db.store.people.verdicts import decisions_in_force
from db.store.records.changes import record_changes
from db.store.records.revisions import Change
from db.store.schema import TAGGER_COLUMNS
from db.store.seals import seal
from db.store.store import Store
from db.store.tag_rows import line_of, write_tag_rows
from db.tagged import Concept, TaggedArticle, TagInput

_ARTICLES_A_READ = 200
_DECIDED_ON = "SELECT 1 FROM decisions WHERE pmid = ? AND (concept_id IS NOT NULL OR target IS NOT NULL) LIMIT 1"


def known_concepts(store: Store) -> dict[str, Known]:
    """Returns what the vocabulary of the store says of each concept."""
    rows = store.db.execute("SELECT id, kind, parent_id, polarity FROM concepts").fetchall()
    return {concept: Known(*told) for concept, *told in rows}


def save_concepts(store: Store, concepts: Sequence[Concept]) -> None:
    """Writes the vocabulary, parents before children; concepts that left it stay until no tag names them."""
    parents = {concept.id: concept.parent_id for concept in concepts}
    depths = {concept.id: sum(1 for _ in line_of(concept.id, parents)) for concept in concepts}
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

    Returns the `retagged` changes: articles that had tags before and now have others, or other findings. A result
    for a text that has changed meanwhile is left out; the article stays to be tagged.
    """
    known = known_concepts(store)
    changes: list[Change] = []
    for article in tagged:
        row = store.db.execute("SELECT text_hash, tagger FROM articles WHERE pmid = ?", [article.pmid]).fetchone()
        if row is None or row[0] != article.text_hash:
            continue
        before = _said(store, article.pmid)
        had_tags = row[1] is not None or bool(before.tags)
        _replace(store, article, known)
        after = _said(store, article.pmid)
        change = _retagged(article.pmid, before, after)
        if had_tags and change:
            changes.append(change)
    return record_changes(store, run_id, changes, at)


def _replace(store: Store, article: TaggedArticle, known: Mapping[str, Known]) -> None:
    conn = store.db.conn
    pmid = article.pmid
    reading = Reading(article.mentions, article.findings, article.results)
    decided = store.db.execute(_DECIDED_ON, [pmid]).fetchone() is not None
    if decided:
        keep_reading(conn, pmid, article.text_hash, reading)
    standing = decisions_in_force(store, pmid) if decided else []
    made = apply_decisions(reading, standing, read_texts(conn, pmid), known)
    write_tag_rows(conn, pmid, article.tagger, made, known)
    facts = {**asdict(article.facts), "abstained": article.abstained, "tagger": article.tagger}
    conn.execute(_SET_FACTS, [*(facts[column] for column in TAGGER_COLUMNS), pmid])
    seal(conn, "tags", pmid)


def keep_tagger_reading(store: Store, pmid: int) -> None:
    """Keeps what the tagger said of an article before the first decision on it is applied; the caller's transaction."""
    if store.db.execute(_DECIDED_ON, [pmid]).fetchone() is not None:
        return
    tagger, text_hash = store.db.execute("SELECT tagger, text_hash FROM articles WHERE pmid = ?", [pmid]).fetchone()
    if tagger is not None:
        keep_reading(store.db.conn, pmid, text_hash, reading_as_stored(store.db.conn, pmid))


def apply_people(store: Store, pmid: int) -> Change | None:
    """Applies the decisions in force on an article to its stored tags; returns the change where its tags are others.

    Where the article waits to be tagged, or what the tagger said of it is not kept, the next `tag` applies them.
    """
    tagger = store.db.execute("SELECT tagger FROM articles WHERE pmid = ?", [pmid]).fetchone()[0]
    reading = kept_reading(store, pmid)
    if tagger is None or reading is None:
        store.db.execute("UPDATE articles SET tagger = NULL WHERE pmid = ?", [pmid])
        return None
    conn = store.db.conn
    known = known_concepts(store)
    before = _said(store, pmid)
    made = apply_decisions(reading, decisions_in_force(store, pmid), read_texts(conn, pmid), known)
    write_tag_rows(conn, pmid, tagger, made, known)
    seal(conn, "tags", pmid)
    return _retagged(pmid, before, _said(store, pmid))


class _Said(NamedTuple):
    """What an article's tags and findings say: its own concepts, and findings as the ledger keeps them.

    A finding is its kind, subject, outcome, class of comparator, what it means (a risk factor: its direction), and
    which of its signs disagree.
    """

    tags: frozenset[str]
    effects: frozenset[tuple[str | None, ...]]


def _retagged(pmid: int, before: _Said, after: _Said) -> Change | None:
    if before == after:
        return None
    detail: dict[str, Any] = {
        "gained": sorted(after.tags - before.tags),
        "lost": sorted(before.tags - after.tags),
    }
    if before.effects != after.effects:
        gained, lost = after.effects - before.effects, before.effects - after.effects
        detail["effects"] = {"gained": sorted(gained, key=repr), "lost": sorted(lost, key=repr)}
    return Change(pmid, "retagged", detail)


_SET_FACTS = f"UPDATE articles SET {', '.join(f'{column} = ?' for column in TAGGER_COLUMNS)} WHERE pmid = ?"


def _said(store: Store, pmid: int) -> _Said:
    tags = store.db.execute("SELECT concept_id FROM article_tags WHERE pmid = ? AND direct", [pmid])
    effects = (
        "SELECT kind, coalesce(subject_id, subject_text), coalesce(outcome_id, outcome_text), comparator_class, "
        "CASE kind WHEN 'risk' THEN direction ELSE effect END, conflict FROM findings WHERE pmid = ?"
    )
    return _Said(frozenset(row[0] for row in tags), frozenset(store.db.execute(effects, [pmid]).fetchall()))


def _grouped(store: Store, columns: str, table: str, pmids: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
    marks = ",".join("?" * len(pmids))
    found: dict[int, list[tuple[Any, ...]]] = {}
    sql = f"SELECT pmid, {columns} FROM {table} WHERE pmid IN ({marks}) ORDER BY pmid, position"
    for pmid, *values in store.db.execute(sql, list(pmids)):
        found.setdefault(pmid, []).append(tuple(values))
    return found
