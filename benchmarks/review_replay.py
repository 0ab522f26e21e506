"""How much reading the ranking of `review` saves, on screened records of finished reviews.

    python -m benchmarks.review_replay FILE.csv ...

Each file is one review: CSV with the columns title, abstract, label_included (1, 0) and, if there, keywords and
pubmedID, as the simulation data of ASReview have them (the reviews of Cohen et al. 2006, doi:10.1197/jamia.M1929, among
them). Two questions:

- update: the older half (by PMID, else by place) is what a review has read; how well is the newer half put in order?
- screening: one include and one exclude are known; the rest is read in the order that the model gives, which learns
  again after every tenth of what was read.

Said are work saved over sampling at 95 % recall (WSS@95: the share of records that need not be read to find 95 % of
the included, less 5 %) and how many of the included stand in the first fifth.
"""

import csv
import random
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from db.screening.rank import Rows, learn
from db.vectors import Vectors, Words, build_vectors

_RECALL, _FIRST = 0.95, 0.2
_SEEDS = 5
_FEWEST_IN_A_HALF = 5


def read_review(path: Path) -> tuple[Vectors, np.ndarray]:
    """Returns the vectors of a review's records, the older ones first, and which of them are included."""
    csv.field_size_limit(10**8)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.get("label_included") in ("0", "1")]
    rows.sort(key=lambda row: int(row["pubmedID"]) if (row.get("pubmedID") or "").isdigit() else 0)
    words = [
        Words(
            row["title"] or "", row["abstract"] or "", [word.strip() for word in (row.get("keywords") or "").split(";")]
        )
        for row in rows
    ]
    return build_vectors(range(1, len(rows) + 1), words), np.asarray([row["label_included"] == "1" for row in rows])


def work_saved(found: np.ndarray) -> float:
    """Returns WSS@95 of records in the order read; `found` says which were included."""
    needed = int(np.ceil(_RECALL * found.sum()))
    read = int(np.flatnonzero(np.cumsum(found) >= needed)[0]) + 1
    return 1 - read / len(found) - (1 - _RECALL)


def update(vectors: Vectors, included: np.ndarray) -> tuple[float, float] | None:
    """Returns WSS@95 of the newer half and the share of its included in the first fifth; None if they are too few."""
    half = len(included) // 2
    old, new = np.arange(half), np.arange(half, len(included))
    if min(included[old].sum(), included[new].sum()) < _FEWEST_IN_A_HALF:
        return None
    scores = learn(vectors, old[included[old]], old[~included[old]], new).scores(vectors)
    found = included[new[np.argsort(-scores[new], kind="stable")]]
    return work_saved(found), float(found[: round(_FIRST * len(new))].sum() / found.sum())


def screening(vectors: Vectors, included: np.ndarray, seed: int) -> float:
    """Returns WSS@95 of a screening that learns as it goes, from one random include and one random exclude."""
    chance = random.Random(seed)
    read = [chance.choice(np.flatnonzero(included).tolist()), chance.choice(np.flatnonzero(~included).tolist())]
    left = set(range(len(included))) - set(read)
    while left:
        known, unread = np.asarray(read), np.asarray(sorted(left))
        scores = _learnt(vectors, known, included, unread)
        batch = unread[np.argsort(-scores, kind="stable")][: max(5, len(read) // 10)]
        read += batch.tolist()
        left -= set(batch.tolist())
    return work_saved(included[np.asarray(read[2:])])


def _learnt(vectors: Vectors, known: Rows, included: np.ndarray, unread: Rows) -> np.ndarray:
    model = learn(vectors, known[included[known]], known[~included[known]], unread)
    return model.scores(vectors)[unread]


def main() -> None:
    """Prints one line a review, and the medians."""
    if len(sys.argv) < 2:
        sys.exit("name the CSV files of screened reviews: python -m benchmarks.review_replay FILE.csv ...")
    print(f"{'review':<28}{'records':>8}{'included':>9}{'update':>8}{'in 20 %':>8}{'screening':>10}{'seconds':>9}")
    sums: dict[str, list[float]] = {"update": [], "fifth": [], "screening": []}
    for name in sys.argv[1:]:
        started = time.monotonic()
        vectors, included = read_review(Path(name))
        halves = update(vectors, included)
        live = statistics.median(screening(vectors, included, seed) for seed in range(_SEEDS))
        for key, value in zip(sums, (*(halves or (None, None)), live), strict=True):
            sums[key] += [] if value is None else [value]
        shown = f"{halves[0]:>8.3f}{halves[1]:>8.3f}" if halves else f"{'-':>8}{'-':>8}"
        seconds = time.monotonic() - started
        print(
            f"{Path(name).stem:<28}{len(included):>8}{included.sum():>9}{shown}{live:>10.3f}{seconds:>9.1f}", flush=True
        )
    medians = {key: statistics.median(values) if values else float("nan") for key, values in sums.items()}
    print(f"{'median':<45}{medians['update']:>8.3f}{medians['fifth']:>8.3f}{medians['screening']:>10.3f}")


if __name__ == "__main__":
    main()
