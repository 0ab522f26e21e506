"""The component that turns spans into results: risk factors with direction, effects of interventions, arms."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from db.tagged import ArmResult, Estimate, Finding
from db.terms import Polarity, effect_of
from nlp.document import attribute, place
from nlp.estimates import EstimateSpan
from nlp.findings.arm_results import arm_results
from nlp.findings.consistency import Weighed, consistent
from nlp.findings.effects import decide_effects
from nlp.findings.factors.risks import decide_risks
from nlp.findings.factors.risks_together import Risk
from nlp.findings.links.comparators import Arms, comparator, comparator_class, of_two_alike, record_arms
from nlp.findings.links.costs import Effect
from nlp.findings.links.estimate_links import link_estimates
from nlp.findings.sentence.exceptions import left_out
from nlp.findings.sentence.gates import interval_sign
from nlp.findings.sentence.judged import judged, outcome_polarity
from nlp.findings.sentence.signs import NONE, clause_of
from nlp.findings.sentence.view import Context
from nlp.mentions.linker import Linker
from nlp.models.linear import MODEL_FOLDER
from nlp.models.trees import TreeModel, load_trees
from nlp.spans.tagging import Span
from nlp.vocabulary.loader import load_vocabulary

RATIOS = ("OR", "RR", "HR")
RESULT_MODELS = MODEL_FOLDER / "results.json"


@cache
def result_models() -> dict[str, TreeModel]:
    """Returns the packaged models "link", "direction" and "effect"."""
    return load_trees(RESULT_MODELS)


def _estimate(span: EstimateSpan | None) -> Estimate:
    if span is None:
        return Estimate()
    return Estimate(span.measure, span.value, span.low, span.high, span.p_value, span.adjusted)


@dataclass(frozen=True, slots=True)
class Results:
    """What the results of a document say: findings, what each arm showed, and how many results were left undecided."""

    findings: tuple[Finding, ...] = ()
    arms: tuple[ArmResult, ...] = ()
    abstained: int = 0


class ResultReader:
    """Reads the results of one document with given models."""

    def __init__(self, models: dict[str, TreeModel], linker: Linker) -> None:
        self.models = models
        self.linker = linker

    def read(self, document: Doc) -> Results:
        """Returns the results of a document in order of the text."""
        spans: list[Span] = attribute(document, "open_spans")
        if not spans:
            return Results()
        context = Context.of(document, spans)
        links = link_estimates(context, self.models["link"])
        risks, open_ = decide_risks(context, links, self.models["direction"])
        effects, left = decide_effects(context, links, self.models["effect"])
        record = record_arms(context)
        weighed = [Weighed(self._risk(document, context, r), r.chance, r.span.first) for r in risks]
        weighed += [
            Weighed(self._effect(document, context, e, record), e.chance, e.pair.intervention.first) for e in effects
        ]
        arms = arm_results(document, context, self.linker)
        return Results(tuple(consistent(weighed)), tuple(arms), open_ + left)

    def _risk(self, document: Doc, context: Context, risk: Risk) -> Finding:
        span, place = risk.span, risk.told_at or risk.span
        return Finding(
            kind="risk",
            subject_id=self.linker.link(document, span),
            subject_text=span.text,
            comparator_text=None,
            outcome_id=None,
            outcome_text=None,
            direction=risk.direction,
            estimate=_estimate(risk.estimate),
            conflict=risk.conflict,
            **_where(document, context, place.sentence, context.starts[place.first]),
        )

    def _effect(self, document: Doc, context: Context, effect: Effect, record: Arms) -> Finding:
        subject, outcome = effect.pair.intervention, effect.pair.outcome
        number, position = outcome.sentence, context.starts[outcome.first]
        if effect.estimate is not None and effect.estimate.measure:
            # the sentence that gives the numbers says more than the one that names the outcome
            number, position = context.sentence_at(effect.estimate.start), effect.estimate.start
        alike = of_two_alike(context, number, subject, effect.direction == "no difference")
        against = alike or comparator(context, number, subject, record)
        if left_out(context, subject):
            against = None  # of "all but X" X is not alike
        elif alike is None and effect.against is not None and (against is None or effect.direction == "no difference"):
            against = effect.against
        outcome_id = self.linker.link(document, outcome)
        polarity = outcome_polarity(outcome.text, self.linker.polarity(outcome_id))
        if polarity != self.linker.polarity(outcome_id) and effect.direction != "no difference":
            outcome_id = None  # more relief of pain is no more pain: it must not count as an increase of it
        direction, conflict = _seen(context, effect, polarity)
        return Finding(
            kind="effect",
            subject_id=self.linker.link(document, subject),
            subject_text=subject.text,
            comparator_text=against.text if against else None,
            outcome_id=outcome_id,
            outcome_text=outcome.text,
            direction=direction,
            estimate=_estimate(effect.estimate),
            comparator_id=self.linker.link(document, against) if against else None,
            comparator_class=comparator_class(context, number, subject, against),
            effect="unclear" if conflict else effect_of(direction, polarity),
            conflict=conflict,
            **_where(document, context, number, position),
        )


def _seen(context: Context, effect: Effect, polarity: Polarity | None) -> tuple[str, str | None]:
    """The direction of an effect and its conflict: a ratio is not turned by what is called better, it contradicts."""
    said, estimate = _said(context, effect, polarity), effect.estimate
    if estimate is None or estimate.measure not in RATIOS or said == effect.direction:
        return said, effect.conflict  # which way a difference points hangs on its scale
    if interval_sign(estimate) in (None, NONE):
        return effect.direction, effect.conflict
    return effect.direction, effect.conflict or f"words: {said}; interval: {effect.direction}"


def _said(context: Context, effect: Effect, polarity: Polarity | None) -> str:
    """The direction of an effect, turned where its sentence says whether that was good and it would be the reverse."""
    subject, outcome = effect.pair.intervention, effect.pair.outcome
    called = judged(context, subject, outcome)
    if called and polarity and effect.direction in _TURNED:
        return "increases" if (called == "better") == (polarity == "more is better") else "decreases"
    told = _IS_SEEN.match(context.texts[outcome.sentence], context.bounds(outcome)[1])
    if told and polarity and effect.direction in _TURNED:
        return "increases" if bool(told["better"]) == (polarity == "more is better") else "decreases"
    return improved(effect.direction, polarity, clause_of(context, outcome))


_TURNED = ("increases", "decreases")
#: Right behind an outcome: what became of it, whatever became of the others of its clause.
_IS_SEEN = re.compile(
    r"(?: (?:had|was|were))?(?: \w+ly)? (?:(?P<better>improved)|worsened|deteriorated|aggravated)\b"
    r"(?! (?:less|more|not))"
)
_IMPROVED = re.compile(r"(?<!not )(?<!no )\bimprov\w+")
_WORSE = re.compile(r"\b(?:worse\w*|deteriorat\w+|aggravat\w+)")


def improved(direction: str, polarity: Polarity | None, clause: str) -> str:
    """Returns the direction, turned where a clause says that an outcome improved and the direction is the bad one."""
    if polarity is None or direction not in _TURNED:
        return direction
    better = "increases" if polarity == "more is better" else "decreases"
    if direction != better and _IMPROVED.search(clause) and not _WORSE.search(clause):
        return better
    return direction


def _where(document: Doc, context: Context, number: int, position: int) -> dict[str, Any]:
    """Field, sentence, section and nearest cue of a finding at a character of the document."""
    sentence = context.sentences[number]
    field, start, end = place(attribute(document, "article"), sentence.start, sentence.end)
    cues = [cue for cue in context.cues[number] if cue.group not in ("given", "measure", "compare")]
    shift = sentence.start
    cue = min(cues, key=lambda c: (abs(c.start - position + shift), c.start), default=None)
    words = attribute(document, "text")[cue.start + shift : cue.end + shift] if cue else None
    return {"field": field, "sentence_start": start, "sentence_end": end, "section": sentence.label, "cue": words}


@Language.factory(
    "tracker_results",
    requires=[
        "doc._.article",
        "doc._.words",
        "doc._.starts",
        "doc._.text",
        "doc._.plain",
        "doc._.sentences",
        "doc._.abbreviations",
        "doc._.concepts",
        "doc._.concept_starts",
        "doc._.estimates",
        "doc._.facts",
        "doc._.open_spans",
    ],
    assigns=["doc._.findings", "doc._.results", "doc._.abstained"],
    default_config={"vocabulary": None},
)
class ResultComponent:
    """Finds the findings of one document."""

    def __init__(self, nlp: Language, name: str, vocabulary: str | None) -> None:  # noqa: ARG002  spaCy passes both
        self.linker = Linker(load_vocabulary(vocabulary))
        self.reader = ResultReader(result_models(), self.linker)

    def __call__(self, document: Doc) -> Doc:
        """Reads the results of a document."""
        results = self.reader.read(document)
        document._.findings, document._.results = list(results.findings), list(results.arms)
        document._.abstained = results.abstained
        return document
