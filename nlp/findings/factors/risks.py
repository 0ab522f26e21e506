"""What a record says of each risk factor: direction, estimate, and the sentence that says it.

The trained model weighs a factor's sentences; the gates hold its answer against words and figures. Factors that were
only held constant make no statement, and those that only aims and methods name are candidates ("unclear").
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nlp.cues.disease import disease_pattern
from nlp.estimates import EstimateSpan
from nlp.findings.factors.directions import direction_features
from nlp.findings.factors.factor_names import by_any_name
from nlp.findings.factors.plainly_said import as_it_goes_along, as_plainly_said, as_told, is_guessed, told_of_factors
from nlp.findings.factors.risks_together import Risk, as_adjusted, compared
from nlp.findings.links.alignment import by_outcomes, of_another_outcome, ratios_of_two_arms
from nlp.findings.sentence.arms import counts_absence
from nlp.findings.sentence.estimate_signs import significant
from nlp.findings.sentence.exceptions import sign_left_open
from nlp.findings.sentence.factors.levels import MIRROR, by_disease_sign
from nlp.findings.sentence.factors.plain_factors import BENCH
from nlp.findings.sentence.factors.roles import (
    is_advised_on,
    is_asked,
    is_described,
    is_event,
    is_met_with,
    is_no_cause,
    is_of_another_outcome,
    is_set_aside,
    is_stratum,
    relates_nothing,
    tells_nothing,
)
from nlp.findings.sentence.factors.settings import is_setting
from nlp.findings.sentence.gates import RISK_NAMES, decide, interval_sign, sign_of
from nlp.findings.sentence.outcome_roles import is_own_event
from nlp.findings.sentence.signs import (
    DOWN,
    NONE,
    UP,
    adverb_sign,
    clause_bounds,
    goes_with,
    is_covariate,
    is_lost,
    says_rest_is_null,
    sign_outside_brackets,
    states_a_result,
    tells_of_absence,
    tells_of_low,
    word_sign,
)
from nlp.findings.sentence.view import Context, factor_groups
from nlp.models.linear import most_probable
from nlp.models.trees import TreeModel
from nlp.spans.factors.model_injuries import MADE
from nlp.spans.tagging import Span
from nlp.text.figures import proportions
from nlp.text.normal import normal

#: The label of a span that makes no statement.
NO_STATEMENT = "none"
#: A direction that the model is less sure of than this is left open.
SURE = 0.4
_RARER = re.compile(r"\b(?:was|were) (?:\w+ly )?(?:rarer|commoner|lower|higher|less|more|longer|shorter)\b[^.;]*$")
_OF_DISEASE = r"\b(?:<outcome>|<grading>|recur\w*|it|risk|odds of|associat\w*|predict\w*|factors?)\b"
_ORDER = {"results": 0, "conclusion": 1, "title": 2}
#: A variable that has kinds and no more or less.
_KIND_ONLY = re.compile(
    r"^(?:type|kind|design|brand|choice|model)s? of (?:the )?(?:implant|prosthes|device)"
    r"|^(?:prosthe\w+|implant|device) (?:type|design|brand|model)s?$"
)


def decide_risks(context: Context, links: Mapping[EstimateSpan, Span], model: TreeModel) -> tuple[list[Risk], int]:
    """Returns the statement of each factor, in order of first place, and how many directions were left open."""
    linked: dict[str, list[EstimateSpan]] = {}
    of_disease = _of_disease(context, links)
    for estimate, span in of_disease.items():
        if span.kind == "risk factor":
            linked.setdefault(normal(span.text), []).append(estimate)
    groups = [not_held(context, g) for g in factor_groups(context.spans) if not _makes_no_statement(context, g, linked)]
    estimates = [linked.get(normal(group[0].text), []) for group in groups]
    features = [direction_features(context, g, mine) for g, mine in zip(groups, estimates, strict=True)]
    rest_is_null = any(
        says_rest_is_null(text)
        for text, sentence in zip(context.texts, context.sentences, strict=True)
        if sentence.category in ("results", "conclusion")
    )
    plain = told_of_factors(context)
    made = frozenset(normal(span.text) for span in context.spans if span.source == MADE)
    risks, open_ = [], 0
    for group, mine, chances in zip(groups, estimates, model.probabilities_of(features), strict=True):
        direction, chance = most_probable(model.labels, chances)
        is_told = normal(group[0].text) in made or (rest_is_null and not mine and _is_only_tested(context, group))
        if direction == NO_STATEMENT and not any(e.measure for e in mine) and not is_told:
            continue
        if sign_of(direction) in (UP, DOWN) and not mine and not is_told and tells_nothing(context, group):
            continue
        if direction == NO_STATEMENT or (sign_of(direction) and chance < SURE):
            direction, open_ = "unclear", open_ + 1
        risk = _risk(context, of_disease, group, mine, direction, chance, rest_is_null)
        risk = as_it_goes_along(context, as_plainly_said(context, group, as_told(risk, plain)))
        if sign_of(risk.direction) in (UP, DOWN) and not mine and not is_told and relates_nothing(context, group):
            continue
        risks.append(_with_other(context, as_adjusted(context, not_held(context, group), risk)))
    return [_as_made(made, risk) for risk in by_any_name(context, compared(context, risks, plain))], open_


def _as_made(made: frozenset[str], risk: Risk) -> Risk:
    """An injury by which animals were made to have the disease increases it, whatever it is compared with."""
    if normal(risk.span.text) not in made or risk.estimate is not None:
        return risk
    return replace(risk, direction=RISK_NAMES[UP], conflict=None)


def _with_other(context: Context, risk: Risk) -> Risk:
    """ "Other fractures" are those that are not named: what is told of them is not told of fractures."""
    before = risk.span.first - 1
    if before < context.sentences[risk.span.sentence].first or context.words[before].lower() != "other":
        return risk
    text = f"{context.words[before]} {risk.span.text}"
    return replace(risk, span=replace(risk.span, first=before, text=text))


def _of_disease(context: Context, links: Mapping[EstimateSpan, Span]) -> dict[EstimateSpan, Span]:
    """The links of estimates that are of the disease; where a sentence has one an outcome, its factor gets that one."""
    found: dict[EstimateSpan, Span] = {}
    for estimate, span in links.items():
        if of_another_outcome(context, estimate) or (span.kind == "risk factor" and _is_other_result(context, span)):
            continue
        of_disease = by_outcomes(context, span.sentence)
        found.setdefault(of_disease[0] if of_disease and estimate not in of_disease else estimate, span)
    for number in range(len(context.sentences)):
        found |= {e: span for e, span in ratios_of_two_arms(context, number).items() if e not in found}
    return found


def _is_other_result(context: Context, span: Span) -> bool:
    """Whether a sentence says that another thing was rarer or commoner with a factor, and nothing of the disease."""
    text = context.texts[span.sentence]
    start, _ = context.bounds(span)
    return bool(_RARER.search(text, 0, start)) and not disease_pattern(_OF_DISEASE).search(text)


def _makes_no_statement(context: Context, group: Sequence[Span], linked: Mapping[str, list[EstimateSpan]]) -> bool:
    if all(is_event(context, span) or is_no_cause(context, span) for span in group):
        return True
    if normal(group[0].text) in linked:
        return False
    roles = [is_covariate, is_own_event, is_described, is_advised_on, is_of_another_outcome, is_met_with, is_stratum]
    if context.design not in BENCH:  # injuries that a study makes are no settings
        roles.append(is_setting)
    told = [span for span in group if context.sentences[span.sentence].category != "title"] or group
    return all(any(plays(context, span) for plays in roles) for span in told)


def not_held(context: Context, group: Sequence[Span]) -> Sequence[Span]:
    """Returns the places of a factor without those where it was held constant; all where there is no other."""
    return [span for span in group if not is_covariate(context, span)] or group


def _is_only_tested(context: Context, group: Sequence[Span]) -> bool:
    """Whether methods, or sentences that only ask, name a factor, and nothing but aims does besides."""
    categories = {context.sentences[s.sentence].category for s in group if not is_asked(context, s)}
    return categories <= {"aim", "methods"} and categories != {"aim"}


def _risk(
    context: Context,
    links: Mapping[EstimateSpan, Span],
    group: Sequence[Span],
    estimates: Sequence[EstimateSpan],
    direction: str,
    chance: float,
    rest_is_null: bool,
) -> Risk:
    chosen = best_estimate(estimates)
    span = links[chosen] if chosen else _best_place(context, group)
    if rest_is_null and not chosen and _is_only_tested(context, group):
        return Risk(span, RISK_NAMES[NONE], None, None, chance, of_the_rest=True)
    open_ = None if chosen else _left_open(context, group, span, direction)
    if open_ is not None:
        return Risk(span, open_, None, None, chance)
    words = word_sign(context, span)
    if words is None and is_lost(context, span):
        words = sign_outside_brackets(context, span)
    without = tells_of_absence(context, span) or tells_of_low(context, span)
    if words is None and sign_of(direction) == UP and without and goes_with(context, span):
        words = UP  # "the absence of it was associated with" more
    if not chosen and words in (UP, DOWN) and (without or is_lost(context, span)):
        return Risk(span, RISK_NAMES[MIRROR[words]], None, None, chance)
    if not chosen and direction == "increases" and _KIND_ONLY.search(normal(span.text)):
        direction = "unclear"  # that the disease differs by kind of implant has no direction
    if chosen and chosen.measure and without:
        # the ratio is of going without or of little of it: the thing has the opposite sign and no ratio of its own
        stated = interval_sign(chosen)
        return Risk(span, RISK_NAMES[MIRROR.get(stated, NONE)] if stated else "unclear", None, None, chance)
    if not chosen and sign_of(direction) in (UP, DOWN) and nonsignificant_in_clause(context, span):
        direction = RISK_NAMES[NONE]
    measured = by_disease_sign(context, span)
    if measured and sign_of(direction) == MIRROR[measured] and not (chosen and chosen.measure):
        direction, words = RISK_NAMES[measured], measured
    direction, conflict = decide(direction, words, None, chosen, RISK_NAMES)
    return Risk(span, direction, chosen, conflict, chance)


def _left_open(context: Context, group: Sequence[Span], span: Span, direction: str) -> str | None:
    """The direction of a factor without an estimate where its words give another one than was read; None elsewhere."""
    untold = _untold(context, group, span, direction)
    if untold is not None:
        return untold
    left = sign_left_open(context, span, sign_of(direction))
    if left is not None:
        return RISK_NAMES.get(left[0] or "", "unclear")
    shares = proportions(context.texts[span.sentence])
    if sign_of(direction) == NONE and 0 < len(shares) < 3 and counts_absence(context, span.sentence):
        return "unclear"  # that so many did not have it says nothing of whether a factor matters
    adverb = adverb_sign(context, span)
    return RISK_NAMES[adverb] if adverb is not None else None


def _untold(context: Context, group: Sequence[Span], span: Span, direction: str) -> str | None:
    """The direction of a factor without an estimate of which no sentence tells one, None where some may."""
    categories = {context.sentences[s.sentence].category for s in group}
    sign = sign_of(direction)
    if categories == {"methods"} and sign and not states_a_result(context, span):
        return "unclear"
    if sign in (UP, DOWN) and all(_is_silent(context, one) for one in group):
        return "unclear"
    if is_set_aside(context, span):
        return RISK_NAMES[NONE]
    return "unclear" if sign and is_guessed(context, group, span) else None


def _is_silent(context: Context, span: Span) -> bool:
    """Whether a sentence asks, advises, tells of another outcome or only of what was done."""
    if any(plays(context, span) for plays in (is_asked, is_advised_on, is_of_another_outcome, is_stratum)):
        return True
    return context.sentences[span.sentence].category == "methods" and not states_a_result(context, span)


def nonsignificant_in_clause(context: Context, span: Span) -> bool:
    """Returns whether every estimate of a factor's clause, one at least, is a p value that is not below .05."""
    shift = context.sentences[span.sentence].start
    start, end = clause_bounds(context.texts[span.sentence], *context.bounds(span))
    mine = [e for e in context.estimates[span.sentence] if start <= e.start - shift < end]
    return bool(mine) and all(e.measure is None and e.p_value and not significant(e.p_value) for e in mine)


def best_estimate(estimates: Sequence[EstimateSpan]) -> EstimateSpan | None:
    """Returns the estimate to show: with a value before p alone, adjusted before crude, with an interval first."""
    return max(
        estimates,
        key=lambda e: (e.measure is not None, e.adjusted is True, e.adjusted is not False, e.low is not None, -e.start),
        default=None,
    )


def _best_place(context: Context, group: Sequence[Span]) -> Span:
    return min(
        group,
        key=lambda s: (
            is_covariate(context, s),
            _ORDER.get(context.sentences[s.sentence].category, 3),
            tells_nothing(context, [s]),
            s.first,
        ),
    )
