"""What the statements on risk factors say of each other: levels compared, references, names of one factor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.estimates import EstimateSpan
from nlp.findings.sentence.adjusted import adjusted_result, is_left_out_by_adjusting
from nlp.findings.sentence.arms import counts_absence, hardly_differ
from nlp.findings.sentence.estimate_signs import estimate_side, significant
from nlp.findings.sentence.factors.levels import MIRROR, are_set_against, level_signs
from nlp.findings.sentence.factors.roles import is_set_aside
from nlp.findings.sentence.gates import RISK_NAMES, sign_of
from nlp.findings.sentence.signs import DOWN, NONE, UP, is_reference, takes_back
from nlp.findings.sentence.told import Told
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal


@dataclass(frozen=True, slots=True)
class Risk:
    """One factor's statement: where it stands, direction, estimate, conflict, and how sure the model was.

    `told_at` is another name of the factor where the sentence of that one tells the direction. `of_the_rest` are the
    variables that were tested and not named again, of which a record says that they had no association.
    """

    span: Span
    direction: str
    estimate: EstimateSpan | None
    conflict: str | None
    chance: float
    told_at: Span | None = None
    of_the_rest: bool = False


def as_adjusted(context: Context, group: Sequence[Span], risk: Risk) -> Risk:
    """Returns the risk as the adjusted analysis leaves it; in conflict with it where that one names only others."""
    sign = sign_of(risk.direction)
    places = [span for span in group if context.sentences[span.sentence].category != "title"]
    found = adjusted_result(context, places) if sign else None
    if found is not None:
        return replace(risk, direction=RISK_NAMES[found.sign], estimate=found.estimate, conflict=None)
    adjusted = risk.estimate is not None and risk.estimate.adjusted is True
    if sign in (UP, DOWN) and not adjusted and not risk.conflict and is_left_out_by_adjusting(context, places):
        return replace(risk, conflict=f"alone: {risk.direction}; adjusted: {RISK_NAMES[NONE]}")
    return risk


def compared(context: Context, risks: list[Risk], plain: Mapping[int, list[Told]]) -> list[Risk]:
    """Returns the statements as they stand beside each other; `plain` are the plain ones of each sentence."""
    return _by_any_name(context, _mirrored(context, _alike_together(context, _levelled(context, risks, plain))))


def _by_any_name(context: Context, risks: list[Risk]) -> list[Risk]:
    """A name that only background or methods use has the direction that a ratio gives another name of its factor."""
    founded: dict[str, Risk] = {}
    for risk in risks:
        if risk.estimate is not None and risk.estimate.measure and sign_of(risk.direction) and not risk.conflict:
            founded.setdefault(context.name_of(risk.span), risk)
    found = []
    for risk in risks:
        other = founded.get(context.name_of(risk.span))
        open_place = context.sentences[risk.span.sentence].category in ("background", "aim", "methods", "title")
        if other is not None and risk.estimate is None and open_place:
            risk = replace(risk, direction=other.direction, told_at=other.span)
        found.append(risk)
    return found


def _levelled(context: Context, risks: list[Risk], plain: Mapping[int, list[Told]]) -> list[Risk]:
    """Two levels compared in a sentence get opposite signs, and its ratio stays with the level that it agrees with."""
    found = list(risks)
    for number in sorted({risk.span.sentence for risk in risks}):
        signs = level_signs(context, number, plain.get(number, []))
        alike = hardly_differ(context, number, ("risk factor", "intervention"))
        if alike:
            found = [_without_contrast(risk, number, alike) for risk in found]
            continue
        back = takes_back(context.texts[number])
        if back:
            named = (span for span in context.by_sentence[number] if context.bounds(span)[1] <= back)
            signs = {normal(span.text): NONE for span in named if span.kind == "risk factor"}
        here = [n for n, risk in enumerate(found) if risk.span.sentence == number and normal(risk.span.text) in signs]
        measured = [n for n in here if found[n].estimate is not None and found[n].estimate.measure]  # type: ignore[union-attr]
        told_null = any(sign_of(found[n].direction) == NONE for n in here) and NONE not in signs.values()
        told_null = told_null and not counts_absence(context, number) and not _is_worded(context, number, plain)
        if not signs or told_null:
            continue  # what is not significant has no direction by its figures
        for n in here:
            sign = signs[normal(found[n].span.text)]
            if n in measured and estimate_side(found[n].estimate) not in (sign, NONE):
                bare = [m for m in here if m not in measured and signs[normal(found[m].span.text)] != sign]
                for m in bare[:1]:
                    found[m] = replace(found[m], estimate=found[n].estimate)
                found[n] = replace(found[n], estimate=None, direction=RISK_NAMES[sign], conflict=None)
            elif n not in measured and sign_of(found[n].direction) != sign:
                found[n] = replace(found[n], direction=RISK_NAMES[sign], conflict=None)
    return found


def _without_contrast(risk: Risk, number: int, alike: frozenset[str]) -> Risk:
    """A level of which a sentence gives figures alone, that hardly differ, has no direction by them."""
    bare = risk.estimate is None and risk.span.sentence == number and normal(risk.span.text) in alike
    return replace(risk, direction="unclear", conflict=None) if bare and sign_of(risk.direction) in (UP, DOWN) else risk


def _is_worded(context: Context, number: int, plain: Mapping[int, list[Told]]) -> bool:
    """Whether the grammar of a sentence sets two levels against each other, and no test says that it was chance."""
    told = any(one.against is not None and one.sign in (UP, DOWN) for one in plain.get(number, []))
    return told and not any(e.p_value and not significant(e.p_value) for e in context.estimates[number])


def _alike_together(context: Context, risks: list[Risk]) -> list[Risk]:
    """Of two groups set against each other by a ratio that says nothing, neither is harmful or protective."""
    alike = [risk for risk in risks if risk.estimate and risk.estimate.measure and sign_of(risk.direction) == NONE]
    return [
        replace(risk, direction=RISK_NAMES[NONE], conflict=None)
        if risk.estimate is None and any(are_set_against(context, risk.span, other.span) for other in alike)
        else risk
        for risk in risks
    ]


def _mirrored(context: Context, risks: list[Risk]) -> list[Risk]:
    """A reference category gets the opposite of what was said of the level set against it in its sentence."""
    references = [risk.estimate is None and is_reference(context, risk.span) for risk in risks]
    found = []
    for risk, reference in zip(risks, references, strict=True):
        levels = [
            other
            for other, also in zip(risks, references, strict=True)
            if not also and other.span.sentence == risk.span.sentence and sign_of(other.direction)
        ]
        if reference and levels:
            level = min(levels, key=lambda other: abs(other.span.first - risk.span.first))
            sign = NONE if is_set_aside(context, risk.span) else MIRROR.get(sign_of(level.direction) or "", NONE)
            risk = replace(risk, direction=RISK_NAMES[sign])
        found.append(risk)
    return found
