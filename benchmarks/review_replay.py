"""How much reading the ranking of `review` saves, on screened records of finished reviews.

    python -m benchmarks.review_replay FILE.csv ...

Each file is one review: CSV with the columns title, abstract, label_included (1, 0) and, if there, keywords and
pubmedID, as the simulation data of ASReview have them (the reviews of Cohen et al. 2006, doi:10.1197/jamia.M1929, among
them). Two questions:

- store: all files together are a store, and the older half (by PMID, else by place) of one review is its list; how well
  are the newer halves of all put in order, the newer half of the review's included being what is sought? This is what
  `review` does.
- update: the same with the newer half of the review's own records alone, which are all near misses.

Said are work saved over sampling at 95 % recall (WSS@95: the share of records that need not be read to find 95 % of
the included, less 5 %) and how many of the sought stand in the first fifth. What is saved while a review is first
screened is measured by `benchmarks.screening_order`.
"""

import csv
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from db.evidence.vectors import Vectors, Words, build_vectors
from db.screening.rank import PASSED_OVER_SHARE, learn

RECALL, _FIRST = 0.95, 0.2
_FEWEST_IN_A_HALF = 5


@dataclass(frozen=True, slots=True)
class Review:
    """One review's records, the older ones first, and which of them are included."""

    name: str
    words: list[Words]
    included: np.ndarray

    @property
    def halves(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Older and newer rows; None where one of them has too few included."""
        rows = np.arange(len(self.included))
        old, new = rows[: len(rows) // 2], rows[len(rows) // 2 :]
        return None if min(self.included[old].sum(), self.included[new].sum()) < _FEWEST_IN_A_HALF else (old, new)


def read_review(path: Path) -> Review:
    """Returns the review of a file."""
    csv.field_size_limit(10**8)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.get("label_included") in ("0", "1")]
    rows.sort(key=lambda row: int(row["pubmedID"]) if (row.get("pubmedID") or "").isdigit() else 0)
    words = [
        Words(row["title"] or "", row["abstract"] or "", tuple(map(str.strip, (row.get("keywords") or "").split(";"))))
        for row in rows
    ]
    return Review(path.stem, words, np.asarray([row["label_included"] == "1" for row in rows]))


def work_saved(found: np.ndarray) -> float:
    """Returns WSS@95 of records in the order read; `found` says which were included."""
    needed = int(np.ceil(RECALL * found.sum()))
    read = int(np.flatnonzero(np.cumsum(found) >= needed)[0]) + 1
    return 1 - read / len(found) - (1 - RECALL)


def replayed(
    review: Review, vectors: Vectors, first: int, alone: bool, older: np.ndarray
) -> tuple[float, float] | None:
    """Returns WSS@95 and the share of the sought in the first fifth; None where they are too few.

    `first` is the row of the review's first record in `vectors`; `alone` leaves out everybody else's records, of which
    `older` says which were there when the review looked.
    """
    if review.halves is None:
        return None
    old, new = review.halves
    everywhere = np.arange(len(vectors.pmids))
    sought = np.zeros(len(vectors.pmids), bool)
    sought[first + new[review.included[new]]] = True
    unread = first + new if alone else np.setdiff1d(everywhere[~older], first + old)
    others = unread if alone else np.setdiff1d(everywhere[older], first + old)
    given = (first + old[review.included[old]], first + old[~review.included[old]], others)
    model = learn(vectors, *given) if alone else learn(vectors, *given, PASSED_OVER_SHARE)
    found = sought[unread[np.argsort(-model.scores(vectors)[unread], kind="stable")]]
    return work_saved(found), float(found[: round(_FIRST * len(unread))].sum() / found.sum())


def main() -> None:
    """Prints one line a review, and the medians."""
    names = sys.argv[1:]
    if not names:
        sys.exit("name the CSV files of screened reviews: python -m benchmarks.review_replay FILE.csv ...")
    reviews = [read_review(Path(name)) for name in names]
    store = build_vectors(
        range(1, 1 + sum(len(review.words) for review in reviews)), [w for review in reviews for w in review.words]
    )
    older = np.concatenate([np.arange(len(r.words)) < len(r.words) // 2 for r in reviews])
    columns = ("store", "in 20 %", "update", "in 20 %")
    print(f"{'review':<26}{'records':>8}{'included':>9}{''.join(f'{name:>10}' for name in columns)}")
    table: list[list[float | None]] = []
    first = 0
    for review in reviews:
        own = build_vectors(range(1, len(review.words) + 1), review.words)
        pairs = (replayed(review, store, first, False, older), replayed(review, own, 0, True, older))
        table.append([value for pair in pairs for value in (pair or (None, None))])
        print(f"{review.name:<26}{len(review.words):>8}{review.included.sum():>9}{_shown(table[-1])}", flush=True)
        first += len(review.words)
    print(f"{'median':<43}{_shown([_median(column) for column in zip(*table, strict=True)])}")


def _median(column: Sequence[float | None]) -> float | None:
    known = [value for value in column if value is not None]
    return statistics.median(known) if known else None


def _shown(values: Sequence[float | None]) -> str:
    return "".join(f"{'-':>10}" if value is None else f"{value:>10.3f}" for value in values)


if __name__ == "__main__":
    main()
