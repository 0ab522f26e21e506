"""What each arm showed: events, totals, percentages, means, read from a sentence and given to its arms in order.

A sentence's figures belong to its arms only where there are as many of the one as of the other and they come in a
readable order ("4% after aspirin and 12% after placebo", "aspirin 4% v placebo 12%", "aspirin and
placebo (4% v 12%)"); else they are left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from nlp.cues import patterns
from nlp.findings.sentence.signs import DOWN, UP, clause_bounds
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal
from nlp.text.numbers import NUMBER_WORDS, read_count

_NUMBER = r"\d{1,5}(?:\.\d{1,3})?"
_PERCENT = r"(?P<percent>\d{1,3}(?:\.\d{1,3})?)\s?(?:%|per ?cent\b)"
_PROPORTION = re.compile(
    r"(?<![\d.,/])(?:(?P<events>\d{1,5})\s?(?:/|of(?: the| these)?(?= ?\d)|out of)\s?(?P<total>\d{1,5})"
    r"(?![\d.]*\d|\s?%)"
    r"(?:(?: [a-z]+){0,2}\s?[(\[]\s?(?P<percent_after>\d{1,3}(?:\.\d{1,3})?)\s?(?:%|per ?cent))?"
    rf"|\b(?P<events_words>{NUMBER_WORDS}|\d{{1,5}}) (?:of(?: the| these)?|out of) "
    rf"(?P<total_words>{NUMBER_WORDS}|\d{{1,5}})\b"
    rf"|{_PERCENT}(?:\s?[(\[](?:n ?= ?)?(?P<events_after>\d{{1,5}})"
    r"(?:\s?(?:/|of)\s?(?P<total_after>\d{1,5}))?[)\]])?)"
)
_NO_PROPORTION_AFTER = re.compile(
    r"\s?(?:confidence|credible|ci\b|cri\b|reduction|lower|higher|less|more|increase|decrease|fewer|of the varia|male"
    r"|female|women|men\b|power|sensitiv|specific)"
)
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
_TIME = re.compile(
    r"\b(?:at|after|by|within) (?:(?:a )?(?:mean|median|minimum) (?:of )?)?"
    r"(?:\d+(?:\.\d+)?|one|two|three|four|five|six|nine|ten|twelve)"
    r"[ -](?:days?|weeks?|months?|years?)(?: (?:follow-?up|postoperatively|after surgery))?"
)
#: Below this a total in words counts arms, studies or limbs ("one of the two groups"), not an arm's patients.
FEW = 5
_WITHOUT_IT = re.compile(r"\bwithout\b(?=\s*(?:[;,.()]|it\b|and\b|$))|\bof the others\b")
_ONLY = re.compile(r"\b(?:only|all)(?: (?:the|of|\d+|[a-z]+)){0,2} $")
_APPOSED = re.compile(r"\s*(?:of|\()\s*")
_VERSUS = re.compile(r"\b(?:vs?\.?|versus|against|and|compared (?:with|to)|respectively)\b")


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


def proportions(text: str) -> list[Figure]:
    """Returns the proportions of a lower-case sentence, left to right; no intervals, no changes in per cent."""
    found = []
    for match in _shares(text):
        events = match["events"] or match["events_words"] or match["events_after"]
        total = match["total"] or match["total_words"] or match["total_after"]
        percent = match["percent"] or match["percent_after"]
        figure = Figure(
            match.start(), match.end(), read_count(events) if events else None, read_count(total) if total else None,
            float(percent) if percent else None,
        )  # fmt: skip
        counted = match["total_words"] is None or (figure.events is not None and (figure.total or 0) >= FEW)
        if counted and _possible(figure):
            found.append(figure)
    return found


def _shares(text: str) -> list[re.Match[str]]:
    """The proportions that are no changes, intervals or ranges, nor listed with one that is."""
    matches = list(_PROPORTION.finditer(text))
    others = [
        bool(_NO_PROPORTION_AFTER.match(text, m.end()) or _NO_PROPORTION_BEFORE.search(text, 0, m.start()))
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


def time_of(text: str) -> str | None:
    """Returns when a sentence says that it was measured ("at 12 months"), in its own words."""
    match = _TIME.search(text)
    return match.group() if match else None


def arm_figures(
    context: Context, number: int, figures: Sequence[Figure], kinds: Sequence[str] = ("intervention",)
) -> list[tuple[Span, Figure]]:
    """Returns each arm of a sentence with its figure, or nothing where the two cannot be matched one to one.

    Arms are the spans of the kinds given: treatments, or also levels of a factor.
    """
    arms: dict[str, Span] = {}
    for span in context.by_sentence.get(number, ()):
        if span.kind in kinds:
            arms.setdefault(normal(span.text), span)
    spans = sorted(arms.values(), key=lambda span: span.first)
    if not 2 <= len(spans) == len(figures):
        return []
    pairs = list(zip(spans, figures, strict=True))
    bounds = [context.bounds(span) for span in spans]
    behind = all(figure.start >= bound[1] for bound, figure in zip(bounds, figures, strict=True))
    ahead = all(figure.end <= bound[0] for bound, figure in zip(bounds, figures, strict=True))
    if not (behind or ahead):
        return []
    places = [(bound[0], 0) for bound in bounds] + [(figure.start, 1) for figure in figures]
    turns = [kind for _, kind in sorted(places)]
    one_by_one = turns in ([0, 1] * len(spans), [1, 0] * len(spans))
    in_lists = turns == [0] * len(spans) + [1] * len(spans)
    if not one_by_one and not (in_lists and _VERSUS.search(context.texts[number], figures[0].start)):
        return []
    return pairs


def apposed(context: Context, one: Span, other: Span) -> bool:
    """Returns whether two outcomes are two names of one ("severe pain (grade III/IV)", "pain of grade II or more")."""
    first, second = sorted((one, other), key=lambda span: span.first)
    if first.sentence != second.sentence:
        return False
    between = context.texts[one.sentence][context.bounds(first)[1] : context.bounds(second)[0]]
    return bool(_APPOSED.fullmatch(between))


def _outcome_count(context: Context, number: int) -> int:
    """How many outcomes a sentence names, further names of one left out."""
    named: dict[str, Span] = {}
    last: Span | None = None
    for span in context.by_sentence.get(number, ()):
        if span.kind != "outcome":
            continue
        if last is None or not apposed(context, last, span):
            named.setdefault(normal(span.text), span)
        last = span
    return len(named)


@cache
def _shares_cues() -> dict[str, re.Pattern[str]]:
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("shares", re.NOFLAG).items()}
    return {
        "absent_before": re.compile(rf"(?<![\w-]){words['absent_before']}(?: [\w-]+){{0,2}} $"),
        "absent_behind": re.compile(words["absent_behind"]),
        "of_part": re.compile(rf"(?<![\w-]){words['of_part']}(?![\w-])"),
    }


def is_told_absent(context: Context, outcome: Span) -> bool:
    """Returns whether figures beside an outcome count those without it ("free of it", "it was absent in")."""
    text = context.texts[outcome.sentence]
    start, end = context.bounds(outcome)
    first, _ = clause_bounds(text, start, end)
    before = text[first:start]
    return bool(_shares_cues()["absent_before"].search(before) or _shares_cues()["absent_behind"].match(text, end))


def is_told_of_part(context: Context, number: int) -> bool:
    """Returns whether a sentence tells of some of those studied, or of what became of the disease, by its words."""
    return bool(_shares_cues()["of_part"].search(context.texts[number]))


def figures_sign(context: Context, number: int, drug: str, against: str | None) -> str | None:
    """Returns whether the arm `drug` had more or fewer events than another, by the sentence's own proportions.

    `drug` and `against` are normal forms; without `against` there must be exactly one other arm. None where the
    sentence has more than one outcome, or its figures cannot be given to its arms.
    """
    if _outcome_count(context, number) != 1:
        return None
    shares = {normal(s.text): f.share for s, f in arm_figures(context, number, proportions(context.texts[number]))}
    others = [against] if against in shares else [name for name in shares if name != drug]
    if drug not in shares or len(others) != 1:
        return None
    first, second = shares[drug], shares[others[0]]
    named = [span for span in context.by_sentence.get(number, ()) if span.kind == "outcome"]
    absent = any(is_told_absent(context, span) for span in named)
    return _less_or_more(second, first) if absent else _less_or_more(first, second)


def unnamed_arm_sign(context: Context, outcome: Span, drug: str) -> str | None:
    """Returns the sign of figures of an arm and of those "without", who are not named again, in an outcome's clause.

    "27% with diclofenac and 52% without; grade III was seen in 1% and 11%" tells both outcomes in one order.
    """
    text = context.texts[outcome.sentence]
    arms = [span for span in context.by_sentence.get(outcome.sentence, ()) if span.kind == "intervention"]
    without = _WITHOUT_IT.search(text)
    if without is None or {normal(span.text) for span in arms} != {drug}:
        return None
    start, end = clause_bounds(text, *context.bounds(outcome))
    shares = [figure.share for figure in proportions(text) if start <= figure.start < end]
    if len(shares) != 2:
        return None
    first, second = shares if context.bounds(arms[0])[0] < without.start() else reversed(shares)
    return _less_or_more(first, second)


def only_arm_sign(context: Context, outcome: Span, drug: str) -> str | None:
    """Returns UP where a sentence says that all events were of one arm ("the only two reoperations were in X")."""
    text = context.texts[outcome.sentence]
    start, end = context.bounds(outcome)
    if not _ONLY.search(text, 0, start):
        return None
    behind = re.compile(rf"[^.;,]{{0,40}}\b(?:was|were|occurred|fell) (?:all )?in (?:the )?{re.escape(drug)}\b")
    return UP if behind.match(text, end) else None


def _less_or_more(mine: float | None, theirs: float | None) -> str | None:
    if mine is None or theirs is None or mine == theirs:
        return None
    return DOWN if mine < theirs else UP
