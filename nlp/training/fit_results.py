"""Trains which span an estimate belongs to, and the directions of risk factors and effects, from gold records."""

from collections.abc import Mapping, Sequence
from typing import Any

from spacy.tokens import Doc

from nlp.document import attribute
from nlp.estimates import EstimateSpan
from nlp.findings.directions import direction_features
from nlp.findings.effects import EFFECTS, NONE, candidate_pairs, read_record
from nlp.findings.estimate_links import DIRECTIONS, Context, factor_groups, link_estimates, link_features
from nlp.findings.pair_features import Pair, pair_features
from nlp.models.trees import TreeModel
from nlp.spans.component import Span, path_spans, span_text
from nlp.text.normal import normal
from nlp.training.boosting import average, boost
from nlp.training.linear import Example
from nlp.training.projection import project

Record = Mapping[str, Any]
#: The direction models are the mean of one model a seed.
_SEEDS = (20, 21, 22)


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


def fit_results(pairs: Sequence[tuple[Record, Doc]]) -> dict[str, TreeModel]:
    """Returns the models "link", "direction" and "effect", fitted on the gold spans of records with their documents."""
    links: list[Example] = []
    directions: list[Example] = []
    for record, document in pairs:
        if record["topic"] != "ho":
            continue
        gold, context = record["gold"], Context.of(document, gold_spans(record, document))
        linked: dict[str, list[EstimateSpan]] = {}
        for number, estimates in enumerate(context.estimates):
            here = context.by_sentence.get(number, [])
            mine = [span for span in here if span.kind in ("risk factor", "intervention")]
            for estimate in estimates:
                subjects = estimate_subjects(gold, estimate)
                for subject in subjects & {normal(s.text) for s in mine}:
                    linked.setdefault(subject, []).append(estimate)
                for span in mine:
                    answer = "yes" if normal(span.text) in subjects else "no"
                    links.append((link_features(context, estimate, span), answer))
        wanted = {normal(f["mention"]): f["direction"] for f in gold["risk_factors"]}
        for group in factor_groups(context.spans):
            key = normal(group[0].text)
            if key in wanted:
                directions.append((direction_features(context, group, linked.get(key, [])), wanted[key]))
    link = boost(links, ("yes", "no"), leaves=8)
    direction = average([boost(directions, DIRECTIONS, leaves=8, seed=seed) for seed in _SEEDS])
    return {"link": link, "direction": direction, "effect": _fit_effects(pairs, link)}


def _fit_effects(pairs: Sequence[tuple[Record, Doc]], link: TreeModel) -> TreeModel:
    """The model of a pair's direction; each finding is learned from one sentence."""
    examples: list[Example] = []
    for record, document in pairs:
        if record["topic"] != "ho":
            continue
        context = Context.of(document, gold_spans(record, document))
        reading = read_record(context, link_estimates(context, link))
        candidates = candidate_pairs(context)
        answers = _answers(record["gold"]["findings"], context, candidates)
        examples += [(pair_features(reading, pair), answers.get(n, NONE)) for n, pair in enumerate(candidates)]
    return average([boost(examples, (*EFFECTS, NONE), seed=seed) for seed in _SEEDS])


def _answers(findings: Sequence[Mapping[str, Any]], context: Context, candidates: Sequence[Pair]) -> dict[int, str]:
    """The candidate that states each finding best: with its estimate, its intervention in the sentence, in results."""
    strings = [(normal(pair.intervention.text), normal(pair.outcome.text)) for pair in candidates]
    answers: dict[int, str] = {}

    def rank(number: int) -> tuple[bool, bool, float, int]:
        pair = candidates[number]
        sentence = pair.outcome.sentence
        states = any(_same(estimate, wanted) for estimate in context.estimates[sentence]) if wanted else False
        place = _SOURCES[pair.source] + 1.1 * _CATEGORIES.get(context.sentences[sentence].category, 3)
        return number in answers, not states, place, number

    for finding in findings:
        wanted = finding.get("estimate")
        key = (normal(finding["intervention"]), normal(finding["outcome"]))
        mine = [number for number, string in enumerate(strings) if string == key]
        if mine:
            answers[min(mine, key=rank)] = finding["direction"]
    return answers


_SOURCES = {"here": 0, "previous": 1, "main": 2}
_CATEGORIES = {"results": 0, "conclusion": 1, "title": 2}
