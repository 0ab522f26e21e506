"""One article says one thing: mirrored doubles become one finding, and opposite ones are marked.

"A did better than B" is one result, not two. Where an article would hold opposite findings of one subject, comparator
and outcome, the better founded one stays; where neither is, both are kept as a conflict and count nowhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from db.tagged import Estimate, Finding
from db.terms import Effect as PatientEffect
from nlp.findings.sentence.pair_features import is_control
from nlp.text.normal import normal

#: By how much surer a finding must be for its opposite to be left out.
CLEARLY = 0.25
#: Of these more is less of what follows.
ABSENCE_OF = re.compile(r"(?:relief|absence|freedom|resolution|disappearance|prevention) (?:of|from) ")
_GRADE = re.compile(r"\b(?:[0-4]|I{1,3}|IV)\b")
_OPPOSITE = {"increases": "decreases", "decreases": "increases"}


_SEEN: dict[PatientEffect | None, PatientEffect] = {"better": "worse", "worse": "better"}
_NOTHING = re.compile(r"(?:no|without|placebo|vehicle|untreated|non-?treated|controls?|saline|sham)\b")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A finding with its probability and whether its subject is the first arm of its sentence."""

    finding: Finding
    chance: float
    position: int

    @property
    def rank(self) -> tuple[bool, bool, bool, float]:
        """What a finding is founded on: a ratio, a p value, a results sentence, the model's certainty."""
        estimate = self.finding.estimate
        return estimate.measure is not None, estimate.p_value is not None, not self.finding.conflict, self.chance


def consistent(weighed: Sequence[Weighed]) -> list[Finding]:
    """Returns the findings of an article without doubles, opposite ones marked, in the order given."""
    weighed = [replace(w, finding=_of_the_treatment(w.finding)) for w in weighed]
    effects = _without_repeats(_without_mirrors([w for w in weighed if w.finding.kind == "effect"]))
    chosen = set(map(id, effects))
    kept = [w for w in weighed if w.finding.kind == "risk" or id(w) in chosen]
    marked: dict[int, str] = {}
    dropped: set[int] = set()
    for first in range(len(kept)):
        for second in range(first + 1, len(kept)):
            if {first, second} & dropped or not _contradict(kept[first].finding, kept[second].finding):
                continue
            better, worse = sorted((first, second), key=lambda n: kept[n].rank, reverse=True)
            if kept[better].rank[:2] > kept[worse].rank[:2] or kept[better].chance > kept[worse].chance + CLEARLY:
                dropped.add(worse)
            else:
                for one, other in ((first, second), (second, first)):
                    said, otherwise = kept[one].finding.direction, kept[other].finding.direction
                    marked.setdefault(one, f"here: {said}; elsewhere in the article: {otherwise}")
    return [
        replace(w.finding, conflict=w.finding.conflict or marked.get(number))
        for number, w in enumerate(kept)
        if number not in dropped
    ]


def _of_the_treatment(finding: Finding) -> Finding:
    """ "More without X than with X" is a result of X; a ratio is told of the arm that has it and is not turned."""
    subject, other = normal(finding.subject_text), normal(finding.comparator_text or "")
    if finding.kind != "effect" or finding.estimate.measure is not None or not finding.comparator_text:
        return finding
    if not _NOTHING.match(subject) or _NOTHING.match(other):
        return finding
    return replace(
        finding,
        subject_id=finding.comparator_id,
        subject_text=finding.comparator_text,
        comparator_id=finding.subject_id,
        comparator_text=finding.subject_text,
        comparator_class="none or placebo",
        direction=_OPPOSITE.get(finding.direction, finding.direction),
        effect=_SEEN.get(finding.effect, finding.effect),
    )


def _without_repeats(effects: Sequence[Weighed]) -> list[Weighed]:
    """The effects without those that say again, in other words for drug or outcome, what a better founded one says."""
    plain = [_plainly(weighed.finding) for weighed in effects]
    kept: dict[str, list[int]] = {}
    for number in sorted(range(len(effects)), key=lambda number: _fullness(effects[number]), reverse=True):
        one, estimate = plain[number], effects[number].finding.estimate
        bare = estimate.measure is None and estimate.p_value is None
        others = kept.setdefault(one.direction, [])
        if not (bare and any(_repeats(one, plain[other]) for other in others)):
            others.append(number)
    chosen = {number for numbers in kept.values() for number in numbers}
    return [weighed for number, weighed in enumerate(effects) if number in chosen]


