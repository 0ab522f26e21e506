"""Two levels of one thing compared in a sentence (approaches, sexes, kinds of implant): which of the two had more HO.

A ratio beside two levels is of one of them only. The figures of the two ("14% after A and 32% after B (OR 0.34)") or
the grammar ("twice as often in A as in B") say which one had more; the ratio then belongs to the level that it agrees
with, and never makes the other one harmful or protective.
"""

import re
from collections.abc import Mapping

from nlp.findings.sentence.arms import arm_figures, proportions
from nlp.findings.sentence.signs import DOWN, NONE, UP
from nlp.findings.sentence.told import Told
from nlp.findings.sentence.view import Context
from nlp.spans.component import Span
from nlp.text.normal import normal

MIRROR: Mapping[str, str] = {UP: DOWN, DOWN: UP, NONE: NONE}
_HO = re.compile(r"\b(?:n?hos?|heterotopic|ectopic|ossif\w*|brooker|it)\b")
_KINDS = ("risk factor", "intervention")


def level_signs(context: Context, number: int, told: list[Told]) -> dict[str, str]:
    """Returns the signs of the two levels that a sentence compares, by normal form; empty where it compares none.

    `told` are the plain statements of the sentence.
    """
    for one in told:
        if one.against is not None and one.sign in (UP, DOWN) and one.subject.kind == "risk factor":
            return {normal(one.subject.text): one.sign, normal(one.against.text): MIRROR[one.sign]}
    return _by_figures(context, number)


def _by_figures(context: Context, number: int) -> dict[str, str]:
    text = context.texts[number]
    subjects: dict[str, Span] = {}
    for span in context.by_sentence.get(number, ()):
        if span.kind in _KINDS:
            subjects.setdefault(normal(span.text), span)
    if len(subjects) != 2 or all(span.kind == "intervention" for span in subjects.values()) or not _HO.search(text):
        return {}
    first = min(context.bounds(span)[0] for span in subjects.values())
    figures = proportions(text)
    if len(figures) == 3 and figures[0].end <= first:
        figures = figures[1:]  # the first one is of all
    pairs = arm_figures(context, number, figures, _KINDS)
    shares = [(normal(span.text), figure.share) for span, figure in pairs]
    if len(shares) != 2:
        return {}
    (one, mine), (other, theirs) = shares
    if mine is None or theirs is None or mine == theirs:
        return {}
    return {one: UP if mine > theirs else DOWN, other: DOWN if mine > theirs else UP}
