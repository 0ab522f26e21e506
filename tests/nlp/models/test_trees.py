"""Boosted trees and linear models: they learn, they come back from their files, batches change nothing."""

import random
from pathlib import Path

import pytest

from nlp.models.linear import LinearModel, bucket, load_models, most_probable, save_models, softmax
from nlp.models.trees import LEAF, Tree, TreeModel, load_trees, save_trees, together
from nlp.training.boosting import average, boost
from nlp.training.linear import Choice, fit, fit_choice

Example = tuple[list[str], str]


def xor_examples(count: int = 400) -> list[Example]:
    """What no linear model can learn: "yes" where exactly one of two features is there, among noise."""
    chance = random.Random(3)
    rows: list[Example] = []
    for _ in range(count):
        one, two = chance.random() < 0.5, chance.random() < 0.5
        noise = [f"noise {chance.randrange(6)}" for _ in range(3)]
        rows.append((["one"] * one + ["two"] * two + noise, "yes" if one != two else "no"))
    return rows


@pytest.fixture(scope="module")
def model() -> TreeModel:
    return boost(xor_examples(), ("yes", "no"), rounds=60, feature_share=1.0)


def test_trees_learn_what_hangs_on_two_features_together(model: TreeModel) -> None:
    for features, answer in ((["one"], "yes"), (["two"], "yes"), (["one", "two"], "no"), ([], "no")):
        label, chance = model.best(features)
        assert label == answer
        assert chance > 0.8


def test_a_batch_gives_what_each_gives_alone(model: TreeModel) -> None:
    rows = [features for features, _ in xor_examples(700)]
    together = model.probabilities_of(rows)
    assert together == [model.probabilities(row) for row in rows]
    assert model.probabilities_of([]) == []
    assert all(abs(sum(chances.values()) - 1) < 1e-9 for chances in together)


def test_models_asked_together_say_what_each_says(model: TreeModel) -> None:
    never = TreeModel(("yes", "no"), {}, (-5.0, 5.0), ((), ()))
    for row in (["one"], ["one", "two", "noise 3", "unknown"], []):
        asked, rows = [model, never, model], [row, ["one"], ["two"]]
        alone = [one.probability(features, "yes") for one, features in zip(asked, rows, strict=True)]
        assert together(asked, rows, "yes") == alone


def random_tree(chance: random.Random, features: int, leaves: int) -> Tree:
    """A tree of a shape of its own, its leaves' values all different."""
    asked, present, absent = [LEAF], [0], [0]
    while asked.count(LEAF) < leaves:
        node = chance.choice([number for number, feature in enumerate(asked) if feature == LEAF])
        asked[node], absent[node], present[node] = chance.randrange(features), len(asked), len(asked) + 1
        asked, present, absent = [*asked, LEAF, LEAF], [*present, 0, 0], [*absent, 0, 0]
    return Tree(tuple(asked), tuple(present), tuple(absent), tuple(number / 100 for number in range(len(asked))))


def walked(tree: Tree, there: set[int]) -> float:
    """The value of the leaf that a walk from the root leads to."""
    node = 0
    while tree.features[node] != LEAF:
        node = (tree.present if tree.features[node] in there else tree.absent)[node]
    return tree.values[node]


@pytest.mark.parametrize("most", [1, 7, 8, 9, 16, 17, 40, 64])
def test_a_sum_is_that_of_the_leaves_that_walks_from_the_roots_lead_to(most: int) -> None:
    chance = random.Random(most)
    names = {f"f{number}": number for number in range(12)}
    grown = tuple(
        tuple(random_tree(chance, len(names), chance.choice((1, most))) for _ in range(count)) for count in (5, 0, 9)
    )
    model = TreeModel(("a", "b", "c"), names, (0.5, 0.0, -0.5), grown)
    for _ in range(50):
        there = set(chance.sample(range(len(names)), chance.randrange(len(names) + 1)))
        expected = [
            start + sum(walked(tree, there) for tree in trees) for start, trees in zip(model.start, grown, strict=True)
        ]
        assert model.scores_of([[f"f{number}" for number in there]])[0] == pytest.approx(expected)


def test_a_tree_of_more_leaves_than_a_number_has_bits_is_refused() -> None:
    tree = random_tree(random.Random(1), 3, 65)
    with pytest.raises(ValueError, match="65 leaves"):
        TreeModel(("a",), {"f0": 0, "f1": 1, "f2": 2}, (0.0,), ((tree,),)).scores_of([[]])


def test_order_and_repetition_of_features_do_not_count(model: TreeModel) -> None:
    assert model.probabilities(["one", "noise 1", "two"]) == model.probabilities(["two", "one", "noise 1", "one"])


def test_the_same_seed_gives_the_same_trees(model: TreeModel) -> None:
    assert boost(xor_examples(), ("yes", "no"), rounds=60, feature_share=1.0) == model
    assert boost(xor_examples(), ("yes", "no"), rounds=60, feature_share=1.0, seed=21) != model


def test_trees_come_back_from_their_file(model: TreeModel, tmp_path: Path) -> None:
    save_trees({"xor": model}, tmp_path / "trees.json")
    back = load_trees(tmp_path / "trees.json")["xor"]
    rows = [features for features, _ in xor_examples(50)]
    assert back.probabilities_of(rows) == model.probabilities_of(rows)


def test_the_mean_of_models_lies_between_them(model: TreeModel) -> None:
    other = boost(xor_examples(), ("yes", "no"), rounds=10, seed=5)
    mean = average([model, other])
    for features in (["one"], ["one", "two"]):
        first, second = model.scores_of([features])[0], other.scores_of([features])[0]
        middle = mean.scores_of([features])[0]
        assert all(abs(m - (a + b) / 2) < 0.01 for m, a, b in zip(middle, first, second, strict=True))


def test_three_labels() -> None:
    rows = [([name], name) for name in ("up", "down", "none") for _ in range(30)]
    model = boost(rows, ("up", "down", "none"), rounds=20)
    assert [model.best([name])[0] for name in ("up", "down", "none")] == ["up", "down", "none"]


def test_a_linear_model_learns_and_comes_back(tmp_path: Path) -> None:
    rows = [(["hip", "bias"], "ho"), (["liver", "bias"], "not_ho")] * 20
    model = fit(rows, ("ho", "not_ho"))
    assert model.best(["hip", "bias"])[0] == "ho"
    assert model.best(["liver", "bias"])[0] == "not_ho"
    save_models({"topic": model}, tmp_path / "linear.json")
    assert load_models(tmp_path / "linear.json") == {"topic": model}


def test_a_choice_ranks_its_options() -> None:
    choices = [Choice([["largest"], ["smaller"], ["smaller", "first"]], [True, False, False])] * 20
    model = fit_choice(choices)
    scores = [model.scores(option)[0] for option in choices[0].options]
    assert scores.index(max(scores)) == 0


def test_small_helps() -> None:
    assert softmax([0.0, 0.0]) == [0.5, 0.5]
    assert most_probable(("a", "b"), {"a": 0.5, "b": 0.5}) == ("a", 0.5)
    assert [bucket(n) for n in (0, 4, 21)] == ["<=0", "<=5", ">20"]
    assert LinearModel(("a", "b"), {"x": (1.0, 0.0)}).best(["x", "unknown"])[0] == "a"
