"""Plain words on one risk factor, for those that the trained model leaves open.

"The disease correlated positively with X", "its causes were X and Y", "bone forms after X", "no X predicted it",
"higher after Y than after X". It answers where the words right at the factor leave one reading, and is silent on
questions, guesses and denials (`nlp/cues/factors.toml`).
"""

import re
from collections.abc import Sequence

from nlp.cues import patterns
from nlp.cues.disease import OUTCOME, disease_pattern
from nlp.findings.sentence.signs import DOWN, NONE, UP, clause_bounds
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span

_CORRELATES = re.compile(
    r"\b(?:correlat|associat|relat)\w+[^.;]*\b(positively|negatively|inversely)(?: and \w+ly)?"
    r"(?: (?:correlated|associated|related))? (?:with|to)(?: [\w-]+){0,2} $"
    r"|\b(positive|negative|inverse)(?: \w+)? (?:correlation|association)s? (?:of|between) [^.;,]{0,60} (?:with|and)"
    r"(?: [\w-]+){0,2} $"
)
_THAN = re.compile(
    r"\b(?:(higher|more|greater|larger|commoner|increased|raised)|lower|less|fewer|smaller|rarer|reduced)\b[^.;,]{0,60}"
    r" than(?: (?:in|with|after|by|those|that|patients|hips|the|of|a|an|had|given|treated|standard|conventional"
    r"|usual)){0,5} $"
)
#: What is said to be more or less with one than with another.
_SUBJECT = (
    r"(?:<outcome>|\bit|\bprogression|\brecurrences?)(?: \w+ly)?"
    r"(?: (?:was|were|is|are|occurred|developed|formed|\w+ed))?(?: \w+ly)?\W*$"
)
#: Behind "with X", and before it.
_FEWER = (
    r"(?:\)| \([^()]*\))? (?:\w+ly )?(?:lower|smaller|fewer|less)"
    r"(?: (?:rates?|risks?|incidences?|amounts?|odds|volumes?) of)? <outcome>"
)
_WITH = re.compile(r"(?:^|, )(?:with|in|after|through)(?: [^,;.]{1,40})? \(?$")
_AFFECTED = (
    r"\b(?:those|patients|people|hips|subjects) (?:who|that|which|with)(?: had)?(?: developed)? (?:it|<outcome>)"
    r" (?:was|were) (?:\w+ly )?(more|less) (?:likely|often) (?:to (?:be|have|have had) )?(?:an? )?$"
)
_NO = re.compile(r"(?:^|[^\w-])(?:no|none of the)(?: [\w-]+)? $")
#: Work with cells and animals sets other things against each other.
BENCH = ("animal study", "in vitro study")
_NEGATED = re.compile(r"\b(?:not|no|nor|neither|never|without|hardly|less|fewer|lower|rarer)\b")
_OWN_NAMES = r"(?:\)|(?: \([^()]*\)| (?:of|in) [\w -]{1,40}?){0,2})"
#: So many characters stand at most between the disease and what it is due to.
_NEAR = 60
#: No list of causes is longer.
_LONGEST = 400
_AFTER = re.compile(r"^after (?:[^.;]{0,80} )?$")


def plain_signs(context: Context, group: Sequence[Span]) -> set[str]:
    """Returns the signs that plain words give the places of a factor."""
    return {sign for span in group if (sign := plain_sign(context, span)) is not None}


