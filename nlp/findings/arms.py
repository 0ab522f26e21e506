"""What each arm showed: events, totals, percentages, means, read from a sentence and given to its arms in order.

A sentence's figures belong to its arms only where there are as many of the one as of the other and they come in a
readable order ("4% after naproxen and 12% after placebo", "naproxen 4% v placebo 12%", "naproxen and
placebo (4% v 12%)"); else they are left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.findings.signs import DOWN, UP
from nlp.findings.view import Context
from nlp.spans.component import Span
from nlp.text.normal import normal

_NUMBER = r"\d{1,5}(?:\.\d{1,3})?"
_PERCENT = r"(?P<percent>\d{1,3}(?:\.\d{1,3})?)\s?(?:%|per ?cent\b)"
_PROPORTION = re.compile(
    r"(?<![\d.,/])(?:(?P<events>\d{1,5})\s?(?:/|of(?: the| these)?(?= ?\d)|out of)\s?(?P<total>\d{1,5})"
    r"(?![\d.]*\d|\s?%)"
    r"(?:(?: [a-z]+){0,2}\s?[(\[]\s?(?P<percent_after>\d{1,3}(?:\.\d{1,3})?)\s?(?:%|per ?cent))?"
    rf"|{_PERCENT}(?:\s?[(\[](?:n ?= ?)?(?P<events_after>\d{{1,5}})"
    r"(?:\s?(?:/|of)\s?(?P<total_after>\d{1,5}))?[)\]])?)"
)
_NO_PROPORTION_AFTER = re.compile(
    r"\s?(?:confidence|credible|ci\b|cri\b|reduction|lower|higher|less|more|increase|decrease|fewer|of the varia|male"
    r"|female|women|men\b|power|sensitiv|specific)"
)
_NO_PROPORTION_BEFORE = re.compile(r"(?:\bby|sensitivity|specificity|power|accuracy|level) (?:of )?(?:about |only )?$")
_MEAN = re.compile(
    rf"(?<![\d.])(?P<mean>-?{_NUMBER})\s?(?P<unit_before>°|degrees?|mm|cm|points?|%)?"
    rf"\s?(?:±|\+/-|\(sd,? )\s?(?P<sd>{_NUMBER})\)?"
    r"\s?(?P<unit>°|degrees?|mm3?|cm3?|ml|points?|days?|weeks?|months?|years?|minutes?|min|g|kg|%)?"
)
_TIME = re.compile(
    r"\b(?:at|after|by|within) (?:(?:a )?(?:mean|median|minimum) (?:of )?)?"
    r"(?:\d+(?:\.\d+)?|one|two|three|four|five|six|nine|ten|twelve)"
    r"[ -](?:days?|weeks?|months?|years?)(?: (?:follow-?up|postoperatively|after surgery))?"
)
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
    for match in _PROPORTION.finditer(text):
        if _NO_PROPORTION_AFTER.match(text, match.end()) or _NO_PROPORTION_BEFORE.search(text, 0, match.start()):
            continue
        events, total = match["events"] or match["events_after"], match["total"] or match["total_after"]
        percent = match["percent"] or match["percent_after"]
        figure = Figure(
            match.start(), match.end(), int(events) if events else None, int(total) if total else None,
            float(percent) if percent else None,
        )  # fmt: skip
        if _possible(figure):
            found.append(figure)
    return found


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


def arm_figures(context: Context, number: int, figures: Sequence[Figure]) -> list[tuple[Span, Figure]]:
    """Returns each arm of a sentence with its figure, or nothing where the two cannot be matched one to one."""
    arms: dict[str, Span] = {}
    for span in context.by_sentence.get(number, ()):
        if span.kind == "intervention":
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


def figures_sign(context: Context, number: int, drug: str, against: str | None) -> str | None:
    """Returns whether the arm `drug` had more or fewer events than another, by the sentence's own proportions.

    `drug` and `against` are normal forms; without `against` there must be exactly one other arm. None where the
    sentence has more than one outcome, or its figures cannot be given to its arms.
    """
    outcomes = {normal(s.text) for s in context.by_sentence.get(number, ()) if s.kind == "outcome"}
    if len(outcomes) != 1:
        return None
    shares = {normal(s.text): f.share for s, f in arm_figures(context, number, proportions(context.texts[number]))}
    others = [against] if against in shares else [name for name in shares if name != drug]
    if drug not in shares or len(others) != 1:
        return None
    mine, theirs = shares[drug], shares[others[0]]
    if mine is None or theirs is None or mine == theirs:
        return None
    return DOWN if mine < theirs else UP
