"""The component that turns spans into findings: risk factors with direction, effects of interventions."""

from collections.abc import Sequence
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from db.model import Estimate, Finding
from nlp.document import attribute, place
from nlp.estimates import EstimateSpan
from nlp.findings.comparators import comparator, record_controls
from nlp.findings.effects import decide_effects
from nlp.findings.estimate_links import link_estimates
from nlp.findings.risks import decide_risks
from nlp.findings.view import Context
from nlp.mentions.linker import Linker
from nlp.models.linear import MODEL_FOLDER
from nlp.models.trees import TreeModel, load_trees
from nlp.spans.component import Span
from nlp.vocabulary.loader import load_vocabulary

RESULT_MODELS = MODEL_FOLDER / "results.json"


@cache
def result_models() -> dict[str, TreeModel]:
    """Returns the packaged models "link", "direction" and "effect"."""
    return load_trees(RESULT_MODELS)


def _estimate(span: EstimateSpan | None) -> Estimate:
    if span is None:
        return Estimate()
    return Estimate(span.measure, span.value, span.low, span.high, span.p_value, span.adjusted)


class ResultReader:
    """Reads the findings of one document with given models."""

    def __init__(self, models: dict[str, TreeModel], linker: Linker) -> None:
        self.models = models
        self.linker = linker

    def read(self, document: Doc) -> tuple[list[Finding], int]:
        """Returns the findings in order of the text, and how many results were left undecided."""
        spans: list[Span] = attribute(document, "open_spans")
        if not spans:
            return [], 0
        context = Context.of(document, spans)
        links = link_estimates(context, self.models["link"])
        risks, abstained = decide_risks(context, links, self.models["direction"])
        findings = [
            self._finding(document, context, "risk", r.span, None, r.direction, r.estimate, r.conflict) for r in risks
        ]
        effects, left = decide_effects(context, links, self.models["effect"])
        controls = record_controls(context)
        for effect in effects:
            drug, outcome = effect.pair.intervention, effect.pair.outcome
            findings.append(
                self._finding(
                    document,
                    context,
                    "effect",
                    drug,
                    outcome,
                    effect.direction,
                    effect.estimate,
                    effect.conflict,
                    controls,
                )
            )
        return findings, abstained + left

    def _finding(
        self,
        document: Doc,
        context: Context,
        kind: str,
        subject: Span,
        outcome: Span | None,
        direction: str,
        estimate: EstimateSpan | None,
        conflict: str | None,
        controls: Sequence[Span] = (),
    ) -> Finding:
        at = outcome or subject
        number, position = at.sentence, context.starts[at.first]
        if kind == "effect" and estimate is not None and estimate.measure:
            # the sentence that gives the numbers says more than the one that names the outcome
            number, position = context.sentence_at(estimate.start), estimate.start
        against = comparator(context, number, subject, controls) if kind == "effect" else None
        sentence = context.sentences[number]
        article = attribute(document, "article")
        field, start, end = place(article, sentence.start, sentence.end)
        cues = [cue for cue in context.cues[number] if cue.group not in ("given", "measure", "compare")]
        shift = sentence.start
        position -= shift
        cue = min(cues, key=lambda c: (abs(c.start - position), c.start), default=None)
        words = attribute(document, "text")[cue.start + shift : cue.end + shift] if cue else None
        return Finding(
            kind="effect" if kind == "effect" else "risk",
            subject_id=self.linker.link(document, subject),
            subject_text=subject.text,
            comparator_text=against.text if against else None,
            outcome_id=self.linker.link(document, outcome) if outcome else None,
            outcome_text=outcome.text if outcome else None,
            direction=direction,
            estimate=_estimate(estimate),
            field=field,
            sentence_start=start,
            sentence_end=end,
            section=sentence.label,
            cue=words,
            conflict=conflict,
        )


@Language.factory(
    "ho_results",
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
    assigns=["doc._.findings", "doc._.abstained"],
    default_config={"vocabulary": None},
)
class ResultComponent:
    """Finds the findings of one document."""

    def __init__(self, nlp: Language, name: str, vocabulary: str | None) -> None:  # noqa: ARG002  spaCy passes both
        self.linker = Linker(load_vocabulary(vocabulary))
        self.reader = ResultReader(result_models(), self.linker)

    def __call__(self, document: Doc) -> Doc:
        document._.findings, document._.abstained = self.reader.read(document)
        return document
