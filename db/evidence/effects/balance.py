"""The vote count by direction of effect: what findings of a subject on ONE outcome mean for the patient.

By class of comparator, reviews apart from primary studies, in words of benefit, retracted work left out; never summed
over outcomes or comparators. Concept pages, overview, matrix, answers, API and CSV all ask `read_balances`.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from operator import add

from db.evidence.effects.findings_table import FINDINGS, Counted, Tally
from db.evidence.index.article_index import ArticleIndex
from db.evidence.index.bits import flag_array
from db.select.filter import ArticleFilter
from db.select.sought import SOUGHT_EFFECTS
from db.terms import REVIEW_DESIGNS, STUDY_DESIGNS


@dataclass(frozen=True, slots=True)
class Count:
    """A number of articles and the filter that lists exactly these."""

    number: int
    chosen: ArticleFilter


@dataclass(frozen=True, slots=True)
class ClassBalance:
    """What findings with one class of comparator say (None: a risk factor): primary studies and reviews apart.

    `within` is the filter of the articles of all classes.
    """

    comparator_class: str | None
    primary: Tally
    reviews: Tally
    within: ArticleFilter

    @property
    def chosen(self) -> ArticleFilter:
        """The filter of the articles of this class."""
        return self.within.with_finding(comparators=(self.comparator_class,)) if self.comparator_class else self.within

    @property
    def articles(self) -> int:
        """How many articles there are, reviews included."""
        return self.primary.articles + self.reviews.articles

    @property
    def effects(self) -> tuple[int, ...]:
        """How many articles, reviews included, have a finding of each effect, in the order of SOUGHT_EFFECTS."""
        return tuple(map(add, self.primary.effects, self.reviews.effects))

    def number(self, effect: str) -> int:
        """Returns how many articles, reviews included, have a finding of this effect (one of SOUGHT_EFFECTS)."""
        return self.effects[SOUGHT_EFFECTS.index(effect)]

    def listed(self, effect: str | None = None, reviews: bool | None = None) -> ArticleFilter:
        """Returns the filter of the articles behind a number: of an effect, and of primary studies or reviews alone."""
        chosen = self.chosen if reviews is None else self.only(reviews)
        return chosen.with_finding(effects=(effect,)) if effect else chosen

    def only(self, reviews: bool) -> ArticleFilter:
        """Returns the filter of reviews alone, or of primary studies alone."""
        return only_reviews(self.chosen) if reviews else without_reviews(self.chosen)


@dataclass(frozen=True, slots=True)
class Balance:
    """What is found of a subject on one outcome (or about a concept's articles): by class of comparator, never summed.

    `total` counts the articles with any such finding, `designs` these by study design, the strongest first.
    """

    subject: str
    outcome: str | None
    total: Count
    designs: tuple[tuple[str, int], ...]
    classes: tuple[ClassBalance, ...]

    def __bool__(self) -> bool:
        return self.total.number > 0

    def of(self, comparator_class: str | None) -> ClassBalance | None:
        """Returns what one class of comparator says; None where no finding has it."""
        return next((entry for entry in self.classes if entry.comparator_class == comparator_class), None)


def read_balances(
    conn: sqlite3.Connection,
    index: ArticleIndex,
    chosen: ArticleFilter,
    subjects: Sequence[str],
    columns: Sequence[str | None],
) -> dict[tuple[str, str | None], Balance]:
    """Returns the balances of subjects (or narrower concepts) by column, those without a finding left out.

    A column is an outcome; or a concept of another kind: findings of articles that have it; or None: any. What the
    filter itself seeks of findings is dropped; retracted articles count only if it asks for them.
    """
    table = FINDINGS.of(conn)
    base = chosen.without_finding().for_evidence()
    frame = table.frame(index, subjects, columns)
    flags = flag_array(index.matching(conn, base), len(index.pmids))
    counted = frame.count(flags)
    found = {}
    for subject in subjects:
        for column in columns:
            cell = counted.get(frame.row_of[subject] * frame.width + frame.column_of[column])
            if cell is not None:
                kind = table.kinds.get(column) if column else None
                found[subject, column] = _balance(cell, subject, column, narrowed(base, subject, column, kind))
    return found


def narrowed(base: ArticleFilter, subject: str, column: str | None, kind: str | None) -> ArticleFilter:
    """Returns the filter of the articles that a balance counts; `kind` is that of the column's concept."""
    if column is None or kind == "outcome":
        return base.with_finding(of=subject, on=column)
    return base.also_tagged((kind or "").replace(" ", "_"), column).with_finding(of=subject)


def without_reviews(chosen: ArticleFilter) -> ArticleFilter:
    """Returns a filter without what sums up other studies."""
    return chosen.with_choices("study_design", REVIEW_DESIGNS, "not")


def only_reviews(chosen: ArticleFilter) -> ArticleFilter:
    """Returns a filter of nothing but reviews and guidelines."""
    if not chosen.chosen("study_design"):
        return chosen.with_choices("study_design", REVIEW_DESIGNS)
    others = (name for name in (*STUDY_DESIGNS, "not stated") if name not in REVIEW_DESIGNS)
    return chosen.with_choices("study_design", others, "not")


def design_counts(conn: sqlite3.Connection, index: ArticleIndex, chosen: ArticleFilter) -> list[tuple[str, Count]]:
    """Returns the articles of a filter by study design, the strongest designs first, designs without any left out."""
    found = []
    asked, every = chosen.chosen("study_design"), chosen.without_facet("study_design")
    for design in (design for design in STUDY_DESIGNS if not asked or design in asked):
        of_design = every.with_choice("study_design", design)
        number = index.count(conn, of_design)
        if number:
            found.append((design, Count(number, of_design)))
    return found


def _balance(cell: Counted, subject: str, column: str | None, chosen: ArticleFilter) -> Balance:
    classes = tuple(ClassBalance(name, primary, reviews, chosen) for name, primary, reviews in cell.classes)
    return Balance(subject, column, Count(cell.articles, chosen), cell.designs, classes)
