"""How each risk factor was reported to relate to the disease: the features of its direction.

A factor is judged by the sentence that says most about it (with its estimate, else in results, else in conclusions),
with the cues of the others and of the factor's other names beside it. An interval that lies above, below or across 1
is the strongest sign.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from nlp.estimates import EstimateSpan
from nlp.findings.sentence.context_features import (
    CLAUSE,
    cue_features,
    first_two,
    p_class,
    shadow,
    tokens,
    word_features,
)
from nlp.findings.sentence.estimate_signs import estimate_sign, significant
from nlp.findings.sentence.signs import absence_before, adverb_sign, is_covariate, word_sign
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal

_CATEGORIES = {"results": 0, "conclusion": 1, "title": 2, "aim": 3, "background": 4}
_THAN = re.compile(r"\b(?:than|versus|vs|compared (?:with|to)|as opposed to|rather than|against)(?: \w+){0,3}\s*$")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?(?:%|per cent)")
_INVERSE = re.compile(
    r"\b(?:lacking|deficient|deficiency|deletion|deleting|knock-?out|without|absence of|lack of|loss of)\b"
)
_NOT_AFTER = re.compile(r"[^.;]{0,160}\b(?:was|were|did|is|are|had|showed) (?:not|no)\b")
_NOT_BEFORE = re.compile(r"\b(?:neither|nor|no|not)\b[^.;]{0,120}$")


def direction_features(context: Context, group: Sequence[Span], linked: Iterable[EstimateSpan]) -> list[str]:
    """Returns features of one factor (all spans of one string) among the spans of its record."""
    linked = list(linked)
    features = ["bias", f"d:{context.design}", f"places:{min(len(group), 3)}"]
    signs = sorted({estimate_sign(e) for e in linked if e.measure})
    features += [f"estimate:{sign}" for sign in signs] or ["no estimate"]
    features += sorted({f"p:{'low' if significant(e.p_value) else 'high'}" for e in linked if e.p_value})
    features += [f"word:{word}" for word in re.findall(r"[a-z]+", normal(group[0].text))]
    with_estimate = {context.sentence_at(e.start) for e in linked}
    main = min(group, key=lambda s: (s.sentence not in with_estimate, _rank(context, s), s.first))
    features += _place_features(context, main)
    others = [s for s in group if s is not main]
    for span in others:
        features += [f"other {feature}" for feature in _brief(context, span)]
    kin = (s for s in context.factors_by_name[context.name_of(main)] if normal(s.text) != normal(main.text))
    for span in islice(kin, 4):
        features += [f"kin {feature}" for feature in _brief(context, span)]
    return list(dict.fromkeys(features))


def _rank(context: Context, span: Span) -> int:
    return _CATEGORIES.get(context.sentences[span.sentence].category, 5)


def _brief(context: Context, span: Span) -> list[str]:
    """The few facts that count of a place that is not the main one."""
    category = context.sentences[span.sentence].category
    wanted = ("L0:", "R0:", "clause:")
    cues = [f for f in cue_features(context, span.sentence, context.bounds(span)) if f.startswith(wanted)]
    estimates = context.estimates[span.sentence]
    return [f"s:{category}", *cues, *[f"e:{estimate_sign(e)}|{p_class(e)}" for e in estimates[:1]]]


def _place_features(context: Context, span: Span) -> list[str]:
    number = span.sentence
    text, category = context.texts[number], context.sentences[number].category
    start, end = context.bounds(span)
    here = context.by_sentence[number]
    written = shadow(context, number, here)
    features = [f"s:{category}", f"s:{category}|d:{context.design}", *word_features(written, (start, end), "r")]
    features += cue_features(context, number, (start, end))
    left = [c for c in context.cues[number] if c.end <= start]
    right = [c for c in context.cues[number] if c.start >= end]
    for side, found in (("l", left[::-1]), ("r", right)):
        features += [f"{side}{rank}:{cue.group}" for rank, cue in enumerate(found[:3])]
        features += [f"{side}{rank}:{cue.text}" for rank, cue in enumerate(found[:2])]
        if len(found) > 1:
            features.append(f"{side}:{found[0].group}+{found[1].group}")
    features += [f"in:{c.group}" for c in context.cues[number] if c.start >= start and c.end <= end]
    if _THAN.search(text[max(0, start - 40) : start]):
        features.append("after than")
    if re.match(r"[^;]{0,40}\b(?:than|versus|vs|compared)\b", text[end:]):
        features.append("before than")
    if _NOT_AFTER.match(text[end:]):
        features.append("negation follows")
    if _NOT_BEFORE.search(text[:start]):
        features.append("negation before")
    if _INVERSE.search(text[max(0, start - 30) : end]):
        features.append("inverse")
    words, adverb = word_sign(context, span), adverb_sign(context, span)
    features += [f"words:{words}", f"words:{words}|{category}", f"adverb:{adverb}"]
    features += ["held constant"] if is_covariate(context, span) else []
    features += ["absence"] if absence_before(context, span) is not None else []
    features += _list_features(context, span, here, text)
    features += _outcome_features(context, span, here, written)
    return features + _number_features(context, span, here, text)


def _list_features(context: Context, span: Span, here: list[Span], text: str) -> list[str]:
    factors = [s for s in here if s.kind == "risk factor"]
    place = next((n for n, s in enumerate(factors) if s.first == span.first), 0)
    features = [
        f"factors:{min(len(factors), 5)}",
        f"factor at:{min(place, 4)}",
        f"factor last:{place == len(factors) - 1}",
    ]
    start, _ = context.bounds(span)
    breaks = [match.end() for match in CLAUSE.finditer(text, 0, start)]
    clause = breaks[-1] if breaks else 0
    features.append(f"clause at:{min(len(breaks), 3)}")
    features += [f"clause opens:{' '.join(tokens(text[clause:start])[:2])}"]
    return features


def _outcome_features(context: Context, span: Span, here: list[Span], written: str) -> list[str]:
    start, end = context.bounds(span)
    outcomes = [context.bounds(s) for s in here if s.kind == "outcome"]
    if not outcomes:
        return ["no outcome here"]
    nearest = min(outcomes, key=lambda b: max(b[0] - end, start - b[1]))
    if nearest[0] >= end:
        words, side = tokens(written[end : nearest[0]])[:12], "R..O"
    else:
        words, side = tokens(written[nearest[1] : start])[-12:], "O..R"
    features = [side, f"{side} path {' '.join(words[:6])}"] if len(words) <= 6 else [side, f"{side} far"]
    return features + [f"{side} {word}" for word in words]


def _number_features(context: Context, span: Span, here: list[Span], text: str) -> list[str]:
    number = span.sentence
    start, end = context.bounds(span)
    shift = context.sentences[number].start
    estimates = context.estimates[number]
    after = [e for e in estimates if e.start - shift >= end]
    features = (
        [f"next sign:{estimate_sign(after[0])}", f"next p:{p_class(after[0])}"] if after else ["no estimate after"]
    )
    if after:
        features.append(f"estimate near:{after[0].start - shift - end < 40}")
    features += [f"only p:{p_class(estimates[0])}"] if len(estimates) == 1 else []
    shape = first_two(text, end)
    if shape:
        features.append(f"first number {shape}")
    others = [context.bounds(s) for s in here if s.kind in ("risk factor", "intervention")]
    percents = [(match.start(), float(match.group(1))) for match in _PERCENT.finditer(text)]
    if len(percents) >= 2 and len(percents) <= len(others) + 2:
        order = sorted(others)
        place = order.index((start, end)) if (start, end) in order else 0
        values = [value for _, value in percents]
        if place < len(values):
            mine = values[place]
            features.append(
                "my share " + ("most" if mine == max(values) else "least" if mine == min(values) else "mid")
            )
        near = min(percents, key=lambda p: min(abs(p[0] - end), abs(start - p[0])))[1]
        features.append("near share " + ("most" if near == max(values) else "least" if near == min(values) else "mid"))
    return features
