"""Overlap of reviews against a brute-force answer, and the corrected covered area by hand."""

import random

import pytest

from db.enriched import CitationRecord
from db.evidence.services.overlap import corrected_covered_area, read_overlap
from db.select.filter import ArticleFilter
from db.store.services.citations import join_citations, save_citations
from db.store.store import Store
from tests.support.made_up import add_article
from tests.support.stores import AT


@pytest.mark.parametrize(
    ("reviews", "area"),
    [
        ([{1, 2, 3, 4}, {3, 4, 5, 6}], 2 / 6),
        ([{1, 2}, {1, 2}], 1.0),
        ([{1}, {2}], 0.0),
        ([{1, 2, 3}, {1}, {1, 4}], 2 / 8),
        ([{1}], None),
        ([set(), set()], None),
        ([], None),
    ],
)
def test_the_corrected_covered_area(reviews: list[set[int]], area: float | None) -> None:
    found = corrected_covered_area([frozenset(review) for review in reviews])
    assert found == (pytest.approx(area) if area is not None else None)


def test_reviews_and_studies_equal_a_brute_force_answer(store: Store) -> None:
    chance = random.Random(2)
    designs = ["meta-analysis", "systematic review", "review", "cohort", "animal study", None]
    made = {
        pmid: (chance.choice(designs), int(chance.random() < 0.2), int(chance.random() < 0.2)) for pmid in range(1, 60)
    }
    assert ("cohort", 0, 1) in made.values()
    assert ("cohort", 1, 0) in made.values()
    cites = {pmid: set(chance.sample(sorted(made), 12)) - {pmid} for pmid in made}
    with store.atomic():
        for pmid, (design, retracted, vanished) in made.items():
            add_article(store.db.conn, pmid, study_design=design, retracted=retracted, vanished=vanished)
        records = [CitationRecord(pmid, references=tuple(sorted(cited | {999}))) for pmid, cited in cites.items()]
        save_citations(store, records, AT)
        join_citations(store)
    reviews = {
        pmid: studies
        for pmid, (design, retracted, vanished) in made.items()
        if design in designs[:2] and not retracted and not vanished
        and (studies := frozenset(c for c in cites[pmid] if made[c] == ("cohort", 0, 0)))
    }  # fmt: skip
    found = read_overlap(store.db.conn, ArticleFilter())
    assert found.reviews == reviews
    for one, other, shared, _ in found.pairs():
        assert shared == len(reviews[one] & reviews[other])
    assert len(found.pairs()) == sum(
        bool(reviews[one] & reviews[other]) for one in reviews for other in reviews if one < other
    )
