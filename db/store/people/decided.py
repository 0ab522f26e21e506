"""People's decisions over what the tagger said: a pure function from a reading to what is stored.

A decision on a finding keeps the whole finding, so that it stands whatever a later tagger reads; where the text has
changed it follows its sentence, and where the sentence is gone it waits for another look and shows nothing.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from db.store.people.readings import Reading, Texts, finding_key, finding_of, sentence_key
from db.store.people.verdicts import Standing
from db.tagged import ArmResult, Finding, Mention
from db.terms import Polarity, effect_of

#: Where a mention stands that a person marked.
BY_PERSON = "person"
_SENTENCE_END = re.compile(r"[.!?][\"”’)\]]?\s+(?=[A-Z0-9(“\"])|\n+")


@dataclass(frozen=True, slots=True)
class Known:
    """What the vocabulary says of a concept: its kind, its parent, and which way of an outcome is good."""

    kind: str
    parent: str | None
    polarity: Polarity | None


@dataclass(frozen=True, slots=True)
class Applied:
    """What is stored of an article: each with its number (part of its id), findings with the verdict on them.

    `verdicts` are those in force on concepts.
    """

    mentions: tuple[tuple[int, Mention], ...]
    findings: tuple[tuple[int, Finding, str | None], ...]
    results: tuple[tuple[int, ArmResult], ...]
    verdicts: Mapping[str, str]


def apply_decisions(
    reading: Reading, standing: Sequence[Standing], texts: Texts, known: Mapping[str, Known]
) -> Applied:
    """Returns what is stored of a reading under the decisions in force on it (the oldest first)."""
    tags = _Tags(standing, texts, known)
    mentions = [(number, m) for number, raw in enumerate(reading.mentions) if (m := tags.mention(raw))]
    mentions += list(enumerate(_marks(tags, reading, texts, known), len(reading.mentions)))
    results = [(number, r) for number, raw in enumerate(reading.results) if (r := tags.result(raw))]
    findings = _findings(reading.findings, standing, texts, tags)
    return Applied(tuple(mentions), tuple(findings), tuple(results), tags.verdicts)


class _Tags:
    """The verdicts on the concepts of one article, and what they make of what names these concepts."""

    def __init__(self, standing: Sequence[Standing], texts: Texts, known: Mapping[str, Known]) -> None:
        self.known = known
        self.verdicts: dict[str, str] = {}
        self.replaced: dict[str, str] = {}
        self.assertions: dict[str, str] = {}
        self.times: dict[str, int] = {}
        self.marks: list[tuple[Standing, int]] = []
        for place, one in enumerate(standing):
            if one.concept_id is None:
                continue
            if one.target is not None:
                start = _mark_place(one, texts)
                if one.verdict != "reject" and start is not None:
                    self.marks.append((one, start))
                    self.verdicts[one.concept_id] = "add"
                continue
            self.verdicts[one.concept_id] = one.verdict
            self.times[one.concept_id] = place
            if one.verdict == "correct":
                self._correct(one.concept_id, one.values)
        self.rejected = {concept for concept, verdict in self.verdicts.items() if verdict == "reject"}

    def _correct(self, concept: str, value: Mapping[str, Any]) -> None:
        instead = value.get("concept_id") or concept
        if instead != concept:
            self.verdicts[concept] = "reject"
            self.replaced[concept] = instead
        if instead in self.known:
            self.verdicts[instead] = "correct"
        if value.get("assertion"):
            self.assertions[concept] = value["assertion"]

    def mention(self, raw: Mention) -> Mention | None:
        """A mention of the tagger as it is stored; None where its concept was rejected."""
        concept = raw.concept_id
        if concept is None:
            return raw
        changed = raw
        if concept in self.assertions:
            changed = replace(changed, assertion=self.assertions[concept], cue=None)  # type: ignore[arg-type]
        if concept in self.replaced and self.replaced[concept] in self.known:
            instead = self.replaced[concept]
            return replace(changed, concept_id=instead, kind=self.known[instead].kind)  # type: ignore[arg-type]
        return None if concept in self.rejected else changed

    def result(self, raw: ArmResult) -> ArmResult | None:
        """A result of an arm as it is stored; None where it names a concept that was rejected."""
        named = self._followed({"concept_id": raw.concept_id, "outcome_id": raw.outcome_id})
        if named is None:
            return None
        return replace(raw, concept_id=named["concept_id"], outcome_id=named["outcome_id"])

    def finding(self, raw: Finding) -> Finding | None:
        """A finding that nobody decided on, as it is stored; None where it names a concept that was rejected."""
        named = self._followed({name: getattr(raw, name) for name in _NAMED})
        if named is None:
            return None
        outcome = named["outcome_id"]
        changed = replace(raw, subject_id=named["subject_id"], outcome_id=outcome, comparator_id=named["comparator_id"])
        if outcome != raw.outcome_id and raw.kind == "effect" and outcome is not None and not raw.conflict:
            changed = replace(changed, effect=effect_of(raw.direction, self.known[outcome].polarity))
        return changed

    def _followed(self, named: Mapping[str, str | None]) -> dict[str, str | None] | None:
        """Concepts after their correction; None where one is rejected, or became one of another kind."""
        found = dict(named)
        for place, concept in named.items():
            if concept in self.replaced:
                instead = self.replaced[concept]
                old, new = self.known.get(concept), self.known.get(instead)
                if old is None or new is None or old.kind != new.kind:
                    return None
                found[place] = instead
            elif concept in self.rejected:
                return None
        return found

    def rejected_since(self, finding: Finding, place: int) -> bool:
        """True where a concept of a decided finding was rejected after that decision."""
        named = (getattr(finding, name) for name in _NAMED)
        return any(concept in self.rejected and self.times.get(concept, -1) > place for concept in named)


_NAMED = ("subject_id", "outcome_id", "comparator_id")


def _findings(
    raw: Sequence[Finding], standing: Sequence[Standing], texts: Texts, tags: _Tags
) -> Iterator[tuple[int, Finding, str | None]]:
    decided = [(place, one) for place, one in enumerate(standing) if one.concept_id is None and one.target]
    keys = [finding_key(finding, texts) for finding in raw]
    taken = _taken(raw, keys, [one for _, one in decided], texts)
    for number, finding in enumerate(raw):
        if number not in taken and (kept := tags.finding(finding)):
            yield number, kept, None
    first = {target: number for number, target in reversed(taken.items())}
    number = len(raw)
    for place, one in decided:
        if one.verdict == "reject":
            continue
        placed = placed_finding(one.values, texts, tags.known)
        if placed is None or tags.rejected_since(placed, place):
            continue
        if one.target in first:
            yield first[one.target], placed, one.verdict
        else:
            yield number, placed, one.verdict
            number += 1


def _taken(raw: Sequence[Finding], keys: Sequence[str], decided: Sequence[Standing], texts: Texts) -> dict[int, str]:
    """Returns which of the tagger's findings a decision stands in place of, by number.

    First those that it was made on or that say what it says; then, where the tagger reads none of these any more,
    what it reads in that sentence of the same subject on the same outcome.
    """
    taken: dict[int, str] = {}
    for one in decided:
        if one.target in keys:
            taken.update((n, one.target) for n, key in enumerate(keys) if key == one.target and n not in taken)
    for one in decided:
        for said in _said(one):
            same = sentence_key(finding_of(said), said["sentence"])
            taken.update((n, str(one.target)) for n, key in enumerate(keys) if key == same and n not in taken)
    for one in decided:
        if one.target in keys:
            continue
        for said in _said(one):
            alike = (n for n, finding in enumerate(raw) if n not in taken and _alike(finding, said, texts))
            taken.update([(n, str(one.target)) for n in alike])
    return taken


def _said(one: Standing) -> Iterator[Mapping[str, Any]]:
    """What a decision on a finding was made on, and what it says instead."""
    for text in (one.was, one.value):
        if text:
            yield json.loads(text)


def _alike(finding: Finding, said: Mapping[str, Any], texts: Texts) -> bool:
    sentence = texts.of(finding.field)[finding.sentence_start : finding.sentence_end]
    return (
        (finding.kind, finding.field, sentence) == (said["kind"], said["field"], said["sentence"])
        and _same(finding.subject_id, finding.subject_text, said["subject_id"], said["subject_text"])
        and _same(finding.outcome_id, finding.outcome_text, said["outcome_id"], said["outcome_text"])
    )


def _same(concept: str | None, words: str | None, other: str | None, other_words: str | None) -> bool:
    return concept == other if concept and other else (words or "").casefold() == (other_words or "").casefold()


def placed_finding(said: Mapping[str, Any], texts: Texts, known: Mapping[str, Known]) -> Finding | None:
    """Returns a decided finding where its sentence stands now; None where the sentence is gone from the text.

    A concept that has left the vocabulary stays as words.
    """
    start = nearest_place(texts.of(said["field"]), said["sentence"], said["sentence_start"])
    if start is None:
        return None
    named = {name: said[name] if said[name] in known else None for name in _NAMED}
    found = finding_of({**said, **named})
    return replace(found, sentence_start=start, sentence_end=start + len(said["sentence"]))


def nearest_place(text: str, words: str, start: int) -> int | None:
    """Returns where words stand in a text, the place nearest to `start`; None where they don't."""
    if not words:
        return None
    if text.startswith(words, start):
        return start
    places = [found.start() for found in re.finditer(re.escape(words), text)]
    return min(places, key=lambda place: (abs(place - start), place), default=None)


