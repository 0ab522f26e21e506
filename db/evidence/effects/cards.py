"""The answer card: for one intervention or risk factor, outcome by outcome, what is found and how strong it is.

Certainty is said as counts and designs, never as a grade; nothing is pooled.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.evidence.article_index import ArticleIndex
from db.evidence.asked import read_asked
from db.evidence.effects.balance import Balance, ClassBalance, read_balances
from db.evidence.effects.estimates import Ranked, ReportedEstimate, read_estimates
from db.evidence.effects.findings import FindingKey, one_an_article, rank_findings, read_findings
from db.evidence.effects.findings_table import FINDINGS, FindingsTable
from db.select.filter import ArticleFilter
from db.select.sought import CONFLICT

_ESTIMATES = 2


@dataclass(frozen=True, slots=True)
class Card:
    """What findings on one outcome with one class of comparator say.

    `estimates` are the most precise of the strongest designs, with their comparators; `strongest` the finding of the
    strongest design (a row of `read_findings`), `newest` the newest article's year and PMID; `laboratory` is how many
    of the articles are on animals or cells.
    """

    balance: ClassBalance
    estimates: tuple[ReportedEstimate, ...]
    strongest: dict[str, Any] | None
    newest: tuple[int, int] | None
    laboratory: int


@dataclass(frozen=True, slots=True)
class OutcomeCard:
    """One outcome (None: HO with a risk factor) of a subject: its balance and a card a class of comparator."""

    outcome: str | None
    name: str
    balance: Balance
    cards: tuple[Card, ...]


def read_cards(
    conn: sqlite3.Connection,
    index: ArticleIndex,
    chosen: ArticleFilter,
    subject: str,
    outcomes: Sequence[str] = (),
) -> list[OutcomeCard]:
    """Returns the cards of a subject under a filter, outcomes without any finding left out.

    Without `outcomes` those that readers ask about come first, then the other groups that have findings.
    """
    table = FINDINGS.of(conn)
    columns: Sequence[str | None] = outcomes or ((None,) if table.kinds.get(subject) != "intervention" else _all(table))
    balances = read_balances(conn, index, chosen, [subject], columns)
    ranked = rank_findings(conn, index, chosen, "of", subject)
    found = []
    for column in columns:
        balance = balances.get((subject, column))
        if balance is None:
            continue
        mine = [key for key in ranked if column is None or column in set(table.line(key.outcome_id))]
        cards = tuple(_card(conn, index, entry, mine) for entry in balance.classes)
        name = table.names[column] if column else "HO"
        found.append(OutcomeCard(column, name, balance, cards))
    return found


def default_outcomes(table: FindingsTable) -> list[str]:
    """Returns the outcomes that readers ask about, or the file's own top groups where it has none of these."""
    asked = [concept for concept in read_asked()["outcome"] if table.kinds.get(concept) == "outcome"]
    return asked or list(table.below.get(("outcome", None), []))


def _all(table: FindingsTable) -> list[str]:
    first = default_outcomes(table)
    within = {concept for outcome in first for concept in table.line(outcome)}
    return [*first, *(top for top in table.below.get(("outcome", None), []) if top not in within)]


def _card(conn: sqlite3.Connection, index: ArticleIndex, balance: ClassBalance, ranked: Sequence[FindingKey]) -> Card:
    mine = [key for key in ranked if key.comparator_class == balance.comparator_class]
    sure = [key for key in mine if key.effect != CONFLICT]
    stated = one_an_article([key for key in sure if key.has_interval], _ESTIMATES)
    first = read_findings(conn, [sure[0].id]) if sure else []
    years = [(index.year_of(key.pmid) or 0, key.pmid) for key in mine]
    return Card(
        balance,
        tuple(read_estimates(conn, [Ranked(key.id, key.pmid) for key in stated])),
        first[0] if first else None,
        max(years, default=None),
        len({key.pmid for key in mine if FINDINGS.of(conn).laboratory[index.places[key.pmid]]}),
    )
