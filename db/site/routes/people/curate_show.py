"""What the pages of the review page show of an item and of an article."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from db.curation.forms import DIRECTIONS_OF, SIGNS
from db.curation.items import Item, LookedAt
from db.curation.names import names_by_kind
from db.sections import Section
from db.site.show.marks import Mark, abstract_blocks, marked
from db.sql import dict_rows
from db.store.store import Store
from db.store.tags import known_concepts
from db.terms import effect_of


def item_values(store: Store, seen: LookedAt, item: Item, root: str) -> dict[str, Any]:
    """Returns what the page of one item shows."""
    sentences = _sentences(item)
    kinds = names_by_kind(store)
    wanted = ("intervention", "risk factor", "outcome") if item.sort == "finding" else tuple(kinds)
    return {
        "seen": seen,
        "item": item,
        **_texts(store, seen, sentences, root),
        "directions": _directions(store, item) if item.sort == "finding" else [],
        "kinds": {kind: kinds.get(kind, []) for kind in wanted},
        "words": [(one, one.about(seen.names)) for one in item.words],
    }


def article_values(
    store: Store, seen: LookedAt, findings: Sequence[Item], tags: Sequence[Item], root: str
) -> dict[str, Any]:
    """Returns what the page of one article shows: every finding and tag, and the words that people marked."""
    return {
        "seen": seen,
        "findings": findings,
        "tags": tags,
        "marks": [(one, one.about(seen.names)) for one in seen.words if one.target and one.concept_id],
        "kinds": names_by_kind(store),
        **_texts(store, seen, {"title": (), "abstract": ()}, root),
    }


def _directions(store: Store, item: Item) -> list[tuple[str, str, str | None]]:
    """The directions that a finding may have: its word, its sign, what it means for the patient where that is known."""
    said = item.said
    if said["kind"] == "risk":
        return [(name, SIGNS[name], None) for name in DIRECTIONS_OF["risk"]]
    outcome = known_concepts(store).get(said["outcome_id"] or "")
    polarity = outcome.polarity if outcome else None
    return [
        (name, SIGNS[name], effect_of(name, polarity) if polarity or name == "no difference" else None)
        for name in DIRECTIONS_OF["effect"]
    ]


def _sentences(item: Item) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, set[tuple[int, int]]] = {"title": set(), "abstract": set()}
    if item.tag is not None:
        for mention in item.tag.mentions:
            found[mention["field"]].add((mention["sentence_start"], mention["sentence_end"]))
    else:
        start = item.said["sentence_start"]
        found[item.said["field"]].add((start, start + len(item.said["sentence"])))
    return {field: sorted(places) for field, places in found.items()}


def _texts(
    store: Store, seen: LookedAt, sentences: Mapping[str, Iterable[tuple[int, int]]], root: str
) -> dict[str, Any]:
    rows = dict_rows(
        store.db.execute(
            "SELECT mentions.*, concepts.name AS concept FROM mentions LEFT JOIN concepts ON concepts.id = concept_id "
            'WHERE pmid = ? ORDER BY field DESC, start, "end" DESC, mentions.id',
            [seen.pmid],
        )
    )
    marks: dict[str, list[Mark]] = {"title": [], "abstract": []}
    for row in rows:
        marks[row["field"]].append(Mark.of(row))
    title = seen.texts.title
    return {
        "title": marked(title, 0, len(title), marks["title"], list(sentences["title"]), root, anchor="t"),
        "blocks": abstract_blocks(
            seen.texts.abstract, _sections(store, seen), marks["abstract"], sentences["abstract"], root
        ),
    }


def _sections(store: Store, seen: LookedAt) -> list[Section]:
    sql = 'SELECT label, category, start, "end" FROM sections WHERE pmid = ? ORDER BY position'
    return [Section(*row) for row in store.db.execute(sql, [seen.pmid])]
