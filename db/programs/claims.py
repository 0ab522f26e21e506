"""Search, article, concept card and answer as plain objects, each claim with its PMID, sentence and offsets.

A claim is one finding as an abstract states it. `field`, `start` and `end` are the place of its sentence in the title
or abstract (characters, end exclusive), so that whoever repeats a claim can check and cite it. Nothing here is pooled
or graded; where the words and figures of a sentence disagree the claim says so in `conflict`.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from db.errors import TrackerError
from db.evidence import articles
from db.evidence.concepts import read_page
from db.evidence.effects.balance import ClassBalance
from db.evidence.effects.cards import Card, OutcomeCard, read_cards
from db.evidence.effects.estimates import ReportedEstimate
from db.evidence.effects.findings import read_findings
from db.evidence.effects.findings_table import Tally
from db.evidence.index.article_index import ARTICLE_INDEX
from db.evidence.services.trials import trials_under_way
from db.evidence.similar import similar_articles
from db.notices import NOTICES
from db.select.addresses.resolve import resolve_concept, resolve_filter
from db.select.filter import ArticleFilter
from db.select.sought import SOUGHT_EFFECTS
from db.select.words import describe
from db.topics import current

MOST_ROWS = 50
_TRIAL = ("nct_id", "title", "status", "phase", "enrollment", "start_date", "completion_date", "last_update")
_CLAIM = (
    "kind", "subject_id", "subject_text", "comparator_text", "comparator_class", "outcome_id", "outcome_text",
    "direction", "effect", "conflict", "measure", "value", "ci_low", "ci_high", "p_value", "adjusted",
)  # fmt: skip
_FACTS = (
    "pmid", "title", "authors", "journal", "year", "study_design", "sample_size", "species", "evidence_level", "doi",
    "pmcid", "language",
)  # fmt: skip


class NotHeldError(TrackerError):
    """An article that the published file does not hold."""


def search(conn: sqlite3.Connection, filters: Iterable[tuple[str, str]], limit: int, offset: int) -> dict[str, Any]:
    """Returns articles of a filter (parameters as in the site's addresses), the best or newest first.

    Each comes with its strongest claim. Raises FilterError for what no filter is.
    """
    chosen, names = resolve_filter(conn, ArticleFilter.from_query(filters))
    index = ARTICLE_INDEX.of(conn)
    sort = "relevance" if chosen.search.finds else "newest"
    pmids = index.page(conn, chosen, sort, min(limit, MOST_ROWS), offset)
    rows = []
    for entry in articles.listed_articles(conn, pmids, chosen):
        claim = _claim(conn, entry.finding, entry.sentence or "") if entry.finding else None
        rows.append({**_facts(entry.row), "strongest_claim": claim})
    return {
        "filter": describe(chosen, names),
        "filter_parameters": chosen.query_string(),
        "total": index.count(conn, chosen),
        "offset": offset,
        "articles": rows,
    }


def article(conn: sqlite3.Connection, pmid: int) -> dict[str, Any]:
    """Returns one article: facts, text, notices, tags, every claim, similar articles. Raises NotHeldError."""
    row = articles.article(conn, pmid)
    if row is None:
        raise NotHeldError(f"PMID {pmid} is not held here; it may not be about {current().name}, or be newer")
    findings = articles.findings(conn, [pmid]).get(pmid, [])
    kinds = {notice["kind"] for notice in articles.notices(conn, pmid)}
    return {
        **_facts(row),
        "abstract": row["abstract"],
        "notices": [NOTICES[kind].words for kind in NOTICES if kind in kinds],
        f"about_{current().name.replace(' ', '_')}": row["topic"] != current().beside,
        "tagger": row["tagger"],
        "tags": [
            {"id": tag.concept_id, "kind": tag.kind, "name": tag.name, "assertion": tag.assertion}
            for tag in articles.tags(conn, [pmid]).get(pmid, [])
        ],
        "claims": [_claim(conn, finding, articles.sentence_of(row, finding)) for finding in findings],
        "similar": [
            {"pmid": near.pmid, "title": near.title, "year": near.year, "score": near.score, "shared": near.shared}
            for near in similar_articles(conn, pmid, 6)
        ],
    }


def concept_card(
    conn: sqlite3.Connection, name: str, filters: Iterable[tuple[str, str]] = (), outcomes: Sequence[str] = ()
) -> dict[str, Any]:
    """Returns what is held on a concept (id, name or synonym): counts, designs, and what is found outcome by outcome.

    Numbers are articles by what their findings mean for the patient, by outcome and class of comparator, reviews
    apart; they are never to be summed. Raises FilterError or NoConceptError for what the vocabulary does not have.
    """
    index = ARTICLE_INDEX.of(conn)
    chosen, names = resolve_filter(conn, ArticleFilter.from_query(filters))
    concept_id = resolve_concept(conn, None, name)
    page = read_page(conn, index, concept_id, chosen)
    concept = page.concept
    cards = []
    if concept.kind in ("intervention", "risk factor"):
        wanted = [resolve_concept(conn, "outcome", outcome) for outcome in outcomes]
        cards = read_cards(conn, index, chosen, concept_id, wanted)
    return {
        "concept": {"id": concept.id, "kind": concept.kind, "name": concept.name, "synonyms": concept.synonyms},
        "filter": describe(chosen, names),
        "articles": concept.count.number,
        "designs": {design: count.number for design, count in page.designs},
        "narrower": [{"id": child.id, "name": child.name} for child in page.children],
        "outcomes": [_outcome(conn, card) for card in cards],
    }


def answer(
    conn: sqlite3.Connection, subject: str, outcome: str, filters: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Returns what is found of one intervention or risk factor on one outcome, with the claims behind it.

    `found` is empty where no abstract that is held states anything: that is no statement that there is no effect.
    """
    card = concept_card(conn, subject, filters, [outcome])
    found = card.pop("outcomes")
    return {
        **card,
        "found": found,
        "note": (
            "Read by machine from titles and abstracts; articles counted, nothing pooled or graded."
            if found
            else "No finding on this is held. That is not evidence of no effect."
        ),
    }


def trials(conn: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Returns the trials under way that are tagged with a concept (id, name or synonym) or a narrower one."""
    concept_id = resolve_concept(conn, None, name)
    return {
        "concept": concept_id,
        "under_way": [
            {**{key: row.values[key] for key in _TRIAL}, "articles": row.articles}
            for row in trials_under_way(conn, concept_id)
        ],
        "note": "As ClinicalTrials.gov has them; empty where the tracker has not asked it or holds none.",
    }


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: row[name] for name in _FACTS}
    return {**facts, "retracted": bool(row["retracted"]), "no_longer_in_pubmed": bool(row["vanished"])}


def _claim(conn: sqlite3.Connection, finding: Mapping[str, Any], sentence: str) -> dict[str, Any]:
    """A finding as a claim; it says itself that its article was retracted, for a claim may be quoted alone."""
    (retracted,) = conn.execute("SELECT retracted FROM articles WHERE pmid = ?", [finding["pmid"]]).fetchone()
    return {
        "pmid": finding["pmid"],
        "retracted": bool(retracted),
        **{name: finding[name] for name in _CLAIM},
        "sentence": sentence,
        "field": finding["field"],
        "start": finding["sentence_start"],
        "end": finding["sentence_end"],
    }


def _outcome(conn: sqlite3.Connection, card: OutcomeCard) -> dict[str, Any]:
    return {
        "outcome": card.outcome,
        "name": card.name,
        "by_comparator": [
            {
                "comparator_class": entry.balance.comparator_class,
                **_numbers(entry.balance),
                "strongest_claim": _strongest(conn, entry),
                "estimates": _estimates(conn, entry.estimates),
                "newest_pmid": entry.newest[1] if entry.newest else None,
            }
            for entry in card.cards
        ],
    }


def _strongest(conn: sqlite3.Connection, card: Card) -> dict[str, Any] | None:
    return _claim(conn, card.strongest, card.strongest["sentence"]) if card.strongest else None


def _numbers(balance: ClassBalance) -> dict[str, Any]:
    return {"primary_studies": _tally(balance.primary), "reviews": _tally(balance.reviews)}


def _tally(tally: Tally) -> dict[str, int]:
    return {"articles": tally.articles, **{effect: tally.of(effect) for effect in SOUGHT_EFFECTS}}


def _estimates(conn: sqlite3.Connection, estimates: Sequence[ReportedEstimate]) -> list[dict[str, Any]]:
    rows = read_findings(conn, [estimate.finding_id for estimate in estimates])
    return [_claim(conn, row, row["sentence"]) for row in rows]
