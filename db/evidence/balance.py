"""How findings are weighed against each other: directions as readers see them, and counts of articles by each."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from db.evidence.counts import Census
from db.select.filter import ArticleFilter
from db.terms import STUDY_DESIGNS


@dataclass(frozen=True, slots=True)
class Direction:
    """One way a finding can point: its key in pages and files, its sign, its words, and the stored directions."""

    key: str
    sign: str
    words: str
    stored: tuple[str, ...]


DIRECTION_GROUPS: tuple[Direction, ...] = (
    Direction("down", "▼", "decreases", ("decreases",)),
    Direction("up", "▲", "increases", ("increases",)),
    Direction("same", "=", "no difference", ("no difference", "no association")),
    Direction("unclear", "?", "unclear", ("unclear",)),
)
#: The place in DIRECTION_GROUPS of every stored direction.
GROUP_OF: Mapping[str, int] = {stored: place for place, group in enumerate(DIRECTION_GROUPS) for stored in group.stored}
_STRONG = 4


@dataclass(frozen=True, slots=True)
class Count:
    """A number of articles and the filter that lists exactly these."""

    number: int
    chosen: ArticleFilter


@dataclass(frozen=True, slots=True)
class Balance:
    """Articles by the direction of their findings; an article with findings both ways counts in both."""

    total: Count
    groups: tuple[tuple[Direction, Count], ...]

    def __bool__(self) -> bool:
        return self.total.number > 0


def any_direction() -> tuple[str, ...]:
    """Returns every stored direction: the filter that means "has a finding", whatever it says."""
    return tuple(stored for group in DIRECTION_GROUPS for stored in group.stored)


def balance(conn: sqlite3.Connection, census: Census, findings: ArticleFilter) -> Balance:
    """Returns the articles behind a filter on findings by direction; retracted ones count only if it asks for them."""
    findings = findings.for_evidence()
    every = findings if findings.finding else findings.with_finding(directions=any_direction())
    groups = []
    for group in DIRECTION_GROUPS:
        chosen = findings.with_finding(directions=group.stored)
        groups.append((group, Count(census.count(conn, chosen), chosen)))
    return Balance(Count(census.count(conn, every), every), tuple(groups))


def design_counts(conn: sqlite3.Connection, census: Census, chosen: ArticleFilter) -> list[tuple[str, Count]]:
    """Returns the articles of a filter by study design, the strongest designs first, designs without any left out."""
    found = []
    for design in STUDY_DESIGNS:
        narrowed = chosen.with_choice("study_design", design)
        number = census.count(conn, narrowed)
        if number:
            found.append((design, Count(number, narrowed)))
    return found


def best_designs(conn: sqlite3.Connection, census: Census, chosen: ArticleFilter) -> list[tuple[str, Count]]:
    """Returns the two strongest designs that a filter's articles have, with their counts."""
    return design_counts(conn, census, chosen)[:2]
