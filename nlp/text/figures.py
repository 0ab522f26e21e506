"""Shares and means in a sentence: events, totals, percentages, means with their deviation, and when it was measured."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from nlp.text.numbers import NUMBER_WORDS, read_count

_NUMBER = r"\d{1,5}(?:\.\d{1,3})?"
_PERCENT = r"(?P<percent>\d{1,3}(?:\.\d{1,3})?)\s?(?:%|per ?cent\b)"
_PROPORTION = re.compile(
    r"(?<![\d.,/])(?:(?P<events>\d{1,5})\s?(?:/|of(?: the| these)?(?= ?\d)|out of)\s?(?P<total>\d{1,5})"
    r"(?![\d.]*\d|\s?%)"
    r"(?:(?: [a-z]+){0,2}\s?[(\[]\s?(?P<percent_after>\d{1,3}(?:\.\d{1,3})?)\s?(?:%|per ?cent))?"
    rf"|\b(?P<events_words>{NUMBER_WORDS}|\d{{1,5}}) (?:of(?: the| these)?|out of) "
    rf"(?P<total_words>{NUMBER_WORDS}|\d{{1,5}})\b"
    rf"|\bnone of (?:the |these |all )?(?P<total_none>{NUMBER_WORDS}|\d{{1,5}})\b(?![.,]\d)"
    rf"|{_PERCENT}(?:\s?[(\[](?:n ?= ?)?(?P<events_after>\d{{1,5}})"
    r"(?:\s?(?:/|of)\s?(?P<total_after>\d{1,5}))?[)\]])?)"
)
_NO_PROPORTION_AFTER = re.compile(
    r"\s?(?:confidence|credible|ci\b|cri\b|reduction|lower|higher|less|more|increase|decrease|fewer|of the varia"
    r"|power|sensitiv|specific)"
)
#: A percentage of these is how many of all they were, a count of them ("4 of 40 women") is not.
_SEX_AFTER = re.compile(r"\s?(?:male|female|women|men\b)")
_NO_PROPORTION_BEFORE = re.compile(
    r"(?:\bby|sensitivity|specificity|power|accuracy|level|reductions?|decreases?|increases?|rises?|falls?|gains?"
    r"|improvements?|changes?) (?:of |was )?(?:(?:about|only|at least|more than) |[<>≥≤~]\s?)?$"
    r"|\d\s?(?:to|-)\s?$"
)
#: What two figures of one list have between them: "reductions of 30% and 37%" are two reductions.
_LISTED = re.compile(r"\s?(?:,|,? (?:and|or))\s?")
_MEAN = re.compile(
    rf"(?<![\d.])(?P<mean>-?{_NUMBER})\s?(?P<unit_before>°|degrees?|mm|cm|points?|%)?"
    rf"\s?(?:±|\+/-|\(sd,? )\s?(?P<sd>{_NUMBER})\)?"
    r"\s?(?P<unit>°|degrees?|mm[23²³]?|cm[23²³]?|ml|points?|days?|weeks?|months?|years?|minutes?|min|g|kg|%)?"
)
_MEASURE = re.compile(
    r"(?<!± )(?<![\d.,±/-])(-?\d{1,4}(?:\.\d{1,2})?)\s?(°|degrees?\b|[mc]m[23²³]?(?!\w)|points?\b|ml\b|minutes?\b)"
)
_COUNT = re.compile(
    rf"(?<![\d.,/])(?<!\bof )(?<!\bof the )\b({NUMBER_WORDS}|\d{{1,4}})"
    r" (?:patients?|hips?|knees?|elbows?|shoulders?|cases?|limbs?)\b"
)
_TIME = re.compile(
    r"\b(?:at|after|by|within) (?:(?:a )?(?:mean|median|minimum) (?:of )?)?"
    r"(?:\d+(?:\.\d+)?|one|two|three|four|five|six|nine|ten|twelve)"
    r"[ -](?:days?|weeks?|months?|years?)(?: (?:follow-?up|postoperatively|after surgery))?"
)
#: Below this a total in words counts arms, studies or limbs ("one of the two groups"), not an arm's patients.
FEW = 5
_BRACKET = re.compile(r"\([^()]*[a-z:;][^()]*\)|\[[^\[\]]*[a-z:;][^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class Figure:
    """A proportion or a mean in a sentence: characters, and what it says."""

    start: int
    end: int
    events: int | None = None
    total: int | None = None
    percent: float | None = None
    mean: float | None = None
    sd: float | None = None
    unit: str | None = None

    @property
    def share(self) -> float | None:
        """The proportion in per cent, stated or reckoned."""
        if self.percent is None and self.events is not None and self.total:
            return 100 * self.events / self.total
        return self.percent

    @property
    def value(self) -> float:
        """The proportion or the mean, 0 where neither is given."""
        return (self.share if self.mean is None else self.mean) or 0.0


@lru_cache(maxsize=1 << 8)  # several rules ask for those of the same sentences
def proportions(text: str) -> tuple[Figure, ...]:
    """Returns the proportions of a lower-case sentence, left to right; no intervals, no changes in per cent."""
    found = []
    for match in _shares(text):
        events = match["events"] or match["events_words"] or match["events_after"]
        total = match["total"] or match["total_words"] or match["total_after"] or match["total_none"]
        percent = match["percent"] or match["percent_after"]
        figure = Figure(
            match.start(), match.end(), 0 if match["total_none"] else read_count(events) if events else None,
            read_count(total) if total else None,
            float(percent) if percent else None,
        )  # fmt: skip
        counted = (match["total_words"] or match["total_none"]) is None or (
            figure.events is not None and (figure.total or 0) >= FEW
        )
        if counted and _possible(figure):
            found.append(figure)
    return tuple(found)


def _shares(text: str) -> list[re.Match[str]]:
    """The proportions that are no changes, intervals or ranges, nor listed with one that is."""
    matches = list(_PROPORTION.finditer(text))
    others = [
        bool(_NO_PROPORTION_AFTER.match(text, m.end()) or _NO_PROPORTION_BEFORE.search(text, 0, m.start()))
        or bool((m["percent"] or m["percent_after"]) and _SEX_AFTER.match(text, m.end()))
        for m in matches
    ]
    listed = [bool(_LISTED.fullmatch(text, one.end(), two.start())) for one, two in pairwise(matches)]
    for place in range(len(listed)):
        others[place + 1] |= listed[place] and others[place]
    for place in reversed(range(len(listed))):
        others[place] |= listed[place] and others[place + 1]
    return [match for match, other in zip(matches, others, strict=True) if not other]


def _possible(figure: Figure) -> bool:
    """Events are no more than their total, and the percentage, where both are given, is theirs."""
    if figure.percent is not None and figure.percent > 100:
        return False
    if figure.events is None or figure.total is None:
        return True
    if not figure.total or figure.events > figure.total:
        return False
    return figure.percent is None or abs(100 * figure.events / figure.total - figure.percent) <= 1.1


def means(text: str) -> list[Figure]:
    """Returns the means with standard deviation of a lower-case sentence, left to right."""
    return [
        Figure(m.start(), m.end(), mean=float(m["mean"]), sd=float(m["sd"]), unit=m["unit"] or m["unit_before"])
        for m in _MEAN.finditer(text)
    ]


def measures(text: str) -> list[Figure]:
    """Returns the bare measures of a lower-case sentence ("101°", "4 points"), left to right."""
    return [Figure(m.start(), m.end(), mean=float(m[1]), unit=m[2]) for m in _MEASURE.finditer(text)]


def counts(text: str) -> list[Figure]:
    """Returns the counts of those studied in a lower-case sentence that have no total ("5 patients"), left to right."""
    return [Figure(m.start(), m.end(), events=read_count(m[1])) for m in _COUNT.finditer(text)]


def time_of(text: str) -> str | None:
    """Returns when a sentence says that it was measured ("at 12 months"), in its own words."""
    match = _TIME.search(text)
    return match.group() if match else None


def outside_brackets(text: str) -> str:
    """Returns a text with blanks for what stands in brackets but counts ("12% (3/25)"), so that places stay."""
    return _BRACKET.sub(lambda match: " " * len(match.group()), text)
