"""The brute-force answer to "which articles", written without any part of the filters: plain rows and Python sets."""

import random
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from db.select.facets import FACETS

KINDS = {name: facet.kind for name, facet in FACETS.items() if facet.kind}
COLUMNS = {"study_design": "study_design", "level": "evidence_level", "species": "species", "journal": "journal",
           "language": "language"}  # fmt: skip
WORDS = ("nonunion", "elbow", "indomethacin", "interval", "frequency", "placebo", "zzz")

#: Notices that say nothing against an article.
OTHER_NOTICES = ("Comment", "Reprint", "Summary")


@dataclass
class Question:
    """What is asked, as a reader would: values by facet for each way of choosing, and the rest."""

    any_of: dict[str, set[str]] = field(default_factory=dict)
    all_of: dict[str, set[str]] = field(default_factory=dict)
    none_of: dict[str, set[str]] = field(default_factory=dict)
    years: tuple[int, int] | None = None
    retracted: bool | None = None
    estimate: bool | None = None
    notice: bool | None = None
    last_run: bool = False
    everything: bool = False
    word: str | None = None
    not_word: str | None = None

    def pairs(self) -> list[tuple[str, str]]:
        """The URL parameters that ask this."""
        found = [
            (f"{prefix}{facet}", value)
            for prefix, chosen in (("", self.any_of), ("all_", self.all_of), ("not_", self.none_of))
            for facet, values in chosen.items()
            for value in sorted(values)
        ]
        found += [("year", f"{self.years[0]}-{self.years[1]}")] if self.years else []
        found += [("retracted", "yes" if self.retracted else "no")] if self.retracted is not None else []
        found += [("estimate", "yes" if self.estimate else "no")] if self.estimate is not None else []
        found += [("notice", "yes" if self.notice else "no")] if self.notice is not None else []
        found += [("run", "last")] if self.last_run else []
        found += [("topic", "all")] if self.everything else []
        # quoted words are looked for as they stand; others may be read as concepts
        words = [f'"{self.word}"' if self.word else None, f'-"{self.not_word}"' if self.not_word else None]
        said = " ".join(filter(None, words))
        return found + ([("q", said)] if said else [])


class Oracle:
    """All articles of a file in memory."""

    def __init__(self, path: Path) -> None:
        with sqlite3.connect(path) as conn:
            conn.row_factory = sqlite3.Row
            self.rows = {row["pmid"]: dict(row) for row in conn.execute("SELECT * FROM articles")}
            self.parents = dict(conn.execute("SELECT id, parent_id FROM concepts").fetchall())
            self.names = dict(conn.execute("SELECT id, name FROM concepts").fetchall())
            kinds = dict(conn.execute("SELECT id, kind FROM concepts").fetchall())
            facet_of = {kind: name for name, kind in KINDS.items()}
            self.values: dict[int, dict[str, set[str]]] = {pmid: {name: set() for name in FACETS} for pmid in self.rows}
            for pmid, concept in conn.execute("SELECT pmid, concept_id FROM article_tags WHERE direct"):
                while concept:
                    self.values[pmid][facet_of[kinds[concept]]].add(concept)
                    concept = self.parents[concept]
            for pmid, row in self.rows.items():
                for name, column in COLUMNS.items():
                    text = row[column]
                    separator = {"language": ";", "species": "+"}.get(name)
                    self.values[pmid][name] = set(
                        text.split(separator) if separator and text else [text or "not stated"]
                    )
            notices = conn.execute("SELECT pmid, kind FROM notices")
            self.noticed = {
                pmid for pmid, kind in notices if kind.endswith("In") and not kind.startswith(OTHER_NOTICES)
            }
            self.estimates = {row[0] for row in conn.execute("SELECT pmid FROM findings WHERE value IS NOT NULL")}
            last = conn.execute("SELECT max(id) FROM runs").fetchone()[0]
            self.new = {row[0] for row in conn.execute("SELECT pmid FROM changes WHERE run_id = ?", [last])}

    def matching(self, asked: Question, without: str | None = None) -> set[int]:
        """The PMIDs that answer a question; `without` leaves out one facet's any-of choices."""
        return {pmid for pmid, row in self.rows.items() if self._matches(pmid, row, asked, without)}

    def facet(self, asked: Question, name: str) -> Counter[str]:
        """How many articles each value of a facet has, under all but that facet's any-of choices."""
        return Counter(value for pmid in self.matching(asked, name) for value in self.values[pmid][name])

    def _matches(self, pmid: int, row: dict[str, Any], asked: Question, without: str | None) -> bool:
        values = self.values[pmid]
        if row["vanished"] or (row["topic"] == "not_ho" and not asked.everything):
            return False
        if any(not values[name] & chosen for name, chosen in asked.any_of.items() if name != without):
            return False
        if any(not chosen <= values[name] for name, chosen in asked.all_of.items()):
            return False
        if any(values[name] & chosen for name, chosen in asked.none_of.items()):
            return False
        if asked.years and not (row["year"] is not None and asked.years[0] <= row["year"] <= asked.years[1]):
            return False
        if asked.retracted is not None and bool(row["retracted"]) != asked.retracted:
            return False
        if asked.notice is not None and (pmid in self.noticed) != asked.notice:
            return False
        if asked.estimate is not None and (pmid in self.estimates) != asked.estimate:
            return False
        if asked.last_run and pmid not in self.new:
            return False
        text = f"{row['title']} {row['abstract'] or ''}".lower()
        words = set("".join(char if char.isalnum() else " " for char in text).split())
        return not (asked.word and asked.word not in words) and not (asked.not_word and asked.not_word in words)

    def question(self, seed: int, words: bool = True) -> Question:
        """A random question of one to four parts, about values that are there; `words` asks for plain words too."""
        chance = random.Random(seed)
        asked = Question()
        for _ in range(chance.randint(0, 4)):
            facet = chance.choice(list(FACETS))
            pmid = chance.choice(list(self.rows))
            held = sorted(self.values[pmid][facet])
            if not held:
                continue
            modes = [asked.any_of, asked.any_of, asked.none_of, *([asked.all_of] if facet in KINDS else [])]
            chance.choice(modes).setdefault(facet, set()).add(chance.choice(held))
        if chance.random() < 0.3:
            first = chance.randint(1965, 2020)
            asked.years = (first, first + chance.randint(0, 30))
        asked.retracted = chance.choice([None] * 6 + [True, False])
        asked.notice = chance.choice([None] * 6 + [True, False])
        asked.estimate = chance.choice([None] * 4 + [True, False])
        asked.last_run = chance.random() < 0.08
        asked.everything = chance.random() < 0.2
        asked.word = chance.choice([None] * 5 + list(WORDS))
        asked.not_word = chance.choice([None] * 9 + list(WORDS))
        if not words:
            asked.word = asked.not_word = None
        return asked
