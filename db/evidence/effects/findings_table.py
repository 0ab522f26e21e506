"""Every finding of one build in memory, and frames of it: what findings of a subject on an outcome say, counted fast.

A frame keeps for its subjects and outcomes which article says what with which comparator, each once, so that any filter
is counted in milliseconds. Balances on every page, in the matrix and in the API come from here and nowhere else.
"""

import math
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.evidence.index.article_index import ARTICLE_INDEX, ArticleIndex
from db.evidence.index.bits import flag_array
from db.per_build import PerBuild
from db.select.sought import COMPARATOR_SQL, EFFECT_SQL, SOUGHT_EFFECTS
from db.terms import COMPARATOR_CLASSES, LABORATORY_DESIGNS, REVIEW_DESIGNS, STUDY_DESIGNS

#: Classes of comparators as findings have them; None is that of risk factors, which are compared with nothing.
CLASSES: Final = (*COMPARATOR_CLASSES, None)
_KEPT_FRAMES = 48
_EFFECTS, _CLASSES = len(SOUGHT_EFFECTS), len(CLASSES)
DESIGN_NAMES: Final = (*STUDY_DESIGNS, "not stated")
_DESIGNS = len(DESIGN_NAMES)

Numbers = NDArray[np.int64]


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
        self.places = np.array([index.places[row[0]] for row in rows], np.int64)
        self.subjects, self.outcomes = _Concepts([row[1] for row in rows]), _Concepts([row[2] for row in rows])
        self.codes = np.array([class_code[row[4]] * _EFFECTS + effect_code[row[5]] for row in rows], np.int64)
        design = {name: code for code, name in enumerate(DESIGN_NAMES)}
        facts = {row[0]: row[1:] for row in conn.execute("SELECT pmid, study_design, sample_size FROM articles")}
        self.designs = np.array([design.get(facts[pmid][0], _DESIGNS - 1) for pmid in index.pmids], np.int64)
        self.reviews = np.array([facts[pmid][0] in REVIEW_DESIGNS for pmid in index.pmids], np.int64)
        self.laboratory = bytes(facts[pmid][0] in LABORATORY_DESIGNS for pmid in index.pmids)
        sizes = (None if facts[pmid][0] in LABORATORY_DESIGNS else facts[pmid][1] for pmid in index.pmids)
        #: The number of people in each article, -1 where it states none.
        self.sizes = np.array([-1 if size is None else size for size in sizes], np.int64)
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
    """Which article says what in which cell of one choice of rows and columns; a cell is row * columns + column.

    What is counted is kept as codes with the places of their articles, each once: `codes` are cell, class, reviews or
    not, effect; `class_codes` the same without effect; `single_codes` cell and design.
    """

    def __init__(
        self, table: FindingsTable, index: ArticleIndex, rows: Sequence[str], columns: Sequence[str | None]
    ) -> None:
        self.table = table
        self.row_of = {concept: place for place, concept in enumerate(rows)}
        self.column_of = {concept: place for place, concept in enumerate(columns)}
        self.width, self.cells = len(columns), len(rows) * len(columns)
        cells, self.places, kinds, effects = self._said(table, index)
        classes = cells * _CLASSES + kinds
        self.codes = (classes * 2 + table.reviews[self.places]) * _EFFECTS + effects
        classes, self.class_places = _each_once(classes, self.places)
        self.class_codes = classes * 2 + table.reviews[self.class_places]
        cells, self.single_places = _each_once(cells, self.places)
        self.single_codes = cells * _DESIGNS + table.designs[self.single_places]
        #: How many articles with a finding each row and each column has.
        self.in_row = np.bincount(_each_once(cells // max(1, self.width), self.single_places)[0], minlength=len(rows))
        self.in_column = np.bincount(
            _each_once(cells % max(1, self.width), self.single_places)[0], minlength=self.width
        )

    def _said(self, table: FindingsTable, index: ArticleIndex) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """Returns cell, place of the article, class of comparator and effect, each combination once."""
        below = table.subjects.within(table, self.row_of)
        across = table.outcomes.within(table, self.column_of)
        for concept, column in self.column_of.items():
            if concept is None:
                across[:, column] = True
            elif table.kinds.get(concept) != "outcome":
                across[:, column] = flag_array(index.tags.get(concept, 0), len(index.pmids))[table.places]
        finding, row = np.nonzero(below)
        pair, column_places = np.nonzero(across[finding])
        finding = finding[pair]
        cells = row[pair] * self.width + column_places
        codes, places = _each_once(cells * (_CLASSES * _EFFECTS) + table.codes[finding], table.places[finding])
        cells, codes = np.divmod(codes, _CLASSES * _EFFECTS)
        kinds, effects = np.divmod(codes, _EFFECTS)
        return cells, places, kinds, effects

    def count(self, flags: NDArray[np.bool_]) -> dict[int, Counted]:
        """Returns the cells that hold an article of a filter, by place; `flags` has one for each article."""
        designs = _counts(self.single_codes[flags[self.single_places]], self.cells, _DESIGNS)
        held = np.flatnonzero(designs.any(axis=1))
        picked = flags[self.class_places]
        codes, sizes = self.class_codes[picked], self.table.sizes[self.class_places[picked]]
        shape = _CLASSES, 2
        articles = _counts(codes, self.cells, *shape)[held].tolist()
        patients = _counts(codes, self.cells, *shape, weights=np.maximum(sizes, 0))[held].tolist()
        sized = _counts(codes[sizes >= 0], self.cells, *shape)[held].tolist()
        effects = _counts(self.codes[flags[self.places]], self.cells, *shape, _EFFECTS)[held].tolist()
        found = {}
        for cell, by_design, numbers in zip(
            held.tolist(), designs[held].tolist(), zip(articles, effects, patients, sized, strict=True), strict=True
        ):
            classes = tuple(
                (name, _tally(numbers, kind, 0), _tally(numbers, kind, 1))
                for kind, name in enumerate(CLASSES)
                if any(numbers[0][kind])
            )
            kept = tuple((name, number) for name, number in zip(DESIGN_NAMES, by_design, strict=True) if number)
            found[cell] = Counted(sum(by_design), kept, classes)
        return found


class _Concepts:
    """The concept that each finding names, as numbers."""

    def __init__(self, names: Sequence[str | None]) -> None:
        places: dict[str | None, int] = {}
        self.codes = np.fromiter((places.setdefault(name, len(places)) for name in names), np.intp, len(names))
        self.names = list(places)

    def within(self, table: FindingsTable, places: Mapping[str, int] | Mapping[str | None, int]) -> NDArray[np.bool_]:
        """Returns for each finding and each place whether what it names is that concept or belongs to it."""
        members = np.zeros((len(self.names), max(places.values(), default=-1) + 1), np.bool_)
        for number, name in enumerate(self.names):
            for concept in table.line(name):
                if concept in places:
                    members[number, places[concept]] = True
        flags: NDArray[np.bool_] = members[self.codes]
        return flags


def _each_once(codes: Numbers, places: Numbers) -> tuple[Numbers, Numbers]:
    """Returns each pair of code and place once."""
    count = int(places.max()) + 1 if len(places) else 1
    return np.divmod(np.unique(codes * count + places), count)


def _counts(codes: Numbers, *shape: int, weights: Numbers | None = None) -> Numbers:
    """Returns how many there are of each code (or the sum of their weights), in the shape that codes are made of."""
    return np.bincount(codes, weights, minlength=math.prod(shape)).astype(np.int64).reshape(shape)


def _tally(numbers: Sequence[Any], kind: int, review: int) -> Tally:
    articles, effects, patients, sized = (each[kind][review] for each in numbers)
    return Tally(articles, tuple(effects), patients, sized) if articles else NOTHING


#: The findings of each build.
FINDINGS = PerBuild(lambda conn: FindingsTable(conn, ARTICLE_INDEX.of(conn)))
