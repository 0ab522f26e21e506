"""The order of a review's candidates: learnt from its own list, the later studies of a made-up world come first."""

import random

import numpy as np
import pytest

from db.evidence.vectors import Vectors, Words, build_vectors
from db.screening.rank import ERROR_WEIGHT, INCLUDED_TIMES, learn, rank

_TOPICS = ("drug", "rays", "gene", "burn", "spine", "hip", "knee", "scan")


def made_up_world(seed: int, number: int = 600) -> tuple[Vectors, dict[int, str]]:
    """Articles of eight topics that share most of their words; the topic of each by PMID."""
    chance = random.Random(seed)
    common = [f"common{n}x" for n in range(60)]
    own = {topic: [f"{topic}{n}x" for n in range(12)] for topic in _TOPICS}
    topics = {pmid: chance.choice(_TOPICS) for pmid in range(1, number + 1)}
    texts = []
    for topic in topics.values():
        words = chance.choices(common, k=25) + chance.choices(own[topic], k=chance.randint(3, 6))
        words += chance.choices(own[chance.choice(_TOPICS)], k=1)
        chance.shuffle(words)
        texts.append(Words(" ".join(words[:6]), " ".join(words[6:])))
    return build_vectors(list(topics), texts), topics


@pytest.mark.parametrize("topic", _TOPICS[:5])
def test_nine_of_ten_later_studies_stand_in_the_first_fifth(topic: str) -> None:
    vectors, topics = made_up_world(5)
    old = [pmid for pmid in topics if pmid <= 300]
    included = [pmid for pmid in old if topics[pmid] == topic][:12]
    excluded = [pmid for pmid in old if topics[pmid] != topic][:60]
    new = [pmid for pmid in topics if pmid > 300]
    wanted = {pmid for pmid in new if topics[pmid] == topic}
    for known_excluded in (excluded, []):
        first = [entry.pmid for entry in rank(vectors, included, known_excluded, new)][: len(new) // 5]
        assert len(wanted & set(first)) >= 0.9 * len(wanted)


def test_the_reasons_are_words_of_the_topic_and_citations_lift() -> None:
    vectors, topics = made_up_world(5)
    included = [pmid for pmid, topic in topics.items() if topic == "gene" and pmid <= 300][:12]
    new = [pmid for pmid in topics if pmid > 300]
    plain = rank(vectors, included, [], new)
    assert any(reason.startswith("gene") for reason in plain[0].reasons)
    last = plain[-1].pmid
    lifted = rank(vectors, included, [], new, {last: 3})
    assert [entry.pmid for entry in lifted].index(last) < len(new) - 1
    assert next(entry.links for entry in lifted if entry.pmid == last) == 3
    assert sorted(entry.pmid for entry in lifted) == sorted(new)


def test_each_doubling_of_its_links_lifts_an_article_as_much() -> None:
    vectors, topics = made_up_world(5, 60)
    included = [pmid for pmid, topic in topics.items() if topic == "gene" and pmid <= 30]
    new = [pmid for pmid in topics if pmid > 30]
    links = [{}, {new[0]: 1}, {new[0]: 3}, {new[0]: 7}]
    ranked = [{entry.pmid: entry for entry in rank(vectors, included, [], new, link)} for link in links]
    scores = [found[new[0]].score for found in ranked]
    steps = np.diff(scores)
    assert steps[0] > 0
    assert steps == pytest.approx([steps[0]] * 3, abs=2e-4)


def test_only_what_speaks_for_an_article_is_a_reason() -> None:
    texts = ("geneax genebx", "raysax raysbx", "raysax raysbx", "geneax raysbx", "genebx")
    vectors = build_vectors([1, 2, 3, 4, 5], [Words(text) for text in texts])
    reasons = {entry.pmid: set(entry.reasons) for entry in rank(vectors, [1], [2], [3, 4, 5])}
    assert reasons == {3: set(), 4: {"geneax"}, 5: {"genebx"}}


def test_without_included_studies_the_newest_come_first() -> None:
    vectors, _ = made_up_world(1, 30)
    assert [entry.pmid for entry in rank(vectors, [], [1], [5, 9, 7])] == [9, 7, 5]


def test_the_fit_is_where_the_slope_is_zero() -> None:
    """The loss has one lowest point; a small step from the fit in any direction goes up."""
    vectors, topics = made_up_world(2, 120)
    included = np.asarray([row for row, topic in enumerate(topics.values()) if topic == "hip"])
    excluded = np.asarray([row for row, topic in enumerate(topics.values()) if topic == "knee"])
    model = learn(vectors, included, excluded, np.asarray([], np.int64))
    rows = np.concatenate([included, excluded])
    side = np.where(np.arange(len(rows)) < len(included), 1, -1)
    weight = np.where(side == 1, INCLUDED_TIMES / len(included), 1 / len(excluded))
    weight *= ERROR_WEIGHT * len(rows) / weight.sum()

    def loss(weights: np.ndarray, base: float) -> float:
        missing = np.maximum(0, 1 - side * (vectors.dot(weights)[rows] + base))
        return float(weight @ missing**2 + (weights @ weights + base**2) / 2)

    best = loss(model.weights, model.base)
    chance = np.random.default_rng(1)
    for _ in range(20):
        step = chance.normal(size=len(model.weights)) * 0.02
        assert loss(model.weights + step, model.base) > best
        assert loss(model.weights, model.base + chance.choice([-0.02, 0.02])) > best


def test_candidates_that_nobody_judged_weigh_less_the_more_was_excluded() -> None:
    """With few excludes they say what is common; with many they hardly move the fit."""
    vectors, topics = made_up_world(4)
    rows = {topic: np.asarray([row for row, own in enumerate(topics.values()) if own == topic]) for topic in _TOPICS}
    others = np.concatenate([rows["burn"], rows["spine"]])
    excludes = np.concatenate([rows[topic] for topic in ("knee", "scan", "rays", "drug")])

    def moved(excluded: np.ndarray) -> float:
        with_others, without = (
            learn(vectors, rows["hip"], excluded, others),
            learn(vectors, rows["hip"], excluded, np.asarray([], np.int64)),
        )
        return 1 - float(np.corrcoef(with_others.weights, without.weights)[0, 1])

    assert moved(excludes) < moved(excludes[:5])
