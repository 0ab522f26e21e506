"""Two levels of one thing compared in a sentence (approaches, sexes, kinds of implant): which of the two had more.

A ratio beside two levels is of one of them only. The figures of the two ("14% after A and 32% after B (OR 0.34)") or
the grammar ("twice as often in A as in B") say which one had more; the ratio then belongs to the level that it agrees
with, and never makes the other one harmful or protective.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from nlp.cues.disease import disease_pattern
from nlp.findings.sentence.arms import arm_figures, counts_absence, sign_of_one_named
from nlp.findings.sentence.signs import DOWN, NONE, UP, signs_in
from nlp.findings.sentence.told import Told
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.figures import Figure, means, proportions
from nlp.text.normal import normal

MIRROR: Mapping[str, str] = {UP: DOWN, DOWN: UP, NONE: NONE}
_DISEASE = r"\b(?:<outcome>|<grading>|it)\b"
_BRACKET = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_EVERYBODY = re.compile(r"^(?:of|in|overall|altogether|among)\b")
_WITHOUT = (
    r"(?: \w+){0,3} (\d+(?:\.\d+)?)\b[^;.]{0,40}(?:\.\d+[^;.]{0,20})?\b(?:versus|vs\.?|v|against|compared with)\b"
    r"[^;.\d]{0,20}(\d+(?:\.\d+)?)\b[^;]{0,40}\b(?:without|no) <name>\b"
)
_JOINED = re.compile(r" ?(?:and|or|versus|vs\.?|v|against|compared (?:with|to))(?: (?:the|in|with))* ")
_BETWEEN = re.compile(r"\b(?:between|both)(?: (?:the|patients|hips|with|in))* $")
_GROUPS = re.compile(r" (?:groups?|arms?|cohorts?|approach(?:es)?|sides?|patients|hips)\b")
_ALIKE_BESIDES = re.compile(r",? (?:with|and|but) no(?: \w+){0,2} (?:differences?|effects?) (?:in|on|for) [^,;]*$")
_KINDS = ("risk factor", "intervention")


def level_signs(context: Context, number: int, told: Sequence[Told]) -> dict[str, str]:
    """Returns the signs of the levels that a sentence compares, by normal form; empty where it compares none.

    Of more than two only the highest and the lowest have one.

    `told` are the plain statements of the sentence.
    """
    for one in told:
        if one.against is not None and one.sign in (UP, DOWN) and one.subject.kind == "risk factor":
            return {normal(one.subject.text): one.sign, normal(one.against.text): MIRROR[one.sign]}
    return _by_figures(context, number)


def _by_figures(context: Context, number: int) -> dict[str, str]:
    signs = _signs_of_figures(context, number)
    return {name: MIRROR[sign] for name, sign in signs.items()} if counts_absence(context, number) else signs


def _signs_of_figures(context: Context, number: int) -> dict[str, str]:
    text = _without_other_outcomes(context.texts[number])
    subjects: dict[str, Span] = {}
    for span in context.by_sentence.get(number, ()):
        if span.kind in _KINDS:
            subjects.setdefault(normal(span.text), span)
    if (
        not subjects
        or all(span.kind == "intervention" for span in subjects.values())
        or not disease_pattern(_DISEASE).search(text)
        or (NONE in signs_in(text) and not counts_absence(context, number))
    ):
        return {}
    for figures in _readings(text, min(context.bounds(span)[0] for span in subjects.values())):
        if len(subjects) == 1 and len(figures) == 2:
            span = next(iter(subjects.values()))
            sign = sign_of_one_named(context, span, figures)
            return {normal(span.text): sign} if sign else {}
        pairs = arm_figures(context, number, figures, _KINDS)
        values = {normal(span.text): figure.value for span, figure in pairs}
        lowest, highest = min(values.values(), default=0.0), max(values.values(), default=0.0)
        if lowest < highest:
            return {
                name: UP if value == highest else DOWN for name, value in values.items() if value in (lowest, highest)
            }
    return {}


def _without_other_outcomes(text: str) -> str:
    """A sentence without what it says at its end of another outcome ("..., with no difference in pain")."""
    tail = _ALIKE_BESIDES.search(text)
    return text if tail is None or disease_pattern(_DISEASE).search(text, tail.start()) else text[: tail.start()]


def are_set_against(context: Context, one: Span, other: Span) -> bool:
    """Returns whether a sentence names two levels as its two groups ("in the A and B groups", "between A and B")."""
    first, second = sorted((one, other), key=lambda span: span.first)
    if first.sentence != second.sentence:
        return False
    text = context.texts[first.sentence]
    (start, end), (begin, stop) = context.bounds(first), context.bounds(second)
    return bool(_JOINED.fullmatch(text, end, begin)) and bool(
        _BETWEEN.search(text, 0, start) or _GROUPS.match(text, stop)
    )


def by_disease_sign(context: Context, span: Span) -> str | None:
    """Returns the sign of a factor measured with the disease and without ("28 days versus 7 without it"), or None."""
    match = disease_pattern(_WITHOUT).match(context.texts[span.sentence], context.bounds(span)[1])
    if match is None or float(match[1]) == float(match[2]):
        return None
    return UP if float(match[1]) > float(match[2]) else DOWN


def _readings(text: str, first: int) -> Iterator[Sequence[Figure]]:
    """The figures of a sentence: those outside brackets, else all; without one of everybody before the first level."""
    for read in (proportions, means):
        for words in (_BRACKET.sub(lambda match: " " * len(match.group()), text), text):
            figures = read(words)
            ahead = [figure for figure in figures if figure.end <= first]
            if len(figures) > 2 and len(ahead) == 1 and _EVERYBODY.search(words, 0, first):
                figures = figures[1:]
            if len(figures) > 1:
                yield figures