def _fullness(weighed: Weighed) -> tuple[bool, bool, bool, bool, float]:
    """Sorts a finding with figures, then one that names what it was compared with, before one that says less."""
    *founded, chance = weighed.rank
    return (*founded, weighed.finding.comparator_text is not None, chance)  # type: ignore[return-value]


def _repeats(one: Finding, other: Finding) -> bool:
    """Whether one finding says what another does; both are plain (`_plainly`)."""
    return (
        one.direction == other.direction
        and _same(one.subject_id, one.subject_text, other.subject_id, other.subject_text)
        and not _two_of_a_combination(one, other)
        and _same_outcome(one, other)
        and (one.comparator_id, normal(one.comparator_text or ""))
        in ((None, ""), (other.comparator_id, normal(other.comparator_text or "")))
    )


def _plainly(finding: Finding) -> Finding:
    """ "More relief of pain" is less pain."""
    absence = ABSENCE_OF.match((finding.outcome_text or "").lower())
    if absence is None or finding.outcome_text is None:
        return finding
    turned = _OPPOSITE.get(finding.direction, finding.direction)
    return replace(finding, outcome_text=finding.outcome_text[absence.end() :], direction=turned)


def _without_mirrors(effects: Sequence[Weighed]) -> list[Weighed]:
    """The effects without those that only turn another one of their sentence round."""
    places: dict[tuple[str, int], list[int]] = {}
    for number, weighed in enumerate(effects):
        places.setdefault((weighed.finding.field, weighed.finding.sentence_start), []).append(number)
    gone: set[int] = set()
    for numbers in places.values():
        for one, other in permutations(numbers, 2):
            if {one, other} & gone or not _faces(effects[one].finding, effects[other].finding):
                continue
            first, second = effects[one].finding, effects[other].finding
            if second.direction == _OPPOSITE.get(first.direction, first.direction):
                gone.add(max((one, other), key=lambda number: _turned(effects[number])))
            elif first.estimate.measure is not None and second.estimate == Estimate():
                gone.add(other)  # the ratio tells of both arms; without one the other arm says what it denies
    return [weighed for number, weighed in enumerate(effects) if number not in gone]


def _turned(weighed: Weighed) -> tuple[bool, bool, int]:
    """Sorts the finding that tells a comparison the wrong way round behind the other."""
    finding = weighed.finding
    return is_control(normal(finding.subject_text)), finding.estimate.measure is None, weighed.position


def _faces(one: Finding, other: Finding) -> bool:
    """Whether two findings of a sentence are on one outcome, and what one is told of the other is set against."""
    return (
        (one.field, one.sentence_start) == (other.field, other.sentence_start)
        and _same_text(one.outcome_text, other.outcome_text)
        and _same_text(one.subject_text, other.comparator_text)
        and (_same_text(one.comparator_text, other.subject_text) or one.comparator_text is None)
    )


def _contradict(one: Finding, other: Finding) -> bool:
    if one.kind != other.kind or _OPPOSITE.get(one.direction) != other.direction:
        return False
    return (
        _same(one.subject_id, one.subject_text, other.subject_id, other.subject_text)
        and _same_outcome(one, other)
        and _same(one.comparator_id, one.comparator_text, other.comparator_id, other.comparator_text)
    )


def _two_of_a_combination(one: Finding, other: Finding) -> bool:
    """Whether two treatments only share the concept of their combination ("X and Y both lowered it")."""
    combined = (one.subject_id or "").startswith("combined")
    return combined and not _same_text(one.subject_text, other.subject_text)


def _same_outcome(one: Finding, other: Finding) -> bool:
    """Two grades of one scale are two outcomes."""
    grades = [set(_GRADE.findall(finding.outcome_text or "")) for finding in (one, other)]
    return grades[0] == grades[1] and _same(one.outcome_id, one.outcome_text, other.outcome_id, other.outcome_text)


def _same(one_id: str | None, one: str | None, other_id: str | None, other: str | None) -> bool:
    return (one_id is not None and one_id == other_id) or _same_text(one, other)


def _same_text(one: str | None, other: str | None) -> bool:
    return normal(one or "") == normal(other or "")
