"""What each arm showed: the figures of a sentence given to its arms in order.

A sentence's figures belong to its arms only where there are as many of the one as of the other and they come in a
readable order ("4% after aspirin and 12% after placebo", "aspirin 4% v placebo 12%", "aspirin and
placebo (4% v 12%)"); else they are left out.
"""

import re
from collections.abc import Sequence
from functools import cache

from nlp.cues import patterns
from nlp.findings.sentence.signs import DOWN, UP, clause_bounds, signs_in
from nlp.findings.sentence.view import Context, once_a_record
from nlp.spans.tagging import Span
from nlp.text.figures import Figure, counts, means, measures, outside_brackets, proportions
from nlp.text.normal import normal

#: Figures of arms contrast where one is this many times the other: less speaks for nothing where no test is told.
CONTRAST = 1.2
#: Nor do shares that are so near to each other, in per cent of those studied, where neither is half as much again.
POINTS = 2.0
_MIRROR = {UP: DOWN, DOWN: UP}
_WITHOUT_IT = re.compile(r"\bwithout\b(?=\s*(?:[;,.()]|it\b|and\b|$))|\bof the others\b")
_ONLY = re.compile(r"\b(?:only|all)(?: (?:the|of|\d+|[a-z]+)){0,2} $")
_APPOSED = re.compile(r"\s*(?:of|\()\s*")
_AND = re.compile(r"\b(?:and|versus|vs\.?|v|against|compared (?:with|to)|but)\b")
_BESIDE = re.compile(r" ?(?:(?:of|in|after|with|on|among|for|given|the|those|patients|hips|cases) )*")
#: Behind the second of two figures: whose it is.
_OF_OTHERS = re.compile(r"[^.;,\d]{0,25}\b(?:after|with|in|under|on|given|without|among|of)\b")
_VERSUS = re.compile(r"\b(?:vs?\.?|versus|against|and|compared (?:with|to)|respectively)\b")


_IN_TURN = re.compile(r"[^.;\d]{0,25}\brespectively\b")
#: A value beside these is what became of a value, or the difference of two.
_CHANGE = re.compile(
    r"\b(?:improv|reduc|increas|decreas|gain|loss|lost|chang|differ|r[io]se|f[ae]ll|baseline|before)\w*"
)


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
    text = context.texts[number]
    places = [(bound[0], 0) for bound in bounds] + [(figure.start, 1) for figure in figures]
    turns = [kind for _, kind in sorted(places)]
    if turns == [0, 1, 1, 0]:  # "4% with aspirin, against 12% with placebo" told the other way round
        return pairs if _BESIDE.fullmatch(text, figures[1].end, bounds[1][0]) else []
    behind = all(figure.start >= bound[1] for bound, figure in zip(bounds, figures, strict=True))
    ahead = all(figure.end <= bound[0] for bound, figure in zip(bounds, figures, strict=True))
    if not (behind or ahead):
        return []
    one_by_one = turns in ([0, 1] * len(spans), [1, 0] * len(spans))
    arms_first = turns == [0] * len(spans) + [1] * len(spans) and _VERSUS.search(text, figures[0].start)
    figures_first = turns == [1] * len(spans) + [0] * len(spans) and _IN_TURN.search(text, bounds[-1][1])
    return pairs if one_by_one or arms_first or figures_first else []


def sign_of_one_named(context: Context, span: Span, figures: Sequence[Figure]) -> str | None:
    """Returns which of two groups had more where only one has a known name: "46% after X and 29% after the old way".

    The sign is that of the named one; None where it cannot be read.
    """
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    one, other = figures
    if not _AND.search(text, one.end, other.start) or one.value == other.value:
        return None
    if other.end <= start and _BESIDE.fullmatch(text, other.end, start):
        mine = other
    elif one.end <= start and end <= other.start and _BESIDE.fullmatch(text, one.end, start):
        mine = one
    else:
        return None
    return UP if mine.value == max(one.value, other.value) else DOWN


def apposed(context: Context, one: Span, other: Span) -> bool:
    """Returns whether two outcomes are two names of one ("severe pain (grade III/IV)", "pain of grade II or more")."""
    first, second = sorted((one, other), key=lambda span: span.first)
    if first.sentence != second.sentence:
        return False
    between = context.texts[one.sentence][context.bounds(first)[1] : context.bounds(second)[0]]
    return bool(_APPOSED.fullmatch(between))


def _outcome_count(context: Context, number: int, text: str | None = None) -> int:
    """How many outcomes a sentence names, further names of one left out, and what stands outside a text with blanks."""
    named: dict[str, Span] = {}
    last: Span | None = None
    for span in context.by_sentence.get(number, ()):
        if span.kind != "outcome" or (text is not None and text[slice(*context.bounds(span))].isspace()):
            continue
        if last is None or not apposed(context, last, span):
            named.setdefault(normal(span.text), span)
        last = span
    return len(named)


