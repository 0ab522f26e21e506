"""Every finding of one build in memory, and frames of it: what findings of a subject on an outcome say, counted fast.

A frame keeps for its subjects and outcomes which article says what with which comparator, each once, so that any filter
is counted in milliseconds. Balances on every page, in the matrix and in the API come from here and nowhere else.
"""

import sqlite3
import threading
from array import array
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import itemgetter
from typing import Final

from db.evidence.article_index import ARTICLE_INDEX, ArticleIndex
from db.evidence.bits import flags_of
from db.per_build import PerBuild
from db.select.sought import COMPARATOR_SQL, EFFECT_SQL, SOUGHT_EFFECTS
from db.terms import COMPARATOR_CLASSES, LABORATORY_DESIGNS, REVIEW_DESIGNS, STUDY_DESIGNS

#: Classes of comparators as findings have them; None is that of risk factors, which are compared with nothing.
CLASSES: Final = (*COMPARATOR_CLASSES, None)
_KEPT_FRAMES = 48
_EFFECTS, _CLASSES = len(SOUGHT_EFFECTS), len(CLASSES)
DESIGN_NAMES: Final = (*STUDY_DESIGNS, "not stated")
_DESIGNS = len(DESIGN_NAMES)


@dataclass(frozen=True, slots=True)
class Tally:
    """Articles by what their findings mean for the patient, in the order of SOUGHT_EFFECTS.

    An article that finds both counts in both, and once in `articles`. `patients` are the sample sizes of the `sized`
    articles on people that state one; nothing says that they are different people.
    """

    articles: int
    effects: tuple[int, ...]
    patients: int
    sized: int

    def of(self, effect: str) -> int:
        """Returns the number of articles with a finding of this effect."""
        return self.effects[SOUGHT_EFFECTS.index(effect)]

    def __bool__(self) -> bool:
        return self.articles > 0


