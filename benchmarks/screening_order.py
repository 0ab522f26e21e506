"""How much reading is saved while a review is screened, on public screened records; beside ASReview's recipe if asked.

    python -m benchmarks.screening_order [--seeds 10] [--beside-elas] FILE.csv ...

Each file is one review: CSV with the columns title, abstract, label_included (1, 0) and, if there, keywords (MeSH, with
semicolons). One include and one exclude are known, drawn by the seed; the rest is read in the order that the model
gives, which learns again after every decision at first, later after every twentieth of what was read. Said is work
saved over sampling at 95 % recall (WSS@95: the share of records that need not be read to find 95 % of the included,
less 5 %): the mean over the seeds for each review, and mean and median over the reviews.

With --beside-elas the same simulation runs with the recipe that ASReview 2 and 3 begin with (ELAS u4, as
`asreview/models/models.py` states it): TF-IDF of words and pairs, linear SVM, balanced weights. It needs scikit-learn,
which this project does not install.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.review_replay import RECALL, Review, read_review, work_saved
from db.evidence.vectors import build_vectors
from db.screening.rank import learn

#: Scores of the unread rows, from the rows that were read, whether each row is included, and the unread rows.
Order = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
_LEARNS_AGAIN_AFTER = 20
_RATIO, _ERROR_WEIGHT = 9.8, 0.11


def screened(included: np.ndarray, order: Order, seed: int) -> float:
    """Returns WSS@95 of a screening that learns as it goes, from one random include and one random exclude."""
    chance = random.Random(seed)
    read = [chance.choice(np.flatnonzero(included).tolist()), chance.choice(np.flatnonzero(~included).tolist())]
    unread = np.ones(len(included), bool)
    unread[read] = False
    needed = int(np.ceil(RECALL * (included.sum() - 1)))
    while included[read[2:]].sum() < needed:
        left = np.flatnonzero(unread)
        scores = order(np.asarray(read), included, left)
        batch = left[np.argsort(-scores, kind="stable")][: max(1, len(read) // _LEARNS_AGAIN_AFTER)]
        read += batch.tolist()
        unread[batch] = False
    return work_saved(included[np.asarray([*read[2:], *np.flatnonzero(unread)])])


def our_order(review: Review) -> Order:
    """Returns the order of `review`."""
    vectors = build_vectors(range(1, len(review.words) + 1), review.words)

    def order(known: np.ndarray, included: np.ndarray, left: np.ndarray) -> np.ndarray:
        scores = learn(vectors, known[included[known]], known[~included[known]], left).scores(vectors)
        wanted: np.ndarray = scores[left]
        return wanted

    return order


def elas_order(review: Review) -> Order:
    """Returns the order of ASReview's ELAS u4, with scikit-learn."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=1, max_df=0.95)
    rows: Any = features.fit_transform([f"{words.title} {words.abstract}" for words in review.words]).tocsr()

    def order(known: np.ndarray, included: np.ndarray, left: np.ndarray) -> np.ndarray:
        sides = included[known]
        weights = np.where(sides, 1.0, sides.sum() / (_RATIO * (~sides).sum()))
        model = LinearSVC(C=_ERROR_WEIGHT, loss="squared_hinge", dual="auto")
        model.fit(rows[known], sides, sample_weight=weights * len(weights) / weights.sum())
        scores: np.ndarray = np.asarray(rows[left] @ model.coef_[0])
        return scores

    return order


def main() -> None:
    """Prints one line a review, mean and median."""
    parser = argparse.ArgumentParser(description="Work saved while public reviews are screened.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.csv")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--beside-elas", action="store_true")
    asked = parser.parse_args()
    orders = {"ours": our_order, **({"ELAS u4": elas_order} if asked.beside_elas else {})}
    print(f"{'review':<34}{'records':>8}{'included':>9}{''.join(f'{name:>9}' for name in orders)}")
    table: dict[str, list[float]] = {name: [] for name in orders}
    for path in asked.files:
        review = read_review(path)
        for name, made in orders.items():
            try:
                order = made(review)
            except ImportError as error:
                sys.exit(f"--beside-elas needs scikit-learn ({error}); pip install scikit-learn")
            table[name].append(statistics.fmean(screened(review.included, order, s) for s in range(asked.seeds)))
        values = "".join(f"{column[-1]:>9.3f}" for column in table.values())
        print(f"{path.stem:<34}{len(review.words):>8}{review.included.sum():>9}{values}", flush=True)
    for said, of in (("mean", statistics.fmean), ("median", statistics.median)):
        print(f"{said:<51}{''.join(f'{of(column):>9.3f}' for column in table.values())}")


if __name__ == "__main__":
    main()
