"""Fits boosted trees on features that are there or not (Friedman 2001; leaf-wise growth, second-order gains).

One tree a label and round, grown on a sample of the rows and features. Seeded, so that the same examples in the same
order give the same trees.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.models.trees import LEAF, Tree, TreeModel
from nlp.training.linear import Example

_Numbers = npt.NDArray[np.int64]
_Reals = npt.NDArray[np.float64]
_RIDGE = 1.0


@dataclass
class _Table:
    """The examples as (row, feature) entries sorted by row."""

    rows: _Numbers
    columns: _Numbers
    height: int
    width: int


@dataclass
class _Node:
    """A node that may still be parted: its rows, its entries, and the sums of each feature's gradients."""

    number: int
    rows: _Numbers
    entries: _Numbers
    sums: _Reals
    total: _Reals
    gain: float = 0.0
    feature: int = LEAF


def boost(
    examples: Sequence[Example],
    labels: Sequence[str],
    *,
    rounds: int = 150,
    leaves: int = 15,
    rate: float = 0.06,
    smallest: int = 8,
    minimum: int = 3,
    feature_share: float = 0.3,
    row_share: float = 0.8,
    seed: int = 20,
) -> TreeModel:
    """Returns a model fitted to examples (features, label); features seen fewer than `minimum` times are left out."""
    counts = Counter(feature for features, _ in examples for feature in set(features))
    names = {name: number for number, name in enumerate(sorted(n for n, c in counts.items() if c >= minimum))}
    entries = [
        (row, names[f]) for row, (features, _) in enumerate(examples) for f in sorted(set(features) & names.keys())
    ]
    pairs = np.array(entries, dtype=np.int64).reshape(-1, 2)
    table = _Table(pairs[:, 0], pairs[:, 1], len(examples), len(names))
    gold = np.zeros((len(examples), len(labels)))
    for row, (_, label) in enumerate(examples):
        gold[row, labels.index(label)] = 1.0
    start = np.log(np.maximum(gold.mean(axis=0), 1e-3))
    grown_for = range(len(labels)) if len(labels) > 2 else range(1)  # of two labels one sum says all
    scores = np.tile(start, (len(examples), 1))
    noise = np.random.default_rng(seed)
    grown: list[list[Tree]] = [[] for _ in labels]
    for _ in range(rounds):
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        for place in grown_for:
            slope = np.stack([chances[:, place] - gold[:, place], chances[:, place] * (1 - chances[:, place])], axis=1)
            chosen = noise.random(table.height) < row_share
            allowed = noise.random(table.width) < feature_share
            tree = _grow(table, slope, chosen, allowed, leaves, smallest, rate)
            grown[place].append(tree)
            scores[:, place] += _apply(tree, table)
    return _compact(tuple(labels), names, start, grown)


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


def _sums(table: _Table, entries: _Numbers, slope: _Reals) -> _Reals:
    """Gradient, curvature and count of the rows that have each feature, over the entries of one node."""
    rows, columns = table.rows[entries], table.columns[entries]
    return np.stack(
        [
            np.bincount(columns, slope[rows, 0], minlength=table.width),
            np.bincount(columns, slope[rows, 1], minlength=table.width),
            np.bincount(columns, minlength=table.width).astype(np.float64),
        ],
        axis=1,
    )


def _total(rows: _Numbers, slope: _Reals) -> _Reals:
    return np.array([slope[rows, 0].sum(), slope[rows, 1].sum(), float(len(rows))])


def _weight(sums: _Reals) -> _Reals:
    return np.asarray(sums[..., 0] ** 2 / (sums[..., 1] + _RIDGE))


def _choose(node: _Node, allowed: npt.NDArray[np.bool_], smallest: int) -> None:
    """Finds the feature that parts the node best."""
    rest = node.total - node.sums
    gains = _weight(node.sums) + _weight(rest) - _weight(node.total)
    possible = allowed & (node.sums[:, 2] >= smallest) & (rest[:, 2] >= smallest)
    gains = np.where(possible, gains, 0.0)
    if len(gains):
        node.feature = int(gains.argmax())
        node.gain = float(gains[node.feature])


def _grow(
    table: _Table,
    slope: _Reals,
    chosen: npt.NDArray[np.bool_],
    allowed: npt.NDArray[np.bool_],
    leaves: int,
    smallest: int,
    rate: float,
) -> Tree:
    rows, entries = np.flatnonzero(chosen), np.flatnonzero(chosen[table.rows])
    root = _Node(0, rows, entries, _sums(table, entries, slope), _total(rows, slope))
    _choose(root, allowed, smallest)
    features, present, absent, values = [LEAF], [0], [0], [0.0]
    open_nodes = [root]
    while len(open_nodes) < leaves:
        node = max(open_nodes, key=lambda n: (n.gain, -n.number))
        if node.gain <= 1e-6:
            break
        has = np.zeros(table.height, dtype=bool)
        has[table.rows[node.entries[table.columns[node.entries] == node.feature]]] = True
        inside = has[table.rows[node.entries]]
        kept = node.entries[inside]
        sums = _sums(table, kept, slope)
        mine = node.rows[has[node.rows]]
        total = _total(mine, slope)
        number = len(features)
        with_it = _Node(number, mine, kept, sums, total)
        without = _Node(
            number + 1, node.rows[~has[node.rows]], node.entries[~inside], node.sums - sums, node.total - total
        )
        features[node.number], present[node.number], absent[node.number] = node.feature, number, number + 1
        features += [LEAF, LEAF]
        present += [0, 0]
        absent += [0, 0]
        values += [0.0, 0.0]
        open_nodes.remove(node)
        for child in (with_it, without):
            _choose(child, allowed, smallest)
            open_nodes.append(child)
    for node in open_nodes:
        values[node.number] = round(float(-rate * node.total[0] / (node.total[1] + _RIDGE)), 4)
    return Tree(tuple(features), tuple(present), tuple(absent), tuple(values))


def _apply(tree: Tree, table: _Table) -> _Reals:
    """The tree's value for each row of the table."""
    places = np.zeros(table.height, dtype=np.int64)
    for node, feature in enumerate(tree.features):
        if feature != LEAF:
            has = np.zeros(table.height, dtype=bool)
            has[table.rows[table.columns == feature]] = True
            here = places == node
            places[here & has] = tree.present[node]
            places[here & ~has] = tree.absent[node]
    return np.array(tree.values)[places]


def _compact(labels: tuple[str, ...], names: dict[str, int], start: _Reals, grown: list[list[Tree]]) -> TreeModel:
    """The model with only the features that its trees ask for."""
    used = sorted({f for trees in grown for tree in trees for f in tree.features if f != LEAF})
    number = {old: new for new, old in enumerate(used)} | {LEAF: LEAF}
    inverse = {place: name for name, place in names.items()}
    return TreeModel(
        labels,
        {inverse[old]: number[old] for old in used},
        tuple(round(float(value), 4) for value in start),
        tuple(
            tuple(Tree(tuple(number[f] for f in t.features), t.present, t.absent, t.values) for t in trees)
            for trees in grown
        ),
    )
