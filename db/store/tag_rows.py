"""The rows of one article's tags: mentions, tags with their ancestors, findings, results."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from typing import Any

from db.store.people.decided import Applied, Known
from db.store.schema import TAG_TABLES
from db.tagged import ArmResult, Finding, Mention

#: Row ids are PMID * this + position, so that the same tags get the same ids in whatever order they are written.
IDS_A_PMID = 100_000
#: Verdicts that a tag or finding may carry.
DECIDED = ("accept", "add", "correct")
_ASSERTIONS = ("affirmed", "hedged", "negated")


def write_tag_rows(conn: sqlite3.Connection, pmid: int, tagger: str, made: Applied, known: Mapping[str, Known]) -> None:
    """Replaces the rows of an article's tags; `tagger` is the version that read it."""
    for table in TAG_TABLES:
        conn.execute(f"DELETE FROM {table} WHERE pmid = ?", [pmid])
    conn.executemany(_INSERT_MENTION, (_mention_row(pmid, tagger, n, m) for n, m in made.mentions))
    conn.executemany(_INSERT_FINDING, (_finding_row(pmid, tagger, n, f, decided) for n, f, decided in made.findings))
    conn.executemany(_INSERT_RESULT, (_result_row(pmid, tagger, n, r) for n, r in made.results))
    mentions = [mention for _, mention in made.mentions]
    conn.executemany(_INSERT_TAG, _tag_rows(pmid, mentions, made.verdicts, known))


_INSERT_MENTION = (
    'INSERT INTO mentions (id, pmid, field, start, "end", text, kind, concept_id, sentence_start, sentence_end, '
    "section, assertion, cue, source, confidence, tagger) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_FINDING = (
    "INSERT INTO findings (id, pmid, kind, subject_id, subject_text, comparator_text, outcome_id, outcome_text, "
    "direction, measure, value, ci_low, ci_high, p_value, adjusted, field, sentence_start, sentence_end, section, "
    "cue, comparator_id, comparator_class, effect, conflict, decided, tagger) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
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


def _mention_row(pmid: int, tagger: str, number: int, m: Mention) -> tuple[Any, ...]:
    return (
        pmid * IDS_A_PMID + number,
        pmid,
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
        tagger,
    )


def _finding_row(pmid: int, tagger: str, number: int, f: Finding, decided: str | None) -> tuple[Any, ...]:
    e = f.estimate
    return (
        pmid * IDS_A_PMID + number,
        pmid,
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
        decided,
        tagger,
    )


def _result_row(pmid: int, tagger: str, number: int, r: ArmResult) -> tuple[Any, ...]:
    return (pmid * IDS_A_PMID + number, pmid, *astuple(r), tagger)


def _tag_rows(
    pmid: int, mentions: Iterable[Mention], verdicts: Mapping[str, str], known: Mapping[str, Known]
) -> Iterator[tuple[Any, ...]]:
    """Yields the tag rows of one article: its own concepts, then every ancestor of theirs, each once."""
    counts: Counter[str] = Counter()
    assertions: dict[str, str] = {}
    for mention in mentions:
        if mention.concept_id is not None:
            counts[mention.concept_id] += 1
            assertions[mention.concept_id] = _stronger(assertions.get(mention.concept_id), mention.assertion)
    for concept, verdict in verdicts.items():
        if verdict in DECIDED and concept in known:
            counts[concept] += 0
            assertions.setdefault(concept, "affirmed")  # where the text denies it, accepting the tag does not affirm it
    direct = set(counts)
    parents = {concept: one.parent for concept, one in known.items()}
    for concept in sorted(direct):
        for ancestor in line_of(concept, parents):
            if ancestor not in direct and verdicts.get(ancestor) != "reject":
                counts[ancestor] += counts[concept]
                assertions[ancestor] = _stronger(assertions.get(ancestor), assertions[concept])
    for concept in sorted(counts):
        decision = verdicts.get(concept)
        decided = decision if decision in DECIDED else None
        yield (
            pmid,
            concept,
            known[concept].kind,
            int(concept in direct),
            counts[concept],
            assertions[concept],
            decided,
        )


def _stronger(first: str | None, second: str) -> str:
    return second if first is None else min(first, second, key=_ASSERTIONS.index)


def line_of(concept: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    """Yields the ancestors of a concept, the nearest first."""
    parent = parents.get(concept)
    while parent is not None:
        yield parent
        parent = parents.get(parent)
