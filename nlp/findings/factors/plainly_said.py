"""What plain words say of a factor, against or beside the direction that the trained model gives it.

Plain statements ("X reduced it"), grammar that leaves one reading, and the words right at a factor that the model left
open.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nlp.cues import patterns
from nlp.cues.disease import names_disease
from nlp.findings.factors.risks_together import Risk
from nlp.findings.sentence.estimate_signs import significant
from nlp.findings.sentence.factors.levels import MIRROR
from nlp.findings.sentence.factors.plain_factors import goes_along, is_mutation, plain_sign, plain_signs, sure_sign
from nlp.findings.sentence.factors.roles import compares_the_free, goes_with_less, is_guess
from nlp.findings.sentence.gates import RISK_NAMES, sign_of
from nlp.findings.sentence.signs import DOWN, NONE, UP, tells_of_absence, word_sign
from nlp.findings.sentence.told import Told, told_of_results
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal

_LOSING = re.compile(
    r"(?:blocking|inhibiting|deleting|ablating|silencing|depleting) "
    r"(?!\w*(?:antibod|mutation|variant|agent|factor|drug))"
)


def told_of_factors(context: Context) -> dict[int, list[Told]]:
    """Returns the plain statements on the disease of each sentence."""
    found: dict[int, list[Told]] = {}
    for told in told_of_results(context):
        if told.subject.kind == "risk factor" and names_disease(told.outcome.text.lower()):
            if patterns("judged", re.NOFLAG)["nothing_of"].match(told.outcome.text.lower()):
                told = replace(told, sign=MIRROR[told.sign])
            found.setdefault(told.outcome.sentence, []).append(told)
    return found


def as_told(risk: Risk, plain: Mapping[int, Sequence[Told]]) -> Risk:
    """Returns the risk with the sign of a plain statement, where no ratio and no p says otherwise."""
    if risk.estimate is not None and (risk.estimate.measure or not significant(risk.estimate.p_value or "")):
        return risk
    name = normal(risk.span.text)
    told = [t for found in plain.values() for t in found if normal(t.subject.text) == name]
    signs = {t.sign for t in told}
    if len(signs) != 1:
        return _bare(risk)
    if risk.direction == RISK_NAMES[told[0].sign]:
        return _bare(risk)
    return _bare(replace(risk, span=told[0].subject, direction=RISK_NAMES[told[0].sign], conflict=None))


def as_plainly_said(context: Context, group: Sequence[Span], risk: Risk) -> Risk:
    """Returns an open statement with the sign of plain words, where all places of the factor that have some agree.

    A mutation of which nothing else is told is one that those with the disease carry.
    """
    if risk.estimate is not None:
        return risk
    sure = {sure_sign(context, span) or plain_sign(context, span) for span in group} - {None}
    if len(sure) == 1 and any(sure_sign(context, span) for span in group):
        return replace(risk, direction=RISK_NAMES[str(sure.pop())], conflict=None)
    if risk.direction not in ("unclear", RISK_NAMES[NONE]):
        return risk
    if any(goes_along(context, span) for span in group):
        return replace(risk, direction=RISK_NAMES[UP])
    signs = plain_signs(context, group)
    if is_mutation(risk.span) and not signs and not is_guessed(context, group, risk.span):
        signs = set() if any(word_sign(context, span) for span in group) else {UP}
    elif risk.direction != "unclear":
        return risk
    return replace(risk, direction=RISK_NAMES[signs.pop()]) if len(signs) == 1 else risk


def is_guessed(context: Context, group: Sequence[Span], best: Span) -> bool:
    """Returns whether the sentence of a factor only guesses, or all do but the title."""
    told = [span for span in group if context.sentences[span.sentence].category != "title"]
    return is_guess(context, best) or (bool(told) and all(is_guess(context, span) for span in told))


def _bare(risk: Risk) -> Risk:
    """ "Blocking X lessened it" is told of X, which has the opposite sign; "deletion of X" is a name of its own."""
    lost = _LOSING.match(risk.span.text.lower())
    sign = sign_of(risk.direction)
    if lost is None or risk.estimate is not None or sign is None:
        return risk
    span = replace(risk.span, first=risk.span.first + 1, text=risk.span.text[lost.end() :])
    return replace(risk, span=span, direction=RISK_NAMES[MIRROR.get(sign, sign)])


def as_it_goes_along(context: Context, risk: Risk) -> Risk:
    """Returns a risk with the sign of what its sentence makes it go along with: less of the disease, or none of it.

    Where those without it are compared by words alone ("more often free of it") nothing is said.
    """
    if risk.direction not in (RISK_NAMES[UP], RISK_NAMES[DOWN]) or (
        risk.estimate is not None and risk.estimate.measure
    ):
        return risk
    if tells_of_absence(context, risk.span):
        return risk
    if risk.direction == RISK_NAMES[UP] and goes_with_less(context, risk.span):
        return replace(risk, direction=RISK_NAMES[DOWN], conflict=None)
    return replace(risk, direction="unclear", conflict=None) if compares_the_free(context, risk.span) else risk
