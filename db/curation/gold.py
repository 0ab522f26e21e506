"""Sentences that people decided on, in the form of the gold: data for `evaluate` and for training.

One record an article; its abstract holds the decided sentences alone, each with its place in the article's text. What
stands in such a sentence is gold after all decisions in force: what people said, and what they let stand beside it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from db.curation.items import LookedAt, look_at
from db.sql import dict_rows
from db.store.people.decided import nearest_place
from db.store.people.verdicts import Standing, decisions_in_force
from db.store.store import Store
from db.topics import current

_LISTS = {"intervention": "interventions", "outcome": "outcomes"}
Place = tuple[str, int, int]


def gold_lines(store: Store) -> Iterator[str]:
    """Yields one JSON line an article of which a sentence was decided on, by PMID."""
    for pmid in dict.fromkeys(one.pmid for one in decisions_in_force(store)):
        record = _record(store, look_at(store, pmid))
        if record["abstract"] or record["title"]:
            yield json.dumps(record, ensure_ascii=False) + "\n"


def _record(store: Store, seen: LookedAt) -> dict[str, Any]:
    findings = _rows(store, "findings", seen.pmid)
    mentions = _rows(store, "mentions", seen.pmid)
    places = sorted({place for one in seen.standing for place in _places(seen, one, mentions)})
    parts = [_part(seen, place, findings, mentions) for place in places]
    gold: dict[str, list[Any]] = {"interventions": [], "risk_factors": [], "outcomes": [], "findings": []}
    for part in parts:
        _add_gold(gold, part)
    abstract = [part for part in parts if part["field"] == "abstract"]
    return {
        "pmid": str(seen.pmid),
        "title": " ".join(part["text"] for part in parts if part["field"] == "title"),
        "abstract": abstract,
        "topic": seen.row["topic"] or current().id,
        "source": "decisions of people",
        "sentences_only": True,
        "gold": {name: list(_once(values)) for name, values in gold.items()},
    }


def _places(seen: LookedAt, one: Standing, mentions: list[dict[str, Any]]) -> Iterator[Place]:
    """The sentences that a decision is about."""
    if one.concept_id is None:
        said = one.values or one.was_values
        start = nearest_place(seen.texts.of(said["field"]), said["sentence"], said["sentence_start"]) if said else None
        if start is not None:
            yield said["field"], start, start + len(said["sentence"])
        return
    concepts = {one.concept_id, one.values.get("concept_id")}
    for mention in mentions:
        if mention["concept_id"] in concepts:
            yield mention["field"], mention["sentence_start"], mention["sentence_end"]
    for raw in seen.reading.mentions:
        if raw.concept_id in concepts:
            yield raw.field, raw.sentence_start, raw.sentence_end


def _part(
    seen: LookedAt, place: Place, findings: list[dict[str, Any]], mentions: list[dict[str, Any]]
) -> dict[str, Any]:
    field, start, end = place
    here = [row for row in findings if (row["field"], row["sentence_start"]) == (field, start)]
    named = [row for row in mentions if row["field"] == field and start <= row["start"] and row["end"] <= end]
    label = next((row["section"] for row in (*here, *named) if row["section"]), None)
    return {
        "label": label,
        "text": seen.texts.of(field)[start:end],
        "field": field,
        "start": start,
        "end": end,
        "mentions": [
            {
                **{name: row[name] for name in ("text", "kind", "concept_id", "assertion")},
                "start": row["start"] - start,
                "end": row["end"] - start,
            }
            for row in named
        ],
        "findings": [
            {name: value for name, value in row.items() if name not in ("id", "pmid", "tagger") and value is not None}
            for row in here
        ],
    }


def _add_gold(gold: Mapping[str, list[Any]], part: Mapping[str, Any]) -> None:
    for mention in part["mentions"]:
        if mention["kind"] in _LISTS:
            gold[_LISTS[mention["kind"]]].append(mention["text"])
    for row in part["findings"]:
        estimate = {
            short: row[name]
            for short, name in (
                ("measure", "measure"), ("value", "value"), ("low", "ci_low"), ("high", "ci_high"), ("p", "p_value"),
            )
            if name in row
        }  # fmt: skip
        more = {"estimate": estimate} if estimate else {}
        if row["kind"] == "risk":
            gold["risk_factors"].append({"mention": row["subject_text"], "direction": row["direction"], **more})
            continue
        against = {"comparator": row["comparator_text"]} if "comparator_text" in row else {}
        told = {
            "intervention": row["subject_text"],
            **against,
            "outcome": row.get("outcome_text") or current().short_name,
        }
        gold["findings"].append({**told, "direction": row["direction"], **more})


def _once(values: list[Any]) -> Iterator[Any]:
    seen: set[str] = set()
    for value in values:
        key = json.dumps(value, sort_keys=True)
        if key not in seen:
            seen.add(key)
            yield value


def _rows(store: Store, table: str, pmid: int) -> list[dict[str, Any]]:
    return list(dict_rows(store.db.execute(f"SELECT * FROM {table} WHERE pmid = ? ORDER BY id", [pmid])))
