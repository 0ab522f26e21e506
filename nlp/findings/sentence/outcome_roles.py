"""What an outcome is where it is no result: why patients were operated on, a cause, who was looked at."""

import re

from nlp.cues.disease import disease_pattern
from nlp.findings.sentence.signs import clause_bounds
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span

_OPERATED_FOR = re.compile(
    r"\b(?:re-?operat\w+|revisions?|revision surgery|re-?admi\w+|surgery|excisions?)(?: rates?)? "
    r"(?:for|due to|because of)(?: (?:the|symptomatic|severe|painful|progressive))* ?$"
)
_CAUSE = re.compile(
    r"\b(?:(?:affected|influenced|caused|limited|hampered|impaired|impeded|compromised|restricted|explained) by"
    r"|irrespective of|regardless of)"
    r"(?: (?:the|their|its|any|presence|development|occurrence|severity|extent|of))*(?: non-?)? ?$"
)
_POPULATION = re.compile(
    r"\b(?:patients|hips|elbows|knees|those|subjects|cases|groups?|limbs|individuals|people|mice) "
    r"(?:with|without|who had|who developed|developing|having)(?: (?:and without|or without))?(?: \w+)? ?$"
)
#: How many patients had it is a result.
_COUNTED = re.compile(r"\b(?:number|proportion|percentage|share|fraction|rate)s? of(?: the| all)? $")
_BY_DISEASE = (
    r"\b(?:hips|elbows|knees|joints|patients|those) (?:of|with) (?:<grading> )?(?:grades?|class(?:es)?)[ -](?:[0-9]|i)"
    r"|\b<name> ?(?:\+|-(?! ?\w)|-positive|-negative)|\b(?:with|without) (?:and without )?<name>\b"
)
_EVENT = re.compile(
    r" (?:did not (?:occur|develop|recur)"
    r"|(?:was|were) not (?:included|studied|examined|available|assessed|evaluated)"
    r"|(?:was|were) (?:not |never )?(?:seen|observed|found|noted|diagnosed|suspected|excluded|ruled out|recorded)"
    r"|(?:occurred|developed|recurred)(?! (?:had|were|was|showed)\b))\b"
)
_NO = re.compile(r"(?:^|\W)(?:no|zero)(?: [\w-]+){0,3} $")
_ABOUT_DISEASE = r"\b(?:<outcome>|associat\w*|risk\w*|predict\w*|correlat\w*|more|less|higher|lower|factor\w*)\b"


def is_reason_of_operation(context: Context, outcome: Span) -> bool:
    """Returns whether an outcome only says why patients were operated on ("reoperation for it")."""
    start, _ = context.bounds(outcome)
    return bool(_OPERATED_FOR.search(context.texts[outcome.sentence], 0, start))


def is_cause(context: Context, outcome: Span) -> bool:
    """Returns whether an outcome is what something else is due to ("function was not affected by it")."""
    start, _ = context.bounds(outcome)
    return bool(_CAUSE.search(context.texts[outcome.sentence], 0, start))


def did_not_happen(context: Context, outcome: Span) -> bool:
    """Returns whether a clause says of an outcome only that there was none ("; no deaths occurred")."""
    text = context.texts[outcome.sentence]
    start, end = context.bounds(outcome)
    first, last = clause_bounds(text, start, end)
    return bool(_NO.search(text[first:start]) and _EVENT.match(text, end, last))


def is_population(context: Context, outcome: Span) -> bool:
    """Returns whether an outcome only says who was looked at ("among patients with it")."""
    start, _ = context.bounds(outcome)
    who = _POPULATION.search(context.texts[outcome.sentence], 0, start)
    return who is not None and not _COUNTED.search(context.texts[outcome.sentence], 0, who.start())


def compares_by_disease(text: str) -> bool:
    """Returns whether a sentence compares patients with the disease and without: it says nothing of a treatment."""
    return bool(disease_pattern(_BY_DISEASE).search(text))


def is_own_event(context: Context, span: Span) -> bool:
    """Returns whether a sentence only says that a thing occurred or not ("infection did not occur")."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    first, last = clause_bounds(text, start, end)
    rest = text[first:start] + text[end:last]
    return bool(_EVENT.match(text, end)) and not disease_pattern(_ABOUT_DISEASE).search(rest)
