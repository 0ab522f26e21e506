"""Reviews and the studies that they cite: how much of the evidence under several reviews is the same.

What a review cites is known from iCite; which of it the review included is not. So primary studies held here that a
review cites stand in for its included studies: an upper bound, and said so wherever it is shown.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from db.select.filter import ArticleFilter
from db.sql import literals
from db.terms import DESIGNS

_REVIEWS = ("meta-analysis", "systematic review")
_PRIMARY = tuple(name for name, design in DESIGNS.items() if design.rests_on == "people")


@dataclass(frozen=True, slots=True)
class Overlap:
    """Reviews with the primary studies that each cites; reviews without a known reference among them are left out."""

    reviews: Mapping[int, frozenset[int]]

    @property
    def studies(self) -> frozenset[int]:
        """Every study that at least one review cites."""
        return frozenset().union(*self.reviews.values())

    @property
    def covered_area(self) -> float | None:
        """The corrected covered area of all reviews together, from 0 to 1; None for fewer than two of them."""
        return corrected_covered_area(list(self.reviews.values()))

    def pairs(self) -> list[tuple[int, int, int, float]]:
        """Returns each two reviews, how many studies both cite, and their corrected covered area; most shared first."""
        found = []
        for one, other in combinations(sorted(self.reviews), 2):
            area = corrected_covered_area([self.reviews[one], self.reviews[other]])
            shared = len(self.reviews[one] & self.reviews[other])
            if shared and area is not None:
                found.append((one, other, shared, area))
        return sorted(found, key=lambda pair: (-pair[3], -pair[2], pair[0], pair[1]))


def corrected_covered_area(reviews: Sequence[frozenset[int]]) -> float | None:
    """Returns the corrected covered area (Pieper and others 2014): (N - r) / (r c - r).

    N counts inclusions, r studies each once, c reviews. None where it is not defined.
    """
    inclusions = sum(map(len, reviews))
    studies = len(frozenset().union(*reviews)) if reviews else 0
    if len(reviews) < 2 or not studies:
        return None
    return (inclusions - studies) / (studies * len(reviews) - studies)


def read_overlap(conn: sqlite3.Connection, chosen: ArticleFilter) -> Overlap:
    """Returns the reviews among the articles of a filter, with the primary studies of people that each cites."""
    where, params = chosen.for_evidence().where()
    rows = conn.execute(
        f"SELECT citing, cited FROM citation_edges WHERE citing IN (SELECT pmid FROM articles WHERE {where} "
        f"AND study_design IN ({literals(_REVIEWS)})) AND cited IN (SELECT pmid FROM articles WHERE retracted = 0 "
        f"AND vanished = 0 AND study_design IN ({literals(_PRIMARY)})) ORDER BY citing, cited",
        params,
    )
    found: dict[int, set[int]] = {}
    for citing, cited in rows:
        found.setdefault(citing, set()).add(cited)
    return Overlap({review: frozenset(studies) for review, studies in found.items()})