@cache
def _shares_cues() -> dict[str, re.Pattern[str]]:
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("shares", re.NOFLAG).items()}
    return {
        "absent_before": re.compile(
            rf"(?<![\w-]){words['absent_before']}"
            r"(?: (?!differ|effect|chang|influen|increas|decreas|reduc|impact|associat)[\w-]+){0,2} $"
        ),
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


def figures_sign(context: Context, number: int, drug: str, against: str | None, least: float = 1.0) -> str | None:
    """Returns whether the arm `drug` had more or less than another, by the sentence's own proportions or measures.

    `drug` and `against` are normal forms; without `against` it is set against all others. None where the sentence has
    more than one outcome, its figures cannot be given to its arms, or neither is `least` times the other.
    """
    figures = proportions(context.texts[number])
    shares = _shares_of_arms(context, number) if figures else _measures_of_arms(context, number)
    if not shares and len(figures) == 2 and _outcome_count(context, number) == 1:
        return _sign_beside_unnamed(context, number, drug, figures)
    others = [shares[name] for name in ([against] if against in shares else shares) if name != drug]
    signs = {_less_or_more(shares.get(drug), share, least) for share in others}
    sign = signs.pop() if len(signs) == 1 else None  # of more than two only the highest and the lowest have one
    return _MIRROR.get(sign or "") if counts_absence(context, number) else sign


@once_a_record
def _shares_of_arms(context: Context, number: int) -> dict[str, float | None]:
    """The share of each arm of a sentence with one outcome, by normal form."""
    whole = context.texts[number]
    for text in (whole, outside_brackets(whole)):
        if _outcome_count(context, number, text) == 1:
            shares = {normal(span.text): f.share for span, f in arm_figures(context, number, proportions(text))}
            if shares:
                return shares
    return {}


@once_a_record
def _measures_of_arms(context: Context, number: int) -> dict[str, float | None]:
    """The measured value of each arm of a sentence with one outcome that tells of no change, by normal form."""
    text = context.texts[number]
    if _outcome_count(context, number) != 1 or _CHANGE.search(text):
        return {}
    found = means(text) or measures(text)
    if len({figure.unit for figure in found}) != 1:
        return {}
    return {normal(span.text): figure.mean for span, figure in arm_figures(context, number, found)}


def _sign_beside_unnamed(context: Context, number: int, drug: str, figures: Sequence[Figure]) -> str | None:
    """The sign of the only treatment that a sentence names: its figure stands beside that of an arm in other words."""
    here = [span for span in context.by_sentence.get(number, ()) if span.kind != "outcome"]
    if {normal(span.text) for span in here} != {drug}:
        return None
    if not _OF_OTHERS.match(context.texts[number], figures[1].end):
        return None
    sign = sign_of_one_named(context, here[0], figures)
    return _MIRROR.get(sign or "") if counts_absence(context, number) else sign


@once_a_record
def counts_absence(context: Context, number: int) -> bool:
    """Returns whether the figures of a sentence count those without an outcome that it names."""
    named = [span for span in context.by_sentence.get(number, ()) if span.kind == "outcome"]
    return any(is_told_absent(context, span) for span in named)


@once_a_record
def hardly_differ(context: Context, number: int, kinds: Sequence[str] = ("intervention",)) -> frozenset[str]:
    """Returns the arms, by normal form, of which a sentence tells nothing but figures that do not contrast.

    Shares and measures of which none is `CONTRAST` times another, and counts without a total; empty where words, a
    test or a ratio say more.
    """
    text = context.texts[number]
    if context.estimates[number] or signs_in(text) or _outcome_count(context, number) != 1:
        return frozenset()
    named = {normal(s.text) for s in context.by_sentence.get(number, ()) if s.kind in kinds}
    for read in (proportions, means, measures, counts):
        figures = read(text)
        arms = {normal(span.text) for span, _ in arm_figures(context, number, figures, kinds)}
        if len(named) == 1 and len(figures) == 2:
            arms = named  # against an arm in other words
        if arms:
            values = [figure.value for figure in figures]
            return frozenset(arms) if read is counts or _are_near(min(values), max(values)) else frozenset()
    return frozenset()


def _are_near(low: float, high: float) -> bool:
    return high < CONTRAST * low or (high - low < POINTS and high < 1.5 * low)


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


def _less_or_more(mine: float | None, theirs: float | None, least: float = 1.0) -> str | None:
    if mine is None or theirs is None or mine == theirs or max(mine, theirs) < least * min(mine, theirs):
        return None
    return DOWN if mine < theirs else UP
