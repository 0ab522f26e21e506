"""How far people agree with the tagger and with each other, counted from their decisions: figures, and no names."""

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from db.store.people.verdicts import Standing, agree, last_words
from db.store.store import Store
from db.terms import KINDS

#: The property of a published file that holds the figures.
AGREEMENT = "agreement"
_FINDINGS = {"effect": "findings on treatments", "risk": "findings on risk factors"}


def measure_agreement(store: Store) -> dict[str, Any] | None:
    """Returns the figures of all last words of people; None where nobody has decided on anything.

    `tagger` is a row a kind of thing: `judged`, of these `right` as the tagger had it, `corrected`, `rejected`, the
    share `right` with its 95 % interval (Wilson), and `missed` ones that people added. `people`: pairs of people who
    decided on the same thing, how many of these agree, and Cohen's kappa of accepting against not.
    """
    words = list(last_words(store))
    if not words:
        return None
    return {"tagger": _against_tagger(words), "people": _among_people(words)}


def _against_tagger(words: Iterable[Standing]) -> list[dict[str, Any]]:
    counts: dict[str, Counter[str]] = {}
    for one in words:
        counts.setdefault(_what(one), Counter())[one.verdict] += 1
    order = [*KINDS, *_FINDINGS.values()]
    rows = []
    for what in sorted(counts, key=lambda name: (order.index(name) if name in order else len(order), name)):
        count = counts[what]
        judged = count["accept"] + count["correct"] + count["reject"]
        low, high = wilson(count["accept"], judged)
        rows.append(
            {
                "what": what, "judged": judged, "right": count["accept"], "corrected": count["correct"],
                "rejected": count["reject"], "missed": count["add"],
                "share": round(count["accept"] / judged, 3) if judged else None,
                "low": low, "high": high,
            }
        )  # fmt: skip
    return rows


def _what(one: Standing) -> str:
    if one.concept_id is not None:
        return one.kind or "tags"
    return _FINDINGS.get((one.was_values or one.values).get("kind", ""), "findings")


def _among_people(words: Iterable[Standing]) -> dict[str, Any] | None:
    said: dict[tuple[int, str], list[Standing]] = {}
    for one in words:
        said.setdefault((one.pmid, one.key), []).append(one)
    pairs = [pair for people in said.values() for pair in combinations(people, 2)]
    if not pairs:
        return None
    same = sum(agree(one, other) for one, other in pairs)
    return {"pairs": len(pairs), "agree": same, "share": round(same / len(pairs), 3), "kappa": _kappa(pairs)}


def _kappa(pairs: list[tuple[Standing, Standing]]) -> float | None:
    """Cohen's kappa of accepting or adding against all else, each pair counted both ways; None where it has none."""
    votes = [tuple(one.verdict in ("accept", "add") for one in pair) for pair in pairs]
    yes = sum(sum(pair) for pair in votes) / (2 * len(votes))
    chance = yes**2 + (1 - yes) ** 2
    if chance == 1:
        return None
    return round((sum(one == other for one, other in votes) / len(votes) - chance) / (1 - chance), 3)


def wilson(right: int, judged: int) -> tuple[float | None, float | None]:
    """Returns the 95 % interval of a share (Wilson's score interval); None where nothing was judged."""
    if not judged:
        return None, None
    z = 1.959964
    share, spread = right / judged, z * z / judged
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / judged + spread / (4 * judged)) / (1 + spread)
    return round(max(0.0, middle - half), 3), round(min(1.0, middle + half), 3)


def read_agreement(conn: sqlite3.Connection) -> Mapping[str, Any] | None:
    """Returns the figures that a published file holds; None where it holds none."""
    row = conn.execute("SELECT value FROM properties WHERE name = ?", [AGREEMENT]).fetchone()
    found: Mapping[str, Any] | None = json.loads(row[0]) if row else None
    return found
