"""A question in plain words, read by the vocabulary alone and answered by cards; what was not understood is said."""

from dataclasses import dataclass, replace
from typing import Any

from datasette.utils.asgi import Response

from db.evidence.effects.balance import Balance, read_balances
from db.evidence.effects.cards import Card, OutcomeCard, read_cards
from db.evidence.effects.matrix import MatrixPage, read_matrix
from db.evidence.services.trials import TrialRow, trials_under_way
from db.select.facets import FACET_OF_KIND
from db.select.filter import ArticleFilter
from db.select.questions.lexicon import LEXICON, Named
from db.select.questions.question import Question, read_question
from db.select.search.index import ensure_search
from db.site.answers import class_json, json_answer, json_page, list_url, reliability_json
from db.site.page import PageContext, page
from db.site.questions import example_questions

_MOST_SUBJECTS = 4
#: What a card is about, where the question names only an outcome or a setting.
_SHOWN_SUBJECTS = 12
_PARTS = ("interventions", "risk_factors", "outcomes", "settings", "comparator")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question is answered with: the filter of its setting, and the cards of each subject.

    A subject of which nothing was found is answered by its broader group; then it stands beside the group.
    `by_subject` are the balances of interventions where an outcome alone is asked for.
    """

    question: Question
    chosen: ArticleFilter
    subjects: tuple[tuple[Named, Named | None, tuple[OutcomeCard, ...]], ...]
    by_subject: tuple[tuple[Named, Named, Balance], ...]


@page
def answer(context: PageContext) -> Response:
    """The answer to a question as a page."""
    found = _read(context)
    question = found.question if found else None
    lexicon = LEXICON.of(context.conn)
    parts = [
        (name.replace("_", " "), [lexicon.concepts[concept] for concept in getattr(question, name)])
        for name in (*_PARTS, "excluded", "other")
        if question and getattr(question, name)
    ]
    return context.render(
        "answer.html",
        text=context.parameter("q") or "",
        question=question,
        found=found,
        parts=parts,
        list_href=list_url(context, _everything(context, found)) if found else None,
        named=context.index.count(context.conn, _everything(context, found)) if found else 0,
        search_href=context.url("articles", ArticleFilter.from_query([("q", question.text)]).query_string())
        if question
        else None,
        examples=example_questions(),
        under_way=_under_way(context, question) if question else [],
    )


@json_page
def answer_json(context: PageContext) -> Response:
    """The answer to a question as JSON."""
    found = _read(context)
    question = found.question if found else Question("")
    cards = [
        {**_card_json(context, subject.id, outcome.outcome, card), "instead_of": of.id if of else None}
        for subject, of, outcomes in (found.subjects if found else ())
        for outcome in outcomes
        for card in outcome.cards
    ]
    cards += [
        {"subject": subject.id, "outcome": outcome.id, **class_json(context, entry)}
        for subject, outcome, balance in (found.by_subject if found else ())
        for entry in balance.classes
    ]
    return json_answer(
        {
            "question": question.text,
            "understood": {name: list(getattr(question, name)) for name in (*_PARTS, "other", "designs")},
            "excluded": list(question.excluded),
            "unknown": list(question.unknown),
            "cards": cards,
            "reliability": reliability_json(context),
        }
    )


def _read(context: PageContext) -> Answer | None:
    text = context.parameter("q")
    if not text:
        return None
    ensure_search(context.conn)
    question = read_question(context.conn, text)
    lexicon = LEXICON.of(context.conn)
    chosen = ArticleFilter()
    for concept in question.settings:
        chosen = chosen.with_choice(FACET_OF_KIND[lexicon.concepts[concept].kind].name, concept)
    for design in question.designs:
        chosen = chosen.with_choice("study_design", design)
    subjects = []
    for concept in question.subjects[:_MOST_SUBJECTS]:
        named = lexicon.concepts[concept]
        broader, cards = _cards(context, chosen, question, named)
        subjects.append((broader, named if broader != named else None, cards))
    return Answer(question, chosen, tuple(subjects), _by_subject(context, lexicon.concepts, question, chosen))


def _under_way(context: PageContext, question: Question) -> list[tuple[Named, list[TrialRow]]]:
    """Returns the trials under way on what was asked about: what may change the answer."""
    concepts = LEXICON.of(context.conn).concepts
    asked = question.interventions[:_MOST_SUBJECTS]
    found = [(concepts[concept], trials_under_way(context.conn, concept)) for concept in asked]
    return [(named, trials) for named, trials in found if trials]


def _cards(
    context: PageContext, chosen: ArticleFilter, question: Question, named: Named
) -> tuple[Named, tuple[OutcomeCard, ...]]:
    """Returns the cards of a subject; of the narrowest broader group that has any where it has none itself."""
    lexicon = LEXICON.of(context.conn)
    outcomes = question.outcomes if named.kind == "intervention" else ()
    concept: str | None = named.id
    while concept:
        cards = read_cards(context.conn, context.index, chosen, concept, outcomes)
        shown = tuple(card for card in (_compared(card, question) for card in cards) if card.cards)
        if shown:
            return lexicon.concepts[concept], shown
        concept = lexicon.parents[concept]
    return named, ()


def _compared(card: OutcomeCard, question: Question) -> OutcomeCard:
    """Returns a card with the classes of comparators that the question asks for, all of them where it names none."""
    if not question.comparator:
        return card
    wanted = "none or placebo" if question.untreated else "active"
    return replace(card, cards=tuple(entry for entry in card.cards if entry.balance.comparator_class == wanted))


def _by_subject(
    context: PageContext, concepts: dict[str, Named], question: Question, chosen: ArticleFilter
) -> tuple[tuple[Named, Named, Balance], ...]:
    if question.subjects or not question.outcomes:
        return ()
    found = []
    for outcome in question.outcomes[:_MOST_SUBJECTS]:
        matrix = read_matrix(context.conn, context.index, chosen, MatrixPage(columns=outcome))
        rows = [heading.id for heading in matrix.rows]
        balances = read_balances(context.conn, context.index, chosen, rows, [outcome])
        found += [(concepts[subject], concepts[outcome], balance) for (subject, _), balance in balances.items()]
    return tuple(found[:_SHOWN_SUBJECTS])


def _everything(context: PageContext, found: Answer) -> ArticleFilter:
    """Returns the list of the articles that name all that was understood."""
    chosen = found.chosen
    concepts = LEXICON.of(context.conn).concepts
    for concept in (*found.question.subjects, *found.question.outcomes, *found.question.other):
        chosen = chosen.also_tagged(FACET_OF_KIND[concepts[concept].kind].name, concept)
    return chosen


def _card_json(context: PageContext, subject: str, outcome: str | None, card: Card) -> dict[str, Any]:
    strongest = card.strongest
    return {
        "subject": subject,
        "outcome": outcome,
        **class_json(context, card.balance),
        "estimates": [
            {
                "pmid": estimate.pmid,
                "measure": estimate.measure,
                "value": estimate.value,
                "ci_low": estimate.ci_low,
                "ci_high": estimate.ci_high,
                "comparator": estimate.comparator,
                "study_design": estimate.study_design,
            }
            for estimate in card.estimates
        ],
        "strongest": strongest
        and {"pmid": strongest["pmid"], "sentence": strongest["sentence"], "study_design": strongest["study_design"]},
        "on_animals_or_cells": card.laboratory,
        "newest": card.newest and {"year": card.newest[0], "pmid": card.newest[1]},
    }


ROUTES = [(r"^/answer/?$", answer), (r"^/answer\.json$", answer_json)]
