"""Trains which span an estimate belongs to, and the directions of risk factors and effects, from gold records."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spacy.tokens import Doc

from db.topics import current
from nlp.document import attribute
from nlp.estimates import EstimateSpan
from nlp.findings.effects import EFFECTS, NONE
from nlp.findings.factors.directions import direction_features
from nlp.findings.links.estimate_links import DIRECTIONS, link_estimates, link_features
from nlp.findings.pairs import candidate_pairs, read_record
from nlp.findings.sentence.pair_features import Pair, pair_features
from nlp.findings.sentence.view import Context, factor_groups
from nlp.models.crf import path_spans
from nlp.models.trees import TreeModel
from nlp.scoring.evaluate import similarity
from nlp.spans.tagging import Span, span_text
from nlp.text.normal import normal
from nlp.training.boosting import average, boost
from nlp.training.data import Record, weight
from nlp.training.linear import Example
from nlp.training.projection import project

#: The direction models are the mean of one model a seed.
_SEEDS = (20, 21)
#: From this similarity on a span counts as a gold mention.
_SIMILAR = 0.5


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
    """Returns the risk factors and interventions that the gold gives this estimate, as they are written."""
    subjects = {f["mention"] for f in gold["risk_factors"] if f.get("estimate") and _same(estimate, f["estimate"])}
    return subjects | {
        f["intervention"] for f in gold["findings"] if f.get("estimate") and _same(estimate, f["estimate"])
    }


@dataclass
class Examples:
    """Examples with how much each counts."""

    rows: list[Example] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, features: list[str], answer: str, counted: float) -> None:
        """Adds one example."""
        self.rows.append((features, answer))
        self.weights.append(counted)


def counted(record: Record) -> float:
    """Returns how much a record counts here: less unevenly than for spans, made-up results being told as real ones."""
    return math.sqrt(weight(record))


def best_match(text: str, known: Sequence[str]) -> int | None:
    """Returns the place of the most similar string, None where none is similar (see `similarity`)."""
    scores = [similarity(text, other) for other in known]
    best = max(range(len(known)), key=lambda n: (scores[n], -n), default=None)
    return best if best is not None and scores[best] >= _SIMILAR else None


def fit_results(pairs: Sequence[tuple[Record, Doc]], predicted: Mapping[str, Sequence[Span]]) -> dict[str, TreeModel]:
    """Returns the models "link", "direction" and "effect".

    Each record is read twice: with its gold spans, and with spans that a tagger predicted which had not seen it
    (`predicted`, by PMID). From the second the models learn what becomes of a wrong span: no statement.
    """
    readings = []
    for record, document in pairs:
        if record["topic"] == current().id:
            readings.append((record, Context.of(document, gold_spans(record, document))))
            found = predicted.get(str(record["pmid"]))
            if found:
                readings.append((record, Context.of(document, found)))
    links, directions = Examples(), Examples()
    for record, context in readings:
        linked = _link_examples(record, context, links)
        _direction_examples(record, context, linked, directions)
    link = boost(links.rows, ("yes", "no"), weights=links.weights, leaves=8)
    effects = Examples()
    for record, context in readings:
        _effect_examples(record, context, link, effects)
    return {
        "link": link,
        "direction": _fit(directions, (*DIRECTIONS, NONE), 8),
        "effect": _fit(effects, (*EFFECTS, NONE), 15),
    }


def _fit(examples: Examples, labels: Sequence[str], leaves: int) -> TreeModel:
    return average(
        [boost(examples.rows, labels, weights=examples.weights, leaves=leaves, seed=seed) for seed in _SEEDS]
    )


def _link_examples(record: Record, context: Context, links: Examples) -> dict[str, list[EstimateSpan]]:
    """Adds the examples of one reading; returns the estimates that belong to each subject, by its normal form."""
    linked: dict[str, list[EstimateSpan]] = {}
    for number, estimates in enumerate(context.estimates):
        mine = [s for s in context.by_sentence.get(number, []) if s.kind in ("risk factor", "intervention")]
        for estimate in estimates:
            subjects = sorted(estimate_subjects(record["gold"], estimate))
            for span in mine:
                right = best_match(span.text, subjects) is not None
                links.add(link_features(context, estimate, span), "yes" if right else "no", counted(record))
                if right:
                    linked.setdefault(normal(span.text), []).append(estimate)
    return linked


def _direction_examples(
    record: Record, context: Context, linked: Mapping[str, list[EstimateSpan]], directions: Examples
) -> None:
    factors = record["gold"]["risk_factors"]
    names = [factor["mention"] for factor in factors]
    for group in factor_groups(context.spans):
        text = group[0].text
        place = best_match(text, names)
        answer = factors[place]["direction"] if place is not None else NONE
        features = direction_features(context, group, linked.get(normal(text), []))
        directions.add(features, answer, counted(record))


def _effect_examples(record: Record, context: Context, link: TreeModel, effects: Examples) -> None:
    """Each finding is learned from one sentence."""
    reading = read_record(context, link_estimates(context, link))
    candidates = candidate_pairs(context)
    findings = record["gold"]["findings"]
    answers = _answers(findings, context, candidates)
    for number, pair in enumerate(candidates):
        if number in answers or not _restates(findings, pair):
            effects.add(pair_features(reading, pair), answers.get(number, NONE), counted(record))


def _restates(findings: Sequence[Mapping[str, Any]], pair: Pair) -> bool:
    """Whether a pair may say again what a finding says: no example of a pair that says nothing."""
    return any(
        similarity(pair.intervention.text, finding["intervention"]) >= _SIMILAR
        and similarity(pair.outcome.text, finding["outcome"]) >= _SIMILAR
        for finding in findings
    )


def _answers(findings: Sequence[Mapping[str, Any]], context: Context, candidates: Sequence[Pair]) -> dict[int, str]:
    """The candidate that states each finding best: with its estimate, its intervention in the sentence, in results."""
    answers: dict[int, str] = {}
    for finding in findings:
        wanted = finding.get("estimate")
        scores = {}
        for number, pair in enumerate(candidates):
            drug = similarity(pair.intervention.text, finding["intervention"])
            score = min(drug, similarity(pair.outcome.text, finding["outcome"])) if drug >= _SIMILAR else 0.0
            if score >= _SIMILAR:
                scores[number] = score

        def rank(number: int) -> tuple[bool, bool, float, int]:
            pair = candidates[number]
            sentence = pair.outcome.sentence
            states = any(_same(estimate, wanted) for estimate in context.estimates[sentence]) if wanted else False  # noqa: B023
            place = _SOURCES[pair.source] + 1.1 * _CATEGORIES.get(context.sentences[sentence].category, 3)
            return number in answers, not states, place - 2 * scores[number], number  # noqa: B023

        if scores:
            answers[min(scores, key=rank)] = finding["direction"]
    return answers


_SOURCES = {"here": 0, "previous": 1, "main": 2}
_CATEGORIES = {"results": 0, "conclusion": 1, "title": 2}
