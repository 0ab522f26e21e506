"""Whether a sentence says what a finding says: words, figures, interval and p are held against each other.

A wrong medical statement is worse than a missing one. Where two signs of a sentence disagree the finding is kept with
both of them as `conflict` and counts nowhere; its direction is that of the words where the trained model reads them the
same way, never the opposite of the sentence.
"""

from collections.abc import Mapping

from nlp.estimates import EstimateSpan
from nlp.findings.sentence.estimate_signs import estimate_side, estimate_sign, significant
from nlp.findings.sentence.signs import DOWN, NONE, UP

#: How a sign is called, of an effect and of a risk.
EFFECT_NAMES: Mapping[str, str] = {UP: "increases", DOWN: "decreases", NONE: "no difference"}
RISK_NAMES: Mapping[str, str] = {UP: "increases", DOWN: "decreases", NONE: "no association"}
#: A p of exactly this is called significant by some: there the words decide.
LIMIT = "0.05"
_SIGNS = {"increases": UP, "decreases": DOWN, "no difference": NONE, "no association": NONE}


def sign_of(direction: str) -> str | None:
    """Returns the sign of a direction; None for "unclear"."""
    return _SIGNS.get(direction)


def interval_sign(estimate: EstimateSpan | None) -> str | None:
    """Returns the sign that a ratio with an interval gives by itself; of a difference only that there is none.

    Which way a difference points depends on the scale of the outcome, so that words decide there.
    """
    if estimate is None or estimate.measure is None or estimate.low is None or estimate.high is None:
        return None
    sign = estimate_sign(estimate)
    if estimate.measure in ("MD", "SMD"):
        return NONE if sign == NONE else None
    return sign if sign in (UP, DOWN, NONE) else None


def decide(
    model: str, words: str | None, figures: str | None, estimate: EstimateSpan | None, names: Mapping[str, str]
) -> tuple[str, str | None]:
    """Returns the direction of a finding and its conflict, "words: decreases; interval: no difference" or None.

    `model` is the direction that the trained model gives; `words`, `figures` are signs that the sentence's words and
    its groups' figures give by themselves, None where they do not say. `names` are the words for the signs.
    """
    read = sign_of(model)
    stated = interval_sign(estimate)
    if stated is not None:
        if stated != NONE and figures in (UP, DOWN) and figures != stated:
            return names[stated], _conflict(names, figures=figures, interval=stated)
        return _against_interval(read, words, stated, estimate, names)
    p_value = estimate.p_value if estimate else None
    if p_value is not None and not significant(p_value) and read in (UP, DOWN):
        return (names[read] if p_value == LIMIT and words == read else names[NONE]), None
    if p_value == LIMIT and words in (UP, DOWN) and read == NONE:
        return names[words], None
    if p_value is not None and significant(p_value) and words == NONE:
        return names[NONE], _conflict(names, words=NONE, p="a difference")
    if read == NONE and words is None and figures in (UP, DOWN):
        return names[figures], None  # figures set against each other, and nothing that calls them alike
    if p_value is not None and significant(p_value) and read == NONE:
        return names[NONE], _conflict(names, reading=NONE, p="a difference")
    if words == NONE and read in (UP, DOWN):
        return names[NONE], None
    if figures in (UP, DOWN) and read in (UP, DOWN) and figures != read:
        if words is None:
            return names[figures], None
        return names[words], _conflict(names, words=words, figures=figures)
    return model, None


def _against_interval(
    read: str | None, words: str | None, stated: str, estimate: EstimateSpan | None, names: Mapping[str, str]
) -> tuple[str, str | None]:
    p_value = estimate.p_value if estimate else None
    if p_value is not None and significant(p_value) == (stated == NONE):
        side = estimate_side(estimate) if stated == NONE else stated
        said = "a difference" if stated == NONE else "no difference"
        return names[side], _conflict(names, interval=stated, p=said)
    if words is None or words == stated:
        return names[stated], None
    direction = words if words == read else stated
    return names[direction], _conflict(names, words=words, interval=stated)


def _conflict(names: Mapping[str, str], **signs: str | None) -> str:
    return "; ".join(f"{what}: {names.get(sign, sign)}" for what, sign in signs.items() if sign)
