"""Vocabulary matches: the longest of a kind, in any spelling, abbreviations in exact case."""

from itertools import pairwise

import pytest

from nlp.mentions.linker import Linker
from nlp.text.tokenizer import split_words
from nlp.vocabulary.loader import load_vocabulary
from tests.support.reading import read, spans_of


def concepts(text: str, kind: str) -> list[tuple[str, str]]:
    """(words, concept) of each match of a kind in an abstract."""
    document = read(text, title="A study")
    words = document._.words
    return [(" ".join(words[c.first : c.last]), c.concept_id) for c in document._.concepts if c.kind == kind]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hips had indomethacin or Indometacin.", [("indomethacin", "indomethacin"), ("Indometacin", "indomethacin")]),
        ("Non-steroidal anti-inflammatory drugs were given.",
         [("Non - steroidal anti - inflammatory drugs", "nsaids")]),
        ("Placebo was given.", [("Placebo", "placebo")]),
    ],
)  # fmt: skip
def test_interventions_in_any_spelling(text: str, found: list[tuple[str, str]]) -> None:
    assert concepts(text, "intervention") == found


def test_the_longer_name_wins() -> None:
    names = [words for words, _ in concepts("Total hip arthroplasty was done.", "aetiology")]
    assert names == ["Total hip arthroplasty"]


def test_an_abbreviation_counts_in_exact_case_and_as_the_article_defines_it() -> None:
    assert ("TBI", "traumatic-brain-injury-factor") in concepts("Seen after TBI.", "risk factor")
    assert not concepts("seen after tbi.", "risk factor")
    defined = read("Low back pain (LBP) was noted. LBP was rare.", title="A study")
    assert defined._.abbreviations == {"LBP": "Low back pain"}


def test_every_match_is_sorted_and_of_one_kind_without_overlap() -> None:
    text = "Indomethacin and radiotherapy lowered heterotopic ossification after total hip arthroplasty in men."
    document = read(text)
    found = document._.concepts
    assert document._.concept_starts == [c.first for c in found] == sorted(c.first for c in found)
    for kind in {c.kind for c in found}:
        mine = [c for c in found if c.kind == kind]
        assert all(a.last <= b.first for a, b in pairwise(mine))


@pytest.mark.parametrize(
    ("text", "kind", "concept"),
    [
        ("indomethacin", "intervention", "indomethacin"),
        ("25 mg indomethacin", "intervention", "indomethacin"),
        ("incidence of heterotopic ossification", "outcome", "ho-incidence"),
        ("moon phase", "risk factor", None),
    ],
)
def test_a_span_is_linked_to_what_it_means(text: str, kind: str, concept: str | None) -> None:
    document = read(f"We looked at {text} in 40 hips.", title="A study")
    span = spans_of(document, {text: kind})[0]
    assert Linker(load_vocabulary()).link(document, span) == concept


def test_splitting_is_the_same_for_names_and_texts() -> None:
    assert split_words("COX-2 inhibitors") == ["COX", "-", "2", "inhibitors"]
