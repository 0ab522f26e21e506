"""Every part of a filter is said, and said apart from its opposite."""

from urllib.parse import parse_qsl

import pytest

from db.select.filter import ArticleFilter
from db.select.words import describe, filter_parts
from db.terms import COMPARATOR_CLASSES

NAMES = {"a": "aspirin", "p": "pain", "n": "nerve block"}


def read(query: str) -> ArticleFilter:
    return ArticleFilter.from_query(parse_qsl(query))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("intervention=a&intervention=n", "intervention: aspirin or nerve block"),
        ("all_intervention=a&all_intervention=n", "intervention: aspirin and nerve block"),
        ("not_intervention=a&not_intervention=n", "intervention: not aspirin nor nerve block"),
        ("intervention=unnamed", "intervention: unnamed"),
        ("journal=not stated", "journal: journal not stated"),
        ("year=2015", "year: 2015"),
        ("year=2015-2020", "year: 2015–2020"),
        ("year=2015-", "year: since 2015"),
        ("year=-2015", "year: up to 2015"),
        ("run=last", "new: in the last run"),
        ("run=7", "new: in run 7"),
        ("topic=all", "also articles not about HO"),
        ("topic=not_ho", "only articles not about HO"),
        ("vanished=yes", "also records that left PubMed's results"),
        ("with_retracted=yes", "retracted articles counted as evidence"),
        ("as_of=2026-01-31", "as held at the end of 2026-01-31"),
        ("pmids=1,2,3", "list: 3 PMIDs"),
        ("q=hip", "search: hip"),
        ("q=!!!", "search: !!!"),
        ("finding_of=a&finding_on=p", "finding: aspirin and pain"),
        ("finding_of=a", "finding: aspirin and any outcome"),
        ("finding_on=p", "finding: anything and pain"),
        ("finding_of=a&direction=decreases&direction=increases", "finding: aspirin decreases or increases any outcome"),
        ("effect=worse", "finding: anything and any outcome, worse"),
        ("effect=worse&effect=conflict", "finding: anything and any outcome, worse or words and figures disagree"),
        ("comparator=active", "finding: anything and any outcome, against another treatment"),
        ("comparator=none or placebo", "finding: anything and any outcome, against nothing or placebo"),
        ("comparator=dose or timing", "finding: anything and any outcome, in another dose or at another time"),
        ("comparator=before", "finding: anything and any outcome, against before"),
        ("comparator=not read", "finding: anything and any outcome, against what was not read"),
    ],
)
def test_a_filter_in_words(query: str, words: str) -> None:
    assert describe(read(query), NAMES) == words


def test_every_class_of_comparators_has_words_of_its_own() -> None:
    said = {describe(read(f"comparator={name}")) for name in COMPARATOR_CLASSES}
    assert len(said) == len(COMPARATOR_CLASSES)


def test_removable_pieces_name_their_facet_and_how_it_was_chosen() -> None:
    chosen = read("site=hip&all_outcome=p&not_intervention=a&year=2015-&q=knee&species=human&finding_of=a&pmids=1,2")
    parts = filter_parts(chosen, NAMES)
    assert [(part.label, part.text, part.kind) for part in parts] == [
        ("search", "knee", None),
        ("intervention, excluded", "aspirin", "intervention"),
        ("outcome, required", "pain", "outcome"),
        ("site", "hip", "site"),
        ("species", "human", None),
        ("year", "since 2015", None),
        ("finding", "aspirin and any outcome", None),
        ("list", "2 PMIDs", None),
    ]
    assert all(part.rest != chosen and len(filter_parts(part.rest)) == len(parts) - 1 for part in parts)
