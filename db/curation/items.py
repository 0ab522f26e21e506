"""One thing that a person looks at: a finding or a tag of an article, as it was read, as it stands, who said what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from db.curation.queues import Queue
from db.errors import TrackerError
from db.sql import dict_rows
from db.store.people.decided import placed_finding
from db.store.people.readings import (
    Reading,
    Texts,
    finding_key,
    flat_finding,
    kept_reading,
    read_texts,
    reading_as_stored,
)
from db.store.people.verdicts import Standing, decisions_in_force, last_words
from db.store.store import Store
from db.store.tag_rows import IDS_A_PMID
from db.store.tags import known_concepts
from db.tagged import Finding


class ItemError(TrackerError):
    """What is asked for is not there, or no longer."""


@dataclass(frozen=True, slots=True)
class TagNow:
    """A tag as it stands: its concept, how the text says it, where it is mentioned."""

    concept_id: str
    kind: str
    name: str
    assertion: str
    mentions: tuple[Mapping[str, Any], ...]
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Item:
    """A finding or a tag: `key` names it within its article.

    `said` is what a decision starts from (a finding's mapping with its `sentence`), `now` whether it stands at present;
    `words` are people's last words on it, the one in force last.
    """

    pmid: int
    sort: Literal["finding", "tag"]
    key: str
    text_hash: str
    said: Mapping[str, Any]
    tag: TagNow | None
    now: bool
    words: tuple[Standing, ...]

    @property
    def in_force(self) -> Standing | None:
        """The decision in force on it."""
        return self.words[-1] if self.words else None


@dataclass(frozen=True, slots=True)
class LookedAt:
    """An article as it is looked over: its row, texts, what the tagger read, concepts' names, all decisions on it."""

    row: Mapping[str, Any]
    texts: Texts
    reading: Reading
    names: Mapping[str, str]
    words: tuple[Standing, ...]
    standing: tuple[Standing, ...]

    @property
    def pmid(self) -> int:
        """PubMed's number."""
        return int(self.row["pmid"])


def look_at(store: Store, pmid: int) -> LookedAt:
    """Returns an article as it is looked over; raises ItemError where the store does not hold it."""
    row = next(dict_rows(store.db.execute("SELECT * FROM articles WHERE pmid = ?", [pmid])), None)
    if row is None:
        raise ItemError(f"PMID {pmid} is not in the store")
    reading = kept_reading(store, pmid) or reading_as_stored(store.db.conn, pmid)
    names = dict(store.db.execute("SELECT id, name FROM concepts").fetchall())
    words = tuple(sorted(last_words(store, pmid), key=lambda one: (one.when, one.id)))
    standing = tuple(decisions_in_force(store, pmid))
    return LookedAt(row, read_texts(store.db.conn, pmid), reading, names, words, standing)


def place_key(store: Store, queue: Queue, place: int) -> tuple[int, str]:
    """Returns the PMID and key of what stands at a queue's place; raises ItemError where nothing does any more."""
    if queue.of == "decision":
        row = store.db.execute("SELECT pmid, coalesce(target, concept_id) FROM decisions WHERE id = ?", [place])
        if found := row.fetchone():
            return int(found[0]), str(found[1])
    elif queue.of == "mention":
        row = store.db.execute("SELECT pmid, concept_id FROM mentions WHERE id = ?", [place])
        if (found := row.fetchone()) and found[1]:
            return int(found[0]), str(found[1])
    else:
        pmid = place // IDS_A_PMID
        texts = store.db.execute("SELECT 1 FROM articles WHERE pmid = ?", [pmid]).fetchone()
        reading = texts and (kept_reading(store, pmid) or reading_as_stored(store.db.conn, pmid))
        if reading and place % IDS_A_PMID < len(reading.findings):
            return pmid, finding_key(reading.findings[place % IDS_A_PMID], read_texts(store.db.conn, pmid))
    raise ItemError("this item is no longer there; its article has changed. Go on with the next one")


def finding_items(store: Store, seen: LookedAt) -> list[Item]:
    """Returns the findings of an article in order of the text: those of the tagger and those that people made."""
    stored = reading_as_stored(store.db.conn, seen.pmid).findings
    now = {finding_key(finding, seen.texts) for finding in stored}
    found: dict[str, dict[str, Any]] = {}
    for finding in seen.reading.findings:
        found.setdefault(finding_key(finding, seen.texts), _with_sentence(finding, seen.texts))
    known = known_concepts(store)
    for one in seen.standing:
        if one.concept_id is None and one.target and one.verdict != "reject":
            placed = placed_finding(one.values, seen.texts, known)
            said = _with_sentence(placed, seen.texts) if placed else one.values
            found[one.target] = said
            if placed and finding_key(placed, seen.texts) in now:
                now.add(one.target)
        elif one.concept_id is None and one.target and one.target not in found:
            found[one.target] = one.was_values
    decided = {one.target for one in seen.standing if one.verdict == "reject"}
    items = [_finding_item(seen, key, said, key in now and key not in decided) for key, said in found.items()]
    return sorted(items, key=lambda item: (item.said["field"] == "abstract", item.said["sentence_start"]))


def _finding_item(seen: LookedAt, key: str, said: Mapping[str, Any], now: bool) -> Item:
    words = _words(seen, key)
    return Item(seen.pmid, "finding", key, seen.row["text_hash"], said, None, now, words)


def _words(seen: LookedAt, key: str) -> tuple[Standing, ...]:
    return tuple(one for one in seen.words if one.key == key)  # by time: the newest is in force


def _with_sentence(finding: Finding, texts: Texts) -> dict[str, Any]:
    sentence = texts.of(finding.field)[finding.sentence_start : finding.sentence_end]
    return {**flat_finding(finding), "sentence": sentence}


def tag_items(store: Store, seen: LookedAt) -> list[Item]:
    """Returns the tags of an article in the order of the vocabulary, and those that people rejected."""
    rows = dict_rows(
        store.db.execute(
            "SELECT concept_id, article_tags.kind, name, assertion FROM article_tags "
            "JOIN concepts ON concepts.id = concept_id WHERE pmid = ? AND direct ORDER BY article_tags.kind, position",
            [seen.pmid],
        )
    )
    mentions = list(dict_rows(store.db.execute("SELECT * FROM mentions WHERE pmid = ? ORDER BY id", [seen.pmid])))
    items = [_tag_item(seen, row, mentions, True) for row in rows]
    held = {item.key for item in items}
    kinds = {concept: one.kind for concept, one in known_concepts(store).items()}
    for one in seen.standing:
        if one.concept_id and not one.target and one.key not in held:
            row = {"concept_id": one.key, "kind": kinds.get(one.key, one.kind), "assertion": "affirmed"}
            items.append(_tag_item(seen, {**row, "name": seen.names.get(one.key, one.key)}, mentions, False))
    return items


def _tag_item(seen: LookedAt, row: Mapping[str, Any], mentions: Sequence[Mapping[str, Any]], now: bool) -> Item:
    mine = tuple(mention for mention in mentions if mention["concept_id"] == row["concept_id"])
    if not mine:  # a rejected tag is looked at where the tagger saw it
        raw = [m for m in seen.reading.mentions if m.concept_id == row["concept_id"]]
        mine = tuple({name: getattr(m, name) for name in type(m).__slots__} for m in raw)
    confidence = max((mention["confidence"] for mention in mine), default=None)
    tag = TagNow(row["concept_id"], row["kind"], row["name"], row["assertion"], mine, confidence)
    said = {"concept_id": tag.concept_id, "assertion": tag.assertion}
    return Item(seen.pmid, "tag", tag.concept_id, seen.row["text_hash"], said, tag, now, _words(seen, tag.concept_id))


def find_item(store: Store, seen: LookedAt, key: str) -> Item:
    """Returns a finding or tag of an article by its key; raises ItemError where it is no longer there."""
    make = finding_items if key.startswith("finding:") else tag_items
    found = next((item for item in make(store, seen) if item.key == key), None)
    if found is None:
        raise ItemError(f"this item of PMID {seen.pmid} is no longer there; its text or its tags have changed")
    return found


def read_item(store: Store, pmid: int, key: str) -> tuple[LookedAt, Item]:
    """Returns an article and one item of it; raises ItemError where either is missing."""
    seen = look_at(store, pmid)
    return seen, find_item(store, seen, key)
