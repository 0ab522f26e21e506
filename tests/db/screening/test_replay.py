"""Five reviews replayed: the store is cut at a day, and what the review would have added since is sought.

The store are the made-up and retold records of the gold with their annotations; the question of a review is what the
annotations must say. Not one of them is told to the ranking, which sees the older studies alone.
"""

import json
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

import nlp
from db.evidence.vectors import Vectors, Words, build_vectors
from db.screening.rank import rank
from nlp.vocabulary.loader import Vocabulary, load_vocabulary

Record = Mapping[str, Any]
GOLD = Path(nlp.__file__).parent / "training" / "gold"
NSAIDS = ("nsaid", "indomet", "celecoxib", "diclofenac", "naproxen", "ibuprofen", "etoricoxib", "meloxicam", "cox-2")
RAYS = ("radiother", "irradiat", "radiation")


def given(record: Record, words: Iterable[str]) -> bool:
    """Whether a record tests an intervention that is called so."""
    return any(word in name.lower() for name in record["gold"]["interventions"] for word in words)


def designed(record: Record, *designs: str) -> bool:
    return record["gold"].get("study_design") in designs


def after(record: Record, cause: str) -> bool:
    return cause in (record["gold"].get("aetiologies") or ())


REVIEWS: Mapping[str, Callable[[Record], bool]] = {
    "trials of NSAIDs after arthroplasty": lambda r: (
        given(r, NSAIDS) and designed(r, "randomized controlled trial") and after(r, "arthroplasty")
    ),
    "trials of radiotherapy": lambda r: (
        given(r, RAYS) and designed(r, "randomized controlled trial", "non-randomized trial")
    ),
    "risk factors after spinal cord injury": lambda r: (
        bool(r["gold"]["risk_factors"]) and designed(r, "cohort", "case-control") and after(r, "spinal cord injury")
    ),
    "burns": lambda r: after(r, "burn") and r["gold"].get("species") == "human",
    "bisphosphonates in people": lambda r: (
        given(r, ("dronate", "bisphosphonate")) and r["gold"].get("species") == "human" and not designed(r, "review")
    ),
}


@pytest.fixture(scope="module")
def records() -> dict[int, Record]:
    found = {}
    for path in sorted(GOLD.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if record.get("gold") and str(record.get("year", "")).isdigit():
                found[int(record["pmid"])] = record
    return found


@pytest.fixture(scope="module")
def vectors(records: dict[int, Record]) -> Vectors:
    vocabulary = load_vocabulary()
    words = [
        Words(
            f"{record['title']} {record['gold'].get('study_design') or ''}",
            " ".join(part["text"] for part in record["abstract"] or ()),
            (),
            tuple(dict.fromkeys(tags_of(record, vocabulary))),
        )
        for _, record in sorted(records.items())
    ]
    return build_vectors(sorted(records), words)


def tags_of(record: Record, vocabulary: Vocabulary) -> Iterable[str]:
    """The concepts that an article would be tagged with, with all that are broader."""
    gold = record["gold"]
    factors = [factor["mention"] for factor in gold["risk_factors"]]
    named = {"intervention": gold["interventions"], "outcome": gold["outcomes"], "risk factor": factors}
    for kind, names in named.items():
        for name in names:
            concept = vocabulary.find(kind, name)  # type: ignore[arg-type]
            while concept is not None:
                yield concept.id
                concept = vocabulary.concepts.get(concept.parent) if concept.parent else None
    yield from (f"site:{name}" for name in gold.get("sites") or ())
    yield from (f"aetiology:{name}" for name in gold.get("aetiologies") or ())


@pytest.mark.parametrize("name", REVIEWS)
def test_nine_of_ten_studies_that_a_later_review_added_stand_in_the_first_fifth(
    name: str, records: dict[int, Record], vectors: Vectors
) -> None:
    wanted = {pmid: int(record["year"]) for pmid, record in records.items() if REVIEWS[name](record)}
    cut = sorted(wanted.values())[len(wanted) // 2]
    included = [pmid for pmid, year in wanted.items() if year < cut]
    sought = {pmid for pmid, year in wanted.items() if year >= cut}
    candidates = [pmid for pmid, record in records.items() if int(record["year"]) >= cut]
    passed_over = sorted(set(records) - set(candidates) - set(included))
    assert len(included) >= 10
    assert len(sought) >= 10
    assert len(sought) < 0.1 * len(candidates)
    ranked = rank(vectors, included, [], candidates, passed_over=passed_over)
    first = {entry.pmid for entry in ranked[: len(candidates) // 5]}
    assert len(sought & first) >= 0.9 * len(sought)


def test_the_order_tells_what_is_sought_and_not_what_is_new() -> None:
    chance = random.Random(3)
    words = {name: [f"{name}{number}x" for number in range(25)] for name in ("before", "since", "sought", "other")}
    texts = {}
    for pmid in range(1, 401):
        age = chance.sample(words["since" if pmid > 200 else "before"], 15)
        about = chance.sample(words["sought" if pmid % 3 == 0 else "other"], 2)
        texts[pmid] = Words(" ".join(about), " ".join(age))
    vectors = build_vectors(sorted(texts), [texts[pmid] for pmid in sorted(texts)])
    included = [pmid for pmid in range(1, 201) if pmid % 3 == 0][:15]
    passed_over = [pmid for pmid in range(1, 201) if pmid % 3]
    sought = {pmid for pmid in range(201, 401) if pmid % 3 == 0}

    def share_found(passed: list[int]) -> float:
        ranked = [entry.pmid for entry in rank(vectors, included, [], list(range(201, 401)), passed_over=passed)]
        return len(sought & set(ranked[: len(sought)])) / len(sought)

    assert share_found(passed_over) > 0.9
    assert share_found([]) < share_found(passed_over)