NOTHING = Tally(0, (0,) * _EFFECTS, 0, 0)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a cell holds: articles by design, and by class of comparator the primary studies and the reviews."""

    articles: int
    designs: tuple[tuple[str, int], ...]
    classes: tuple[tuple[str | None, Tally, Tally], ...]


class FindingsTable:
    """Every finding of one build as parallel arrays, and the tree of concepts."""

    def __init__(self, conn: sqlite3.Connection, index: ArticleIndex) -> None:
        self.parents: dict[str, str | None] = {}
        self.kinds: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.below: dict[tuple[str, str | None], list[str]] = {}
        for concept, kind, name, parent in conn.execute(
            "SELECT id, kind, name, parent_id FROM concepts ORDER BY position"
        ):
            self.parents[concept], self.kinds[concept], self.names[concept] = parent, kind, name
            self.below.setdefault((kind, parent), []).append(concept)
        rows = conn.execute(
            f"SELECT pmid, subject_id, outcome_id, kind, {COMPARATOR_SQL}, {EFFECT_SQL} FROM findings "
            "WHERE subject_id IS NOT NULL"
        ).fetchall()
        class_code = {name: code for code, name in enumerate(CLASSES)}
        effect_code = {name: code for code, name in enumerate(SOUGHT_EFFECTS)}
        self.places = array("l", (index.places[row[0]] for row in rows))
        self.subjects: list[str] = [row[1] for row in rows]
        self.outcomes: list[str | None] = [row[2] for row in rows]
        self.codes = bytes(class_code[row[4]] * _EFFECTS + effect_code[row[5]] for row in rows)
        design = {name: code for code, name in enumerate(DESIGN_NAMES)}
        facts = {row[0]: row[1:] for row in conn.execute("SELECT pmid, study_design, sample_size FROM articles")}
        self.designs = bytes(design.get(facts[pmid][0], _DESIGNS - 1) for pmid in index.pmids)
        self.reviews = bytes(facts[pmid][0] in REVIEW_DESIGNS for pmid in index.pmids)
        self.laboratory = bytes(facts[pmid][0] in LABORATORY_DESIGNS for pmid in index.pmids)
        self.sizes: list[int | None] = [
            None if facts[pmid][0] in LABORATORY_DESIGNS else facts[pmid][1] for pmid in index.pmids
        ]
        self._frames: OrderedDict[tuple[object, ...], Frame] = OrderedDict()
        self._lock = threading.Lock()

    def line(self, concept: str | None) -> Iterator[str]:
        """Yields a concept and what it belongs to, upwards."""
        seen = set()
        while concept and concept not in seen:
            seen.add(concept)
            yield concept
            concept = self.parents.get(concept)

    def frame(self, index: ArticleIndex, rows: Sequence[str], columns: Sequence[str | None]) -> "Frame":
        """Returns the frame of subjects in rows; columns are outcomes, other concepts of articles, or any (None)."""
        key = (tuple(rows), tuple(columns))
        with self._lock:
            if key not in self._frames:
                self._frames[key] = Frame(self, index, rows, columns)
                while len(self._frames) > _KEPT_FRAMES:
                    self._frames.popitem(last=False)
            self._frames.move_to_end(key)
            return self._frames[key]


class Frame:
    """The (cell, article, code) of one choice of rows and columns, each once; a cell is row * columns + column."""

    def __init__(
        self, table: FindingsTable, index: ArticleIndex, rows: Sequence[str], columns: Sequence[str | None]
    ) -> None:
        self.table = table
        self.row_of = {concept: place for place, concept in enumerate(rows)}
        self.column_of = {concept: place for place, concept in enumerate(columns)}
        self.width = len(columns)
        found, self.in_row, self.in_column = self._pairs(table, index)
        ordered = sorted(found)
        self.codes = array(
            "l", ((cell * _CLASSES * _EFFECTS + code) * 2 + table.reviews[p] for cell, p, code in ordered)
        )
        self.places = array("l", (place for _, place, _ in ordered))
        classed = sorted({(cell, code // _EFFECTS, place) for cell, place, code in ordered})
        self.class_codes = array("l", ((cell * _CLASSES + kind) * 2 + table.reviews[p] for cell, kind, p in classed))
        self.class_places = array("l", (place for _, _, place in classed))
        once = sorted({(cell, place) for cell, place, _ in ordered})
        self.single_codes = array("l", (cell * _DESIGNS + table.designs[place] for cell, place in once))
        self.single_places = array("l", (place for _, place in once))

    def _pairs(
        self, table: FindingsTable, index: ArticleIndex
    ) -> tuple[set[tuple[int, int, int]], set[tuple[int, int]], set[tuple[int, int]]]:
        tagged = {
            place: flags_of(index.tags.get(concept, 0), len(index.pmids))
            for concept, place in self.column_of.items()
            if concept is not None and table.kinds.get(concept) != "outcome"
        }
        any_column = self.column_of.get(None)
        rows, outcomes = _Places(table, self.row_of), _Places(table, self.column_of)
        pairs: set[tuple[int, int, int]] = set()
        in_row: set[tuple[int, int]] = set()
        in_column: set[tuple[int, int]] = set()
        for place, subject, outcome, code in zip(
            table.places, table.subjects, table.outcomes, table.codes, strict=True
        ):
            below = rows.of(subject)
            if not below:
                continue
            across = list(outcomes.of(outcome))
            across += [column for column, flags in tagged.items() if flags[place]]
            across += [any_column] if any_column is not None else []
            for row in below:
                for column in across:
                    pairs.add((row * self.width + column, place, code))
                    in_row.add((row, place))
                    in_column.add((column, place))
        return pairs, in_row, in_column

    def count(self, flags: bytes) -> dict[int, Counted]:
        """Returns the cells that hold an article of a filter, by place; `flags` has one byte an article."""
        by_code = Counter(compress(self.codes, _picked(self.places, flags)))
        by_class = Counter(compress(self.class_codes, _picked(self.class_places, flags)))
        by_design = Counter(compress(self.single_codes, _picked(self.single_places, flags)))
        patients: Counter[int] = Counter()
        sized: Counter[int] = Counter()
        sizes = self.table.sizes
        for code, place in zip(self.class_codes, self.class_places, strict=True):
            size = sizes[place]
            if size is not None and flags[place]:
                patients[code] += size
                sized[code] += 1
        found = {}
        for cell in sorted({code // _DESIGNS for code in by_design}):
            designs = tuple((name, by_design.get(cell * _DESIGNS + d, 0)) for d, name in enumerate(DESIGN_NAMES))
            kept = tuple((name, number) for name, number in designs if number)
            classes = []
            for kind, name in enumerate(CLASSES):
                base = (cell * _CLASSES + kind) * 2
                tallies = [
                    Tally(
                        by_class.get(base + review, 0),
                        tuple(
                            by_code.get(((cell * _CLASSES + kind) * _EFFECTS + effect) * 2 + review, 0)
                            for effect in range(_EFFECTS)
                        ),
                        patients.get(base + review, 0),
                        sized.get(base + review, 0),
                    )
                    for review in (0, 1)
                ]
                if tallies[0] or tallies[1]:
                    classes.append((name, tallies[0], tallies[1]))
            found[cell] = Counted(sum(number for _, number in kept), kept, tuple(classes))
        return found


class _Places:
    """Maps a concept to the places of it and of what it belongs to."""

    def __init__(self, table: FindingsTable, places: Mapping[str, int] | Mapping[str | None, int]) -> None:
        self.table, self.places = table, places
        self.found: dict[str | None, tuple[int, ...]] = {None: ()}

    def of(self, concept: str | None) -> tuple[int, ...]:
        if concept not in self.found:
            line = self.table.line(concept)
            self.found[concept] = tuple(self.places[name] for name in line if name in self.places)
        return self.found[concept]


def _picked(places: Sequence[int], flags: bytes) -> Sequence[int]:
    if len(places) < 2:
        return [flags[place] for place in places]
    picked: Sequence[int] = itemgetter(*places)(flags)
    return picked


#: The findings of each build.
FINDINGS = PerBuild(lambda conn: FindingsTable(conn, ARTICLE_INDEX.of(conn)))
