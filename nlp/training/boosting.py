"""Fits boosted trees on features that are there or not with LightGBM, and turns them into this project's tree models.

LightGBM is needed for training only: what ships is a JSON file of trees that `nlp.models.trees` reads with numpy alone.
One thread and fixed seeds, so that the same examples in the same order give the same trees.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from nlp.models.trees import LEAF, Tree, TreeModel
from nlp.training.linear import Example

_RIDGE = 1.0


def boost(  # noqa: PLR0913 the library's own settings, each with its default
    examples: Sequence[Example],
    labels: Sequence[str],
    *,
    weights: Sequence[float] | None = None,
    rounds: int = 150,
    leaves: int = 15,
    rate: float = 0.06,
    smallest: int = 8,
    minimum: int = 3,
    feature_share: float = 0.3,
    row_share: float = 0.8,
    seed: int = 20,
) -> TreeModel:
    """Returns a model fitted to examples (features, label); features seen fewer than `minimum` times are left out.

    `weights` says how much each example counts. A label that no example has gets no trees.
    """
    counts = Counter(feature for features, _ in examples for feature in set(features))
    names = sorted(name for name, count in counts.items() if count >= minimum)
    present = [label for label in labels if any(gold == label for _, gold in examples)]
    shares = np.array([sum(gold == label for _, gold in examples) for label in labels]) / max(len(examples), 1)
    start = np.log(np.maximum(shares, 1e-3))
    if len(present) < 2 or not names:
        return _compact(tuple(labels), [], start, {})
    two = len(present) == 2
    settings: dict[str, Any] = {
        "objective": "binary" if two else "multiclass",
        **({} if two else {"num_class": len(present)}),
        "num_leaves": leaves,
        "learning_rate": rate,
        "min_data_in_leaf": smallest,
        "min_sum_hessian_in_leaf": 0.0,
        "lambda_l2": _RIDGE,
        "feature_fraction": feature_share,
        "bagging_fraction": row_share,
        "bagging_freq": 1,
        "boost_from_average": False,
        "enable_bundle": False,
        "seed": seed,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    answers = [present.index(label) for _, label in examples]
    begun = start[[labels.index(label) for label in present]]
    # of two labels, one sum says all: LightGBM's is that of the second; of more, its scores stand label by label
    base = np.full(len(examples), begun[1] - begun[0]) if two else np.repeat(begun, len(examples))
    binning = {"min_data_in_bin": 1, "verbosity": -1}
    data = lightgbm.Dataset(_table(examples, names), answers, weight=weights, init_score=base, params=binning)
    dump = lightgbm.train(settings, data, num_boost_round=rounds).dump_model()
    grown: dict[str, list[Tree]] = {label: [] for label in labels}
    for number, entry in enumerate(dump["tree_info"]):
        label = present[1] if two else present[number % len(present)]
        grown[label].append(_tree(entry["tree_structure"]))
    return _compact(tuple(labels), names, start, grown)


def _table(examples: Sequence[Example], names: Sequence[str]) -> Any:
    """The examples as a sparse matrix of ones, rows by columns."""
    index = {name: number for number, name in enumerate(names)}
    columns: list[int] = []
    ends = [0]
    for features, _ in examples:
        columns += sorted(index[feature] for feature in set(features) if feature in index)
        ends.append(len(columns))
    ones = np.ones(len(columns), dtype=np.float32)
    return csr_matrix((ones, columns, ends), shape=(len(examples), len(names)))


def _tree(root: dict[str, Any]) -> Tree:
    """One of LightGBM's trees (nodes ask `feature <= threshold`) as parallel lists."""
    features: list[int] = []
    present: list[int] = []
    absent: list[int] = []
    values: list[float] = []
    waiting: list[tuple[dict[str, Any], list[int] | None, int]] = [(root, None, 0)]
    while waiting:
        node, parent, place = waiting.pop(0)
        number = len(features)
        if parent is not None:
            parent[place] = number
        leaf = "split_feature" not in node
        features.append(LEAF if leaf else int(node["split_feature"]))
        values.append(round(float(node["leaf_value"]), 4) if leaf else 0.0)
        present.append(0)
        absent.append(0)
        if not leaf:
            waiting += [(node["left_child"], absent, number), (node["right_child"], present, number)]
    return Tree(tuple(features), tuple(present), tuple(absent), tuple(values))


def average(models: Sequence[TreeModel]) -> TreeModel:
    """Returns one model whose sums are the mean of several models' of the same labels: steadier than any of them."""
    names: dict[str, int] = {}
    for model in models:
        for name in model.names:
            names.setdefault(name, len(names))
    trees: list[list[Tree]] = [[] for _ in models[0].labels]
    for model in models:
        number = {old: names[name] for name, old in model.names.items()} | {LEAF: LEAF}
        for place, grown in enumerate(model.trees):
            for tree in grown:
                values = tuple(round(value / len(models), 4) for value in tree.values)
                asked = tuple(number[feature] for feature in tree.features)
                trees[place].append(Tree(asked, tree.present, tree.absent, values))
    starts = zip(*(model.start for model in models), strict=True)
    start = tuple(round(sum(values) / len(models), 4) for values in starts)
    return TreeModel(models[0].labels, names, start, tuple(map(tuple, trees)))


def _compact(
    labels: tuple[str, ...], names: Sequence[str], start: npt.NDArray[np.float64], grown: dict[str, list[Tree]]
) -> TreeModel:
    """The model with only the features that its trees ask for."""
    used = sorted({f for trees in grown.values() for tree in trees for f in tree.features if f != LEAF})
    number = {old: new for new, old in enumerate(used)} | {LEAF: LEAF}

    def renumbered(tree: Tree) -> Tree:
        return Tree(tuple(number[f] for f in tree.features), tree.present, tree.absent, tree.values)

    trees = tuple(tuple(map(renumbered, grown.get(label, ()))) for label in labels)
    return TreeModel(
        labels, {names[old]: number[old] for old in used}, tuple(round(float(value), 4) for value in start), trees
    )
