"""Vectors of articles: what counts as a term, how it weighs, and arithmetic over rows and terms."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from db.evidence.vectors import CONCEPT_SHARE, Vectors, Words, build_vectors, shown_term


def weights_of(vectors: Vectors, row: int) -> dict[str, float]:
    """One row as a dictionary."""
    entries = range(vectors.starts[row], vectors.starts[row + 1])
    return {vectors.terms[vectors.columns[entry]]: float(vectors.weights[entry]) for entry in entries}


def test_words_are_folded_and_little_words_and_numbers_are_left_out() -> None:
    vectors = build_vectors(
        [1, 2],
        [
            Words("The oﬃcial stud\u00adies of 12 hips"),
            Words("A study: official hip", "Études"),
        ],
    )
    assert set(weights_of(vectors, 0)) == {"official", "study", "hip"}
    assert set(weights_of(vectors, 1)) == {"official", "study", "hip", "study official", "official hip"} & set(
        vectors.terms
    )


def test_two_words_that_stand_side_by_side_are_a_term_but_not_over_a_little_word() -> None:
    vectors = build_vectors([1, 2], [Words("Bone scan of bone"), Words("Scan of bone scan")])
    assert set(vectors.terms) == {"bone", "scan", "bone scan"}


def test_a_rare_term_weighs_more_and_a_term_of_one_article_nothing() -> None:
    texts = [Words("common rare"), Words("common rare"), Words("common"), Words("common unique")]
    found = weights_of(build_vectors([1, 2, 3, 4], texts), 0)
    assert found["rare"] > found["common"]
    assert "unique" not in build_vectors([1, 2, 3, 4], texts).terms


def test_words_and_concepts_are_blocks_of_fixed_length() -> None:
    words = Words("hip surgery", headings=["Hip"], concepts=["nsaids", "pain"])
    vectors = build_vectors([1, 2], [words, words])
    found = weights_of(vectors, 0)
    concepts = sum(weight**2 for term, weight in found.items() if term.startswith("concept:"))
    assert math.isclose(concepts, CONCEPT_SHARE, abs_tol=0.002)
    assert math.isclose(sum(weight**2 for weight in found.values()), 1, abs_tol=0.002)
    assert {shown_term(term) for term in found} >= {"Hip", "nsaids", "pain", "hip"}


def test_without_articles_and_without_words() -> None:
    assert len(build_vectors([], []).columns) == 0
    assert build_vectors([1, 2], [Words(""), Words("", "of the")]).starts.tolist() == [0, 0, 0]


@given(st.lists(st.lists(st.sampled_from("hip bone scan pain".split()), max_size=6), max_size=8), st.data())
def test_sums_over_terms_and_rows_equal_those_of_the_whole_matrix(texts: list[list[str]], data: st.DataObject) -> None:
    vectors = build_vectors(range(len(texts)), [Words(" ".join(words)) for words in texts])
    matrix = np.zeros((len(texts), len(vectors.terms)))
    matrix[vectors.rows, vectors.columns] = vectors.weights
    by_term, by_row = np.arange(1.0, len(vectors.terms) + 1), np.arange(1.0, len(texts) + 1)
    assert np.allclose(vectors.dot(by_term), matrix @ by_term)
    assert np.allclose(vectors.summed(by_row), by_row @ matrix)
    chosen = np.asarray(data.draw(st.lists(st.sampled_from(range(len(texts))), max_size=5)) if texts else [], np.int64)
    taken = vectors.taken(chosen)
    assert np.allclose(taken.dot(by_term), (matrix @ by_term)[chosen])
    assert taken.pmids.tolist() == vectors.pmids[chosen].tolist()
