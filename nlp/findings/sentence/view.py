"""One view of a document for all that reads findings: its sentences' plain lower text, cues, estimates and spans."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from spacy.tokens import Doc

from nlp.concepts.matcher import ConceptSpan
from nlp.cues import Cue, find_cues
from nlp.document import Sentence, attribute
from nlp.estimates import EstimateSpan
from nlp.spans.tagging import Span
from nlp.text.normal import normal

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass
class Context:
    """A document with its sentences' plain lower text, cues and estimates at hand."""

    document: Doc
    sentences: tuple[Sentence, ...]
    texts: list[str]
    cues: list[tuple[Cue, ...]]
    estimates: list[list[EstimateSpan]]
    starts: list[int]
    words: list[str]
    design: str
    spans: Sequence[Span]
    by_sentence: dict[int, list[Span]] = field(default_factory=dict)
    kept: dict[Hashable, object] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for span in self.spans:
            self.by_sentence.setdefault(span.sentence, []).append(span)

    @classmethod
    def of(cls, document: Doc, spans: Sequence[Span]) -> "Context":
        """Returns the context of a document with sentences, estimates and facts, and the spans to be read in it."""
        sentences: tuple[Sentence, ...] = attribute(document, "sentences")
        whole: str = attribute(document, "plain")
        texts = [whole[s.start : s.end].lower() for s in sentences]
        cues = [find_cues(text) for text in texts]
        estimates: list[list[EstimateSpan]] = [[] for _ in sentences]
        number = 0
        for estimate in attribute(document, "estimates"):
            while number < len(sentences) - 1 and sentences[number].end <= estimate.start:
                number += 1
            estimates[number].append(estimate)
        facts = document._.facts
        return cls(document, sentences, texts, cues, estimates, attribute(document, "starts"),
                   attribute(document, "words"), facts.study_design if facts else "unknown", spans)  # fmt: skip

    @cached_property
    def named(self) -> dict[int, list[str]]:
        """The interventions of each sentence, one a string, in order."""
        names: dict[int, list[str]] = {}
        for span in self.spans:
            if span.kind == "intervention":
                mine = names.setdefault(span.sentence, [])
                if normal(span.text) not in mine:
                    mine.append(normal(span.text))
        return names

    @cached_property
    def factors_by_name(self) -> dict[str, list[Span]]:
        """The risk factor spans by what they name, see `name_of`."""
        factors: dict[str, list[Span]] = {}
        for span in self.spans:
            if span.kind == "risk factor":
                factors.setdefault(self.name_of(span), []).append(span)
        return factors

    @cached_property
    def _factor_concepts(self) -> dict[tuple[int, int], str]:
        concepts: list[ConceptSpan] = attribute(self.document, "concepts")
        return {(c.first, c.last): c.concept_id for c in reversed(concepts) if c.kind == "risk factor"}

    def name_of(self, span: Span) -> str:
        """Returns one key for the names of one factor: its concept, else its long form, else its string."""
        concept = self._factor_concepts.get((span.first, span.last))
        if concept is not None:
            return concept
        long_forms: dict[str, str] = attribute(self.document, "abbreviations")
        return normal(long_forms.get(span.text, span.text))

    def sentence_at(self, position: int) -> int:
        """Returns the number of the sentence that a character of the document stands in, -1 for none."""
        number = bisect_right(self.sentences, position, key=lambda sentence: sentence.start) - 1
        return number if number >= 0 and position < self.sentences[number].end else -1

    def bounds(self, span: Span) -> tuple[int, int]:
        """Characters of a span within its sentence."""
        shift = self.sentences[span.sentence].start
        last = span.last - 1
        return self.starts[span.first] - shift, self.starts[last] + len(self.words[last]) - shift


def once_a_record(
    function: Callable[Concatenate[Context, Arguments], Result],
) -> Callable[Concatenate[Context, Arguments], Result]:
    """Keeps what a function of a context and hashable arguments returns, as long as the context: nobody changes it."""

    @wraps(function)
    def of(context: Context, /, *args: Arguments.args, **options: Arguments.kwargs) -> Result:
        key = (function, args, *options.items())
        if key not in context.kept:
            context.kept[key] = function(context, *args, **options)
        return cast(Result, context.kept[key])

    return of


def factor_groups(spans: Sequence[Span]) -> list[list[Span]]:
    """Returns the risk factor spans grouped by string, in order of first place."""
    groups: dict[str, list[Span]] = {}
    for span in spans:
        if span.kind == "risk factor":
            groups.setdefault(normal(span.text), []).append(span)
    return list(groups.values())
