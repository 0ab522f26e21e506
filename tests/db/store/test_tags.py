"""Tags: written with roll-up, replaced whole, overruled by people, forgotten when the text changes."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from db.model import Term
from db.store.people.readings import reading_as_stored
from db.store.store import Store
from db.store.tags import count_untagged, drop_unused_concepts, save_concepts, save_tags, untagged
from db.tagged import Estimate, Finding, TaggedArticle
from tests.support.stores import AT, CONCEPTS, article, mention, run, save, tagged


@pytest.fixture
def filled(store: Store) -> Store:
    save(store, article())
    with store.atomic():
        save_concepts(store, CONCEPTS)
    return store


def tag(store: Store, value: TaggedArticle) -> list[dict[str, object]]:
    """Saves tags in a run of its own; returns the details of what was retagged."""
    with store.atomic():
        return [change.detail for change in save_tags(store, run(store), [value], AT)]


def rows(store: Store) -> dict[str, tuple[int, int, str]]:
    """The article's tags: direct or not, number of mentions, strongest assertion."""
    query = "SELECT concept_id, direct, mentions, assertion FROM article_tags"
    return {row[0]: tuple(row[1:]) for row in store.db.execute(query)}


def test_a_tag_is_counted_for_every_ancestor(filled: Store) -> None:
    assert tag(filled, tagged(filled)) == []
    assert rows(filled) == {
        "ho": (1, 1, "affirmed"),
        "indomethacin": (1, 1, "hedged"),
        "nonselective-nsaids": (0, 1, "hedged"),
        "nsaids": (0, 1, "hedged"),
    }
    assert [row["depth"] for row in filled.db["concepts"].rows_where("id = 'indomethacin'")] == [2]


@pytest.mark.parametrize("assertions", list(permutations(("affirmed", "hedged", "negated"), 2)))
def test_the_stronger_word_counts_and_an_ancestor_that_is_named_counts_its_own_mentions(
    filled: Store, assertions: tuple[str, str]
) -> None:
    first, second = assertions
    mentions = [
        mention(0, 12, "Indomethacin", "indomethacin", "intervention", first),
        mention(0, 12, "Indomethacin", "indomethacin", "intervention", second),
        mention(0, 12, "Indomethacin", "nonselective-nsaids", "intervention", "negated"),
    ]
    tag(filled, tagged(filled, mentions=tuple(mentions), findings=()))
    stronger = min(first, second, key=("affirmed", "hedged", "negated").index)
    assert rows(filled) == {
        "indomethacin": (1, 2, stronger),
        "nonselective-nsaids": (1, 1, "negated"),
        "nsaids": (0, 3, stronger),
    }


def test_what_was_tagged_is_not_tagged_again_by_the_same_version(filled: Store) -> None:
    assert count_untagged(filled, "v1") == 1
    tag(filled, tagged(filled))
    assert list(untagged(filled, "v1")) == []
    assert [given.pmid for given in untagged(filled, "v2")] == [1]


def test_other_tags_than_before_are_a_change(filled: Store) -> None:
    tag(filled, tagged(filled))
    fewer = tagged(filled, "v2", mentions=(mention(15, 39, "heterotopic ossification", "ho", "outcome"),))
    assert tag(filled, fewer) == [{"gained": [], "lost": ["indomethacin"]}]
    assert set(rows(filled)) == {"ho"}


SAID = Finding(
    "effect", "indomethacin", "Indomethacin", "placebo", "ho", "ossification", "decreases", Estimate(), "title", 0, 39,
    None, None, None, "none or placebo", "better",
)  # fmt: skip
FACTOR = replace(SAID, kind="risk", comparator_class=None, comparator_text=None, effect=None, direction="increases")


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (SAID, {"effect": "worse"}, {"better", "worse"}),
        (SAID, {"comparator_class": "active"}, {"none or placebo", "active"}),
        (SAID, {"conflict": "words: decreases; p: no difference"}, {None, "words: decreases; p: no difference"}),
        (SAID, {"outcome_id": None, "outcome_text": "pain"}, {"ho", "pain"}),
        (SAID, {"subject_id": None, "subject_text": "warmth"}, {"indomethacin", "warmth"}),
        (FACTOR, {"direction": "decreases"}, {"increases", "decreases"}),
        (FACTOR, {"direction": "no association"}, {"increases", "no association"}),
    ],
)
def test_findings_that_say_something_else_are_a_change(
    filled: Store, before: Finding, now: dict[str, Any], told: set[str | None]
) -> None:
    tag(filled, tagged(filled, findings=(before,)))
    [change] = tag(filled, tagged(filled, "v2", findings=(replace(before, **now),)))
    effects: Any = change["effects"]
    [gained], [lost] = effects["gained"], effects["lost"]
    assert {value for old, new in zip(lost, gained, strict=True) if old != new for value in (old, new)} == told


def test_findings_that_say_the_same_in_other_words_are_none(filled: Store) -> None:
    tag(filled, tagged(filled, findings=(SAID,)))
    assert tag(filled, tagged(filled, "v2", findings=(replace(SAID, sentence_end=30, cue="less"),))) == []


def test_a_changed_text_forgets_its_tags_and_a_changed_index_only_asks_for_new_ones(filled: Store) -> None:
    tag(filled, tagged(filled))
    indexed = article(
        xml=b"<i/>", revised_date="2021", publication_types=(Term("D016449", "Randomized Controlled Trial"),)
    )
    save(filled, indexed)
    assert filled.db["mentions"].count == 2
    assert count_untagged(filled, "v1") == 1
    save(filled, replace(indexed, title="Changed", xml=b"<c/>", revised_date="2022"))
    assert filled.db["mentions"].count == filled.db["article_tags"].count == filled.db["findings"].count == 0


def test_tags_of_a_text_that_has_changed_meanwhile_are_left_out(filled: Store) -> None:
    value = tagged(filled, text_hash="0" * 16)
    tag(filled, value)
    assert filled.db["mentions"].count == 0
    assert count_untagged(filled, "v1") == 1


def test_a_concept_leaves_the_store_when_no_tag_names_it(filled: Store) -> None:
    tag(filled, tagged(filled))
    drop_unused_concepts(filled, CONCEPTS[3:])
    assert filled.db["concepts"].count == 4
    tag(filled, tagged(filled, mentions=(), findings=()))
    drop_unused_concepts(filled, CONCEPTS[3:])
    assert [row["id"] for row in filled.db["concepts"].rows] == ["ho"]


@pytest.mark.parametrize("part", ["subject_id", "outcome_id", "comparator_id"])
def test_a_concept_stays_while_a_finding_names_it(filled: Store, part: str) -> None:
    nobody = replace(SAID, subject_id=None, outcome_id=None, comparator_id=None)
    tag(filled, tagged(filled, mentions=(), findings=(replace(nobody, **{part: "indomethacin"}),)))  # type: ignore[arg-type]
    drop_unused_concepts(filled, [])
    assert "indomethacin" in {row["id"] for row in filled.db["concepts"].rows}


@pytest.mark.parametrize("adjusted", [True, False, None])
def test_what_the_tagger_says_of_an_estimate_is_read_back_as_it_was(filled: Store, adjusted: bool | None) -> None:
    said = replace(SAID, estimate=Estimate("OR", 2.5, 1.25, 5.0, "<0.01", adjusted))
    tag(filled, tagged(filled, findings=(said,)))
    assert reading_as_stored(filled.db.conn, 1).findings == (said,)
