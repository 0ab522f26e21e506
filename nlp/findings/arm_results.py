"""The results of each arm as the record states them, and how often the disease occurred where only that is told."""

import re
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc

from db.tagged import ArmResult
from nlp.cues.disease import names_disease
from nlp.document import attribute, place
from nlp.findings.sentence.arms import arm_figures, is_told_absent, is_told_of_part
from nlp.findings.sentence.judged import outcome_polarity
from nlp.findings.sentence.outcome_roles import is_population
from nlp.findings.sentence.signs import (
    clause_bounds,
)
from nlp.findings.sentence.view import Context
from nlp.mentions.linker import Linker
from nlp.spans.tagging import Span
from nlp.text.figures import Figure, means, outside_brackets, proportions, time_of
from nlp.text.normal import normal

#: The name of an arm that is everybody studied.
EVERYBODY = "all"
_OCCURS = re.compile(
    r"\b(?:developed?|occurr\w+|seen|found|present|observed|noted|showed|formed|had(?! to)|incidence|prevalence|rate"
    r"|frequency|visible|identified|diagnosed|detected|affected)\b"
)


def arm_results(document: Doc, context: Context, linker: Linker) -> list[ArmResult]:
    """Returns what each arm showed, sentence by sentence of results, conclusions and title, in order of the text."""
    found: list[ArmResult] = []
    for number, sentence in enumerate(context.sentences):
        if sentence.category in ("results", "conclusion"):
            found += _of_sentence(document, context, linker, number)
    return found


def _of_sentence(document: Doc, context: Context, linker: Linker, number: int) -> Iterator[ArmResult]:
    text = context.texts[number]
    outcomes = [s for s in context.by_sentence.get(number, ()) if s.kind == "outcome"]
    if not outcomes:
        return
    outside = outside_brackets(text)
    open_outcomes = [s for s in outcomes if not outside[slice(*context.bounds(s))].isspace()]
    for read in (proportions, means):
        pairs: list[tuple[Span, Figure]] = []
        # grades in brackets say more of what stands outside: "48% (grade I: 37%) after X and 11% after Y"
        for words, named in ((text, outcomes), (outside, open_outcomes)):
            figures = read(words)
            outcome = _outcome_of(context, named, figures)
            pairs = arm_figures(context, number, figures) if outcome else []
            for arm, figure in pairs:
                yield _result(document, context, linker, outcome or outcomes[0], figure, arm)
            if pairs:
                break
        figures = read(text)
        outcome = _outcome_of(context, outcomes, figures)
        if not pairs and outcome and _is_whole(context, number, outcome, figures):
            yield _result(document, context, linker, outcome, figures[0], None)


def _outcome_of(context: Context, outcomes: list[Span], figures: Sequence[Figure]) -> Span | None:
    """The outcome that figures are of: the sentence's only one, else none; none where they count those without it."""
    names = {normal(span.text) for span in outcomes}
    if not figures or len(names) != 1:
        return None
    if any(is_told_absent(context, span) or is_population(context, span) for span in outcomes):
        return None
    return outcomes[0]


def _is_whole(context: Context, number: int, outcome: Span, figures: Sequence[Figure]) -> bool:
    """Whether a sentence's one proportion is how many of all had the disease: no arm or factor is named beside it."""
    text = context.texts[number]
    others = [s for s in context.by_sentence.get(number, ()) if s.kind != "outcome"]
    return (
        len(figures) == 1
        and figures[0].mean is None
        and not others
        and not is_told_of_part(context, number)
        and names_disease(outcome.text.lower())
        and bool(_OCCURS.search(text))
    )


def as_named(linker: Linker, document: Doc, outcome: Span) -> str | None:
    """Returns the concept of an outcome, None where its name says the reverse: shares of "relief" are not of pain."""
    found = linker.link(document, outcome)
    polarity = linker.polarity(found)
    return found if outcome_polarity(outcome.text, polarity) == polarity else None


def _result(
    document: Doc, context: Context, linker: Linker, outcome: Span, figure: Figure, arm: Span | None
) -> ArmResult:
    sentence = context.sentences[outcome.sentence]
    field, start, end = place(attribute(document, "article"), sentence.start, sentence.end)
    share, text = figure.share, context.texts[outcome.sentence]
    first, last = clause_bounds(text, figure.start, figure.end)
    return ArmResult(
        arm_text=arm.text if arm else EVERYBODY,
        concept_id=linker.link(document, arm) if arm else None,
        outcome_id=as_named(linker, document, outcome),
        outcome_text=outcome.text,
        events=figure.events,
        total=figure.total,
        percent=None if share is None else round(share, 2),
        mean=figure.mean,
        sd=figure.sd,
        unit=figure.unit,
        time=time_of(text[first:last]),
        field=field,
        sentence_start=start,
        sentence_end=end,
        section=sentence.label,
    )