def plain_sign(context: Context, span: Span) -> str | None:
    """Returns the sign that plain words give a factor in its sentence: up, down, "none"; None where they give none."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    if text.rstrip().endswith("?"):
        return None
    untold = patterns("factors", re.NOFLAG)["untold"]
    names_it = disease_pattern(OUTCOME).search(text) is not None
    no = _NO.search(text, 0, start)
    if no:
        told = names_it and _matters(text, end) and not untold.search(text, 0, no.start())
        return NONE if told else None
    if untold.search(text, 0, start):
        return None
    if _reaches("cause", text, start) or _is_due_to(text, start):
        return UP  # whatever it is a cause of: the record is about the disease
    if not names_it:
        return None
    return _listed(text, start) or _correlates(text, start) or _compared(text, start, end) or _arises(text, start, end)


def sure_sign(context: Context, span: Span) -> str | None:
    """Returns the sign that the grammar right at a factor gives it, which no other reading outweighs, or None.

    "It correlated negatively with X", "no bone was induced by X, by Y or by Z", "a disease which X causes", "it was
    less common than in X", "with X lower rates of it were seen", "those who developed it were more often X".
    """
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    if text.rstrip().endswith("?"):
        return None
    if _is_brought(text, start, end):
        return UP
    if _is_no_cause(text, start):
        return NONE
    if patterns("factors", re.NOFLAG)["untold"].search(text, 0, start):
        return None
    return _correlates(text, start) or (None if context.design in BENCH else _as_against(text, start, end))


def _as_against(text: str, start: int, end: int) -> str | None:
    """The sign of what the disease was rarer or commoner than with, was rarer with, or the affected more often were."""
    first, _ = clause_bounds(text, start, end)
    than = _THAN.search(text[first:start])
    if than and disease_pattern(_SUBJECT).search(text, first, first + than.start()):
        return DOWN if than[1] else UP
    with_ = disease_pattern(_FEWER).match(text, end)
    if with_ and _WITH.search(text, 0, start) and not _NEGATED.search(text, first, start):
        return DOWN
    likely = disease_pattern(_AFFECTED).search(text[:start])
    return (DOWN if likely[1] == "less" else UP) if likely else None


def _is_brought(text: str, start: int, end: int) -> bool:
    """Whether a relative clause says by the way that a factor causes the disease."""
    brings = f"(?:{patterns('factors', re.NOFLAG)['brings'].pattern})"
    if re.search(r"\bin (?:which|whom)\b[^,;.]*$", text[:start]):
        match = disease_pattern(rf"{_OWN_NAMES} {brings} (?:[\w-]+ ){{0,3}}<outcome>").match(text, end)
        return match is not None
    before = disease_pattern(r"\b<outcome>(?: \([^()]*\))? (?:which|that) (?:[\w-]+ )?$").search(text, 0, start)
    return before is not None and re.match(rf" {brings}\b", text[end:]) is not None


def _is_no_cause(text: str, start: int) -> bool:
    """Whether a sentence says of a list of causes that the disease was brought about by none of them."""
    match = _reaches("not_caused", text, start)
    no = re.search(r"(?:^|[;:,] |\band )no (?:[\w-]+ ){0,3}$", text[: match.start()]) if match else None
    if match is None or no is None or _NEGATED.search(text, match.end(), start):
        return False
    return disease_pattern(rf"{OUTCOME}|<kin>").search(text, no.start(), match.start()) is not None


def goes_along(context: Context, span: Span) -> bool:
    """Returns whether the disease went along with a factor ("X and Y went along with it"), or depended on it."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    if text.rstrip().endswith("?") or patterns("factors", re.NOFLAG)["untold"].search(text, 0, start):
        return False
    first, last = clause_bounds(text, start, end)
    swayed = _reaches("swayed", text, start)
    if swayed:
        before = disease_pattern(OUTCOME).search(text, max(first, swayed.start() - _NEAR), swayed.start())
        return before is not None and not _NEGATED.search(text, first, start)
    goes = f"(?:{patterns('factors', re.NOFLAG)['goes_with'].pattern})"
    behind = disease_pattern(rf"(?:,? and [\w -]{{3,50}}?)? {goes} (?:it|its|<outcome>)\b").match(text, end, last)
    return behind is not None and not _NEGATED.search(text, first, last)


def _matters(text: str, end: int) -> bool:
    match = patterns("factors", re.NOFLAG)["matters"].search(text, end, min(len(text), end + 80))
    return match is not None and not re.search("[.;,]", text[end : match.start()])


def _correlates(text: str, start: int) -> str | None:
    match = _CORRELATES.search(text[:start])
    if match is None or not disease_pattern(OUTCOME).search(text, 0, match.end()):
        return None
    return UP if (match[1] or match[2]).startswith("positive") else DOWN


def _compared(text: str, start: int, end: int) -> str | None:
    first, _ = clause_bounds(text, start, end)
    match = _THAN.search(text[first:start])
    if match is None or not disease_pattern(OUTCOME).search(text, first, start):
        return None
    return DOWN if match[1] else UP


def is_mutation(span: Span) -> bool:
    """Returns whether a factor is a change of a gene, which those who have the disease carry."""
    return patterns("factors", re.NOFLAG)["mutation"].search(span.text.lower()) is not None


def _is_due_to(text: str, start: int) -> bool:
    """Whether what begins here is what the disease before it is due to."""
    match = _reaches("caused", text, start)
    before = disease_pattern(OUTCOME).search(text, max(0, match.start() - _NEAR), match.start()) if match else None
    return before is not None


def _listed(text: str, start: int) -> str | None:
    match = _reaches("risks", text, start)
    return UP if match and disease_pattern(OUTCOME).search(match.group()) else None


def _arises(text: str, start: int, end: int) -> str | None:
    """The disease arises after a factor, or "after X and Y bone may form"."""
    match = _reaches("arises", text, start)
    if match:
        return UP if disease_pattern(OUTCOME).search(text, 0, match.start()) else None
    if not _AFTER.match(text[:start]):
        return None
    then = patterns("factors", re.NOFLAG)["then_arises"].search(text, end, min(len(text), end + 100))
    return UP if then and not re.search("[.;]", text[end : then.start()]) else None


def _reaches(name: str, text: str, start: int) -> re.Match[str] | None:
    """The cue before a factor between which and it stands only the list that it is in."""
    match = patterns("factors", re.NOFLAG)[name].search(text, 0, start)
    if match is None or start - match.end() > _LONGEST or re.search("[.;:]", text[match.end() : start]):
        return None
    return match
