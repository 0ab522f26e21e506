"""Sample sizes that no number states: sums of arms, cases with their matched controls, groups of equal size."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from nlp.cues.sought import SoughtPattern
from nlp.text.numbers import COUNT_DIGITS, NUMBER_WORDS, read_count

_I = re.IGNORECASE
NUMBER = rf"(?:(?<![\w.,/%-])(?:{COUNT_DIGITS})|\b{NUMBER_WORDS}\b)"
_MATCHED = SoughtPattern.of(re.compile(r"matched (?:1 ?: ?(?P<ratio>\d)|one-to-one|1-to-1|\w+-to-one)", _I))
_CONTROLS_EACH = SoughtPattern.of(re.compile(r"(?P<number>two|three|four|five|[2-5]) (?:[\w-]+ )?controls", _I))
_UNITS = r"(?:m?g|m[lm]|cm|Gy|I?U)"
_EACH = SoughtPattern.of(
    re.compile(
        rf"(?P<number>{NUMBER})(?: (?!{_UNITS}\b)\w+)? (?:(?:in|of|from|to) each|per|each in|in either) (?:\w+ )?"
        r"(?:arm|group|of|dose)|\bn ?= ?(?P<n>\d+) (?:each|per (?:group|dose|arm)|in each)"
        r"|\((?P<b>\d+) (?:[a-z]+ )?each\)",
        _I,
    )
)
_GROUPS = re.compile(
    r"\b(?:into|of|in|to|all) (?P<number>two|three|four|five|six|2|3|4|5|6) (?:\w+ )?(?:groups|arms)", _I
)
_DENOMINATOR = SoughtPattern.of(
    re.compile(
        r"(?:\d{1,5}|\b[a-z]{1,20}(?:-[a-z]{1,20})?)(?:/| of (?:the )?| out of )(?P<whole>\d{1,5})\b(?!\s?%)", _I
    )
)
_PEOPLE_WORD = r"(?:patients|individuals|people|participants|children|adults|subjects|women|men|animals|mice|rats)"
#: "97 individuals of one cohort and 101 of the other": the same words tell of both.
_PAIRED = SoughtPattern.of(
    re.compile(
        rf"(?P<first>{NUMBER})(?: \w+){{0,2}} {_PEOPLE_WORD} "
        r"(?P<how>of|in|from|with|on|without|had|were|took|received)\b"
        rf"[^.;()\d]{{1,70}}?,? (?:and|or|against|versus|vs\.?|compared with) (?:in )?(?P<second>{NUMBER})"
        rf"(?: (?:\w+ )?{_PEOPLE_WORD})? (?:of|in|from|with|on|without|had|were|took|received)\b",
        _I,
    )
)
_RESPECTIVELY = SoughtPattern.of(
    re.compile(rf"(?P<first>{NUMBER}) and (?P<second>{NUMBER})(?: \w+)? {_PEOPLE_WORD}\b[^.;]*\brespectively", _I)
)
_COUNTED = ("noun:people", "noun:animals", "noun:bare", "noun:n=", "noun:opening", "noun:parts")
_BETWEEN = re.compile(
    r"compar|match|versus|\bvs\b|against|without|controls?|whereas|\bfrom\b|\band\b|; |cohort|biobank"
)


_PEOPLE = ("noun:people", "noun:animals", "noun:bare", "noun:opening")
_OTHER_GROUP = re.compile(r"\b(?:controls?|without|did not|no|historical|group|second|third|matched|other|placebo)\b")


@dataclass
class Candidate:
    """A possible sample size: value, what it was read from, where, and its features."""

    value: int
    text: str
    position: int
    features: list[str] = field(default_factory=list)


def sums(text: str, start: int, mine: Sequence[Candidate]) -> Iterator[Candidate]:
    """Yields the sums that a sentence's counts allow, each with how it came about as its first feature."""
    counts = [c for c in mine if c.features[0] == "noun:n="]
    if 2 <= len(counts) <= 6:
        yield Candidate(sum(c.value for c in counts), "sum of n", start, ["noun:sum n", f"sum n:{len(counts)}"])
    people = [c for c in mine if c.features[0] in ("noun:people", "noun:animals", "noun:bare", "noun:opening")]
    if 2 <= len(people) <= 3:
        yield Candidate(sum(c.value for c in people), "sum of counts", start, ["noun:sum", f"sum:{len(people)}"])
    yield from _neighbours(text, start, mine)
    yield from _cases_and_controls(text, start, mine, people)
    yield from _equal_groups(text, start)
    for how, pattern in (("paired", _PAIRED), ("respectively", _RESPECTIVELY)):
        for match in pattern.finditer(text):
            first, second = read_count(match.group("first")), read_count(match.group("second"))
            if first and second:
                yield Candidate(first + second, match.group(), start, ["noun:side by side", f"side by side:{how}"])
    wholes = [int(match.group("whole")) for match in _DENOMINATOR.finditer(text)]
    if 2 <= len(wholes) <= 4:
        share = "alike" if max(wholes) < 1.5 * min(wholes) else "unlike"
        yield Candidate(
            sum(wholes), "sum of arms", start, ["noun:sum of wholes", f"wholes:{len(wholes)}", f"arms {share}"]
        )


