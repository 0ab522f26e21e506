"""Which of people's decisions is in force on what: the newest by its own time, whoever made it, the undone left out."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from db.errors import TrackerError
from db.store.store import Store
from db.topics import current

Verdict = Literal["accept", "reject", "add", "correct", "withdraw", "include", "exclude", "maybe"]

#: Verdicts about a tag or a finding; `withdraw` undoes the same person's last one on it.
TAG_VERDICTS = ("accept", "reject", "add", "correct", "withdraw")
#: Verdicts about the article itself.
SCREENING_VERDICTS = ("include", "exclude", "maybe")
#: The order of decisions: by their own time, then by arrival.
BY_TIME = '"when", decisions.id'

#: What is said of a decision that was made on another text.
CHANGED_SINCE = " (the text has changed since; please look again)"
_COLUMNS = (
    'decisions.id, pmid, concept_id, decisions.kind, target, verdict, who, "when", reason, value, was, '
    "decisions.text_hash <> articles.text_hash"
)


class DecisionError(TrackerError):
    """A decision on something that is not there, or that says what cannot be."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a tag, marked words or a finding, or about the article itself (neither named).

    A tag has its `concept_id`, marked words have both, a finding has its `target` (see `readings`). `value` and `was`
    are JSON texts: what is right instead, and what the tagger said.
    """

    pmid: int
    verdict: Verdict
    who: str
    when: str
    concept_id: str | None = None
    kind: str | None = None
    reason: str | None = None
    source: str | None = None
    text_hash: str = ""
    target: str | None = None
    value: str | None = None
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision on a tag (`concept_id`), on marked words (`concept_id` and `target`) or on a finding (`target`).

    `value` and `was` are JSON: what it says instead, and what the tagger said. `text_changed` since it was made.
    """

    id: int
    pmid: int
    concept_id: str | None
    kind: str | None
    target: str | None
    verdict: Verdict
    who: str
    when: str
    reason: str | None
    value: str | None
    was: str | None
    text_changed: bool

    @property
    def key(self) -> str:
        """What it is about, within its article: a finding, marked words, or a concept."""
        return self.target or str(self.concept_id)

    @property
    def values(self) -> dict[str, Any]:
        """What it says instead; empty where it says nothing of its own."""
        found: dict[str, Any] = json.loads(self.value) if self.value else {}
        return found

    @property
    def was_values(self) -> dict[str, Any]:
        """What the tagger said when it was made; empty where that is not kept."""
        found: dict[str, Any] = json.loads(self.was) if self.was else {}
        return found

    def about(self, names: Mapping[str, str] | None = None) -> str:
        """What it is about in words: a concept (by its name of `names`), or who on what of a finding."""
        if self.concept_id is not None:
            called = names or {}
            said, values = called.get(self.concept_id, self.concept_id), self.values
            instead, words = values.get("concept_id"), values.get("text")
            return f"{said} at “{words}”" if words else f"{said} to {called.get(instead, instead)}" if instead else said
        said = finding_words(self.was_values or self.values)
        now = finding_words(self.values) if self.verdict == "correct" and self.was else None
        return f"{said} → {now}" if now else said

    @property
    def words(self) -> str:
        """The decision in one line, signed with its name."""
        said = f"PMID {self.pmid}: {self.verdict} {self.about()}, {self.who}, {self.when[:10]}"
        return f"{said}: {self.reason}" if self.reason else said

    @property
    def unsigned(self) -> str:
        """The decision in one line for those who may not see names."""
        return f"PMID {self.pmid}: {self.verdict} {self.about()}, {self.when[:10]}"


def finding_words(said: Mapping[str, Any]) -> str:
    """Returns a finding's mapping in words: who against whom, which way, on what."""
    against = f" against {said['comparator_text']}" if said.get("comparator_text") else ""
    outcome = said.get("outcome_text") or said.get("outcome_id") or current().short_name
    return f"{said.get('subject_text', 'finding')}{against}: {said.get('direction', '')} {outcome}"


def decisions_in_force(store: Store, pmid: int | None = None) -> list[Standing]:
    """Returns the decision in force on each tag, finding and marking, by PMID and the time it was made."""
    newest: dict[tuple[int, str], Standing] = {}
    for one in sorted(last_words(store, pmid), key=lambda one: (one.when, one.id)):
        newest.pop((one.pmid, one.key), None)
        newest[one.pmid, one.key] = one
    return sorted(newest.values(), key=lambda one: one.pmid)


def last_words(store: Store, pmid: int | None = None) -> Iterator[Standing]:
    """Yields each person's last word on each thing, what that person withdrew left out."""
    sql = (
        f"SELECT {_COLUMNS} FROM decisions JOIN articles USING (pmid) "
        "WHERE (concept_id IS NOT NULL OR target IS NOT NULL) AND (:pmid IS NULL OR pmid = :pmid) "
        f"ORDER BY {BY_TIME}"
    )
    said: dict[tuple[int, str, str], list[Standing]] = {}
    for row in store.db.execute(sql, {"pmid": pmid}).fetchall():
        one = Standing(*(*row[:-1], bool(row[-1])))
        words = said.setdefault((one.pmid, one.key, one.who), [])
        if one.verdict != "withdraw":
            words.append(one)
        elif words:
            words.pop()
    yield from (words[-1] for words in said.values() if words)


def to_review(store: Store) -> list[Standing]:
    """Returns the decisions in force whose article's text has changed since they were made."""
    return [standing for standing in decisions_in_force(store) if standing.text_changed]


def disputed(words: Iterable[Standing]) -> list[Standing]:
    """Returns of people's last words those in force that nobody shares though others decided on the same thing."""
    said: dict[tuple[int, str], list[Standing]] = {}
    for one in words:
        said.setdefault((one.pmid, one.key), []).append(one)
    found = []
    for people in said.values():
        newest = max(people, key=lambda one: (one.when, one.id))
        others = [one for one in people if one is not newest]
        if others and not any(agree(one, newest) for one in others):
            found.append(newest)
    return found


def agree(one: Standing, other: Standing) -> bool:
    """Says whether two decisions on the same thing say the same; who accepts and who adds agree."""
    first, second = ("accept" if one.verdict == "add" else one.verdict for one in (one, other))
    if first != second:
        return False
    return first != "correct" or _told(one) == _told(other)


def _told(one: Standing) -> dict[str, Any]:
    """What a correction changes, apart from what it only carries along."""
    names = ("concept_id", "assertion", "subject_id", "outcome_id", "comparator_id", "comparator_class", "direction")
    return {name: value for name, value in one.values.items() if name in names}
