"""Trains which span an estimate belongs to, and the direction of a risk factor, from gold records."""

from collections.abc import Mapping, Sequence
from typing import Any

from spacy.tokens import Doc

from nlp.document import attribute
from nlp.estimates import EstimateSpan
from nlp.evaluate import normal
from nlp.factors import DIRECTIONS, Context, direction_features, factor_groups, link_estimates, link_features
from nlp.findings import EFFECTS, NONE, candidate_pairs, pair_features
from nlp.linear import LinearModel
from nlp.spans import Span, path_spans, span_text
from nlp.training.linear import Example, fit
from nlp.training.projection import project

Record = Mapping[str, Any]


def gold_spans(record: Record, document: Doc) -> list[Span]:
    """Returns the record's gold mentions as spans, at every place where their string stands."""
    labels = project(attribute(document, "words"), record["gold"])
    spans = []
    for number, sentence in enumerate(attribute(document, "sentences")):
        for first, last, kind in path_spans(labels[sentence.first : sentence.last], sentence.first):
            spans.append(Span(first, last, kind, number, 1.0, "gold", span_text(document, first, last)))
    return spans


def _same(estimate: EstimateSpan, gold: Mapping[str, Any]) -> bool:
    if gold.get("value") is None:
        return estimate.measure is None and estimate.p_value == gold.get("p")
    numbers = ((estimate.value, gold["value"]), (estimate.low, gold.get("low")), (estimate.high, gold.get("high")))
    return estimate.measure == gold["measure"] and all(
        (a is None and b is None) or (a is not None and b is not None and abs(a - b) < 5e-4) for a, b in numbers
    )


def estimate_subjects(gold: Mapping[str, Any], estimate: EstimateSpan) -> set[str]:
    """Returns the normal forms of the risk factors and interventions that the gold gives this estimate."""
    subjects = {
        normal(f["mention"]) for f in gold["risk_factors"] if f.get("estimate") and _same(estimate, f["estimate"])
    }
    return subjects | {
        normal(f["intervention"]) for f in gold["findings"] if f.get("estimate") and _same(estimate, f["estimate"])
    }


def fit_factors(pairs: Sequence[tuple[Record, Doc]]) -> dict[str, LinearModel]:
    """Returns the models "link" and "direction", fitted on records with their documents."""
    links: list[Example] = []
    directions: list[Example] = []
    for record, document in pairs:
        if record["topic"] != "ho":
            continue
        gold, context, spans = record["gold"], Context.of(document), gold_spans(record, document)
        linked: dict[str, list[EstimateSpan]] = {}
        for number, estimates in enumerate(context.estimates):
            mine = [s for s in spans if s.sentence == number and s.kind in ("risk factor", "intervention")]
            for estimate in estimates:
                subjects = estimate_subjects(gold, estimate)
                for subject in subjects & {normal(s.text) for s in mine}:
                    linked.setdefault(subject, []).append(estimate)
                for span in mine:
                    answer = "yes" if normal(span.text) in subjects else "no"
                    links.append((link_features(context, estimate, span, spans), answer))
        wanted = {normal(f["mention"]): f["direction"] for f in gold["risk_factors"]}
        for group in factor_groups(spans):
            key = normal(group[0].text)
            if key in wanted:
                directions.append((direction_features(context, group, linked.get(key, [])), wanted[key]))
    link = fit(links, ("yes", "no"), penalty=1.0)
    effects = _effect_examples(pairs, link)
    return {
        "link": link,
        "direction": fit(directions, DIRECTIONS, penalty=2.0),
        "effect": fit(effects, (*EFFECTS, NONE), penalty=1.0),
    }


def _effect_examples(pairs: Sequence[tuple[Record, Doc]], link: LinearModel) -> list[Example]:
    """Every candidate pair with the direction that the gold gives its two strings, or none."""
    examples: list[Example] = []
    for record, document in pairs:
        if record["topic"] != "ho":
            continue
        context, spans = Context.of(document), gold_spans(record, document)
        links = link_estimates(context, spans, link)
        wanted: dict[tuple[str, str], list[str]] = {}
        for finding in record["gold"]["findings"]:
            key = (normal(finding["intervention"]), normal(finding["outcome"]))
            wanted.setdefault(key, []).append(finding["direction"])
        candidates = candidate_pairs(context, spans)
        here = {(normal(p.intervention.text), normal(p.outcome.text)) for p in candidates if p.source == "here"}
        for pair in candidates:
            key = (normal(pair.intervention.text), normal(pair.outcome.text))
            directions = wanted.get(key, [])
            category = context.sentences[pair.outcome.sentence].category
            if directions and pair.source != "here" and key in here:
                directions = []
            if (
                directions
                and category in ("aim", "background")
                and record["gold"]["study_design"] not in ("review", "other")
            ):
                directions = []
            examples.append((pair_features(context, pair, spans, links), directions[0] if directions else NONE))
    return examples