def _neighbours(text: str, start: int, mine: Sequence[Candidate]) -> Iterator[Candidate]:
    """Two counts that follow each other, with the words between them."""
    ordered = sorted((c for c in mine if c.features[0] in _COUNTED and c.value > 1), key=lambda c: c.position)[:7]
    for first, second in pairwise(ordered):
        between = text[first.position - start + len(first.text) : second.position - start].lower()
        words = sorted(set(_BETWEEN.findall(between)))
        yield Candidate(
            first.value + second.value,
            "two counts",
            start,
            ["noun:two", *[f"two by:{word}" for word in words], f"two:{first.features[0]}+{second.features[0]}",
             "two:equal" if first.value == second.value else "two:different"],
        )  # fmt: skip


def sums_across(told: Sequence[tuple[str, Sequence[Candidate]]]) -> Iterator[Candidate]:
    """Yields sums of groups that neighbouring sentences name, one count each, where their words tell groups apart."""
    named = [
        (place, text, first)
        for place, (text, mine) in enumerate(told)
        if (first := next((c for c in mine if c.features[0] in _PEOPLE and c.value > 1), None))
    ]
    for number in (2, 3):
        for start in range(len(named) - number + 1):
            chosen = named[start : start + number]
            apart = chosen[-1][0] - chosen[0][0]
            later = " ".join(text for _, text, _ in chosen[1:]).lower()
            words = sorted(set(_OTHER_GROUP.findall(later)))
            if apart > number or not words:
                continue
            total = sum(candidate.value for *_, candidate in chosen)
            yield Candidate(
                total, "groups of neighbouring sentences", chosen[0][2].position,
                ["noun:across", f"across:{number}", f"apart:{apart}", *[f"across by:{word}" for word in words]],
            )  # fmt: skip


def _cases_and_controls(
    text: str, start: int, mine: Sequence[Candidate], people: Sequence[Candidate]
) -> Iterator[Candidate]:
    matched, controls = _MATCHED.search(text), _CONTROLS_EACH.search(text)
    ratio = int(matched.group("ratio") or 1) if matched else 0
    if controls:
        ratio = read_count(controls.group("number")) or ratio
    if not ratio:
        return
    for case in people[:3]:
        how = "controls each" if controls else "ratio"
        yield Candidate(case.value * (1 + ratio), "cases and controls", start, ["noun:matched", f"matched by:{how}"])
    values = sorted({c.value for c in mine})
    for first in values:
        if first * ratio in values and ratio > 1:
            yield Candidate(first * (1 + ratio), "cases and controls", start, ["noun:matched both"])


def _equal_groups(text: str, start: int) -> Iterator[Candidate]:
    each = _EACH.search(text)
    if not each:
        return
    size = read_count(each.group("number") or each.group("n") or each.group("b"))
    if not size:
        return
    groups = _GROUPS.search(text)
    stated = read_count(groups.group("number")) if groups else None
    listed = len(re.findall(r", (?:or |and )?|\b(?:or|and)\b", text[max(0, each.start() - 160) : each.start()])) + 1
    for number in {stated} if stated else {2, 3, 4, listed}:
        if number and number > 1:
            how = ["stated" if stated else "guessed", f"listed:{number == listed}", f"times:{number}"]
            yield Candidate(
                size * number, "groups of equal size", start, ["noun:each", *[f"each {word}" for word in how]]
            )
