"""Which factor or intervention an estimate belongs to.

Within what its list or clause allows (see `alignment`) it is the one that it most likely describes, judged by order,
distance and punctuation.
"""

import re

from nlp.estimates import EstimateSpan
from nlp.findings.links.alignment import allowed_links
from nlp.findings.sentence.view import Context
from nlp.models.trees import TreeModel
from nlp.spans.tagging import Span

#: An estimate with a measure is linked from this probability on, a p value alone from the second.
LINKED, LINKED_P = 0.25, 0.5
DIRECTIONS = ("increases", "decreases", "no association", "unclear")
_COMPARING = re.compile(r"\b(?:than|versus|vs|compared (?:with|to)|as opposed to|rather than|against)\b")


def link_features(context: Context, estimate: EstimateSpan, span: Span) -> list[str]:
    """Returns features of the pair (estimate, span) for the question whether the estimate belongs to the span."""
    sentence = context.sentences[span.sentence]
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    shift = sentence.start
    anchor, finish = estimate.anchor - sentence.start, estimate.end - sentence.start
    before = end <= anchor
    between = text[end:anchor] if before else text[finish:start]
    here = context.by_sentence[span.sentence]
    nearer = [s for s in here if s is not span and _lies_between(context, s, end, anchor, start, finish, before)]
    others = [e for e in context.estimates[span.sentence] if e is not estimate
              and (end <= e.start - shift < anchor if before else finish <= e.start - shift < start)]  # fmt: skip
    side = "before" if before else "after"
    gap = len(between)
    size = "0" if gap <= 2 else "s" if gap < 20 else "m" if gap < 60 else "l"
    kind = span.kind
    features = [
        "bias", f"kind:{kind}", f"{side}", f"{side}|gap:{size}", f"{side}|nearer:{min(len(nearer), 3)}",
        f"{side}|estimates between:{min(len(others), 2)}",
        f"{kind}|{side}|{size}|{min(len(nearer), 2)}|{min(len(others), 1)}",
        f"measure:{estimate.measure}", f"{kind}|measure:{estimate.measure}",
        f"nearer kinds:{'+'.join(sorted({s.kind for s in nearer}))}|{kind}",
    ]  # fmt: skip
    for sign in (";", ",", " and ", ":", "(", ")", " for ", " with ", " vs", " than ", "whereas", " but "):
        if sign in between:
            features.append(f"{side}|between:{sign.strip()}")
    if kind == "intervention":
        earlier = [s for s in here if s.kind == kind and s.first < span.first]
        features.append(f"first:{not earlier}")
    if re.match(r"\s*(?:for|with|in)\s", between) and not before:
        features.append("after for")
    if _COMPARING.search(text[max(0, start - 25) : start]):
        features.append(f"{kind}|comparator")
    return features


def _lies_between(context: Context, other: Span, end: int, anchor: int, start: int, finish: int, before: bool) -> bool:
    a, b = context.bounds(other)
    return (a >= end and b <= anchor) if before else (a >= finish and b <= start)


def link_estimates(context: Context, model: TreeModel) -> dict[EstimateSpan, Span]:
    """Returns for each estimate the risk factor or intervention span of its sentence that it belongs to, if any."""
    links: dict[EstimateSpan, Span] = {}
    open_pairs: list[tuple[EstimateSpan, Span]] = []
    for number, estimates in enumerate(context.estimates):
        if not estimates:
            continue
        for estimate, allowed in allowed_links(context, number).items():
            if allowed.certain:
                links[estimate] = allowed.spans[0]
            else:
                open_pairs += [(estimate, span) for span in allowed.spans]
    features = [link_features(context, estimate, span) for estimate, span in open_pairs]
    highest: dict[EstimateSpan, float] = {}
    for (estimate, span), chances in zip(open_pairs, model.probabilities_of(features), strict=True):
        if chances["yes"] > highest.get(estimate, LINKED if estimate.measure else LINKED_P):
            links[estimate], highest[estimate] = span, chances["yes"]
    return links