def _mark_place(one: Standing, texts: Texts) -> int | None:
    value = one.values
    return nearest_place(texts.of(value["field"]), value["text"], value["start"]) if value else None


def _marks(tags: _Tags, reading: Reading, texts: Texts, known: Mapping[str, Known]) -> Iterator[Mention]:
    """The words that people marked, as mentions."""
    for one, start in tags.marks:
        concept, value = str(one.concept_id), one.values
        if concept in tags.rejected or concept not in known:
            continue
        first, last, section = sentence_around(reading, texts, value["field"], start)
        yield Mention(
            field=value["field"],
            start=start,
            end=start + len(value["text"]),
            text=value["text"],
            kind=known[concept].kind,  # type: ignore[arg-type]
            concept_id=concept,
            sentence_start=first,
            sentence_end=max(last, start + len(value["text"])),
            section=section,
            assertion=value.get("assertion") or "affirmed",
            cue=None,
            source=BY_PERSON,
        )


def sentence_around(reading: Reading, texts: Texts, field: str, place: int) -> tuple[int, int, str | None]:
    """Returns the sentence at a place, as the tagger cut it where it found anything there, and its section."""
    parts: Iterable[Mention | Finding | ArmResult] = (*reading.mentions, *reading.findings, *reading.results)
    for part in parts:
        if part.field == field and part.sentence_start <= place < part.sentence_end:
            return part.sentence_start, part.sentence_end, part.section
    text = texts.of(field)
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    first = max((end for end in ends if end <= place), default=0)
    last = min((end for end in ends if end > place), default=len(text))
    return first, first + len(text[first:last].rstrip()), None
