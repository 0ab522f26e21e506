"""The answer card: for one intervention or risk factor, outcome by outcome, what is found and how strong it is.

Certainty is said as counts and designs, never as a grade; nothing is pooled.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from db.evidence.asked import read_asked
from db.evidence.effects.balance import Balance, ClassBalance, read_balances
from db.evidence.effects.estimates import Ranked, ReportedEstimate, read_estimates
from db.evidence.effects.findings import FindingKey, one_an_article, rank_findings, read_findings
from db.evidence.effects.findings_table import FINDINGS, FindingsTable
from db.evidence.index.article_index import ArticleIndex
from db.select.filter import ArticleFilter
from db.select.sought import CONFLICT
from db.topics import current

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
    """One outcome (None: the disease with a risk factor) of a subject: its balance and a card a class of comparator."""

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
    drafts = _drafts(table, rank_findings(conn, index, chosen, "of", subject), columns)
    told = _read(conn, drafts.values())
    found = []
    for column in columns:
        balance = balances.get((subject, column))
        if balance is None:
            continue
        cards = tuple(
            _card(table, index, entry, drafts.get((column, entry.comparator_class), _Draft()), told)
            for entry in balance.classes
        )
        found.append(OutcomeCard(column, table.names[column] if column else current().short_name, balance, cards))
    return found


def default_outcomes(table: FindingsTable) -> list[str]:
    """Returns the outcomes that readers ask about, or the file's own top groups where it has none of these."""
    asked = [concept for concept in read_asked()["outcome"] if table.kinds.get(concept) == "outcome"]
    return asked or list(table.below.get(("outcome", None), []))


def _all(table: FindingsTable) -> list[str]:
    first = default_outcomes(table)
    within = {concept for outcome in first for concept in table.line(outcome)}
    return [*first, *(top for top in table.below.get(("outcome", None), []) if top not in within)]


@dataclass
class _Draft:
    """The findings of one card in order, and which of them are shown."""

    keys: list[FindingKey] = field(default_factory=list)

    @cached_property
    def stated(self) -> list[FindingKey]:
        """The findings whose estimates are shown."""
        return one_an_article([key for key in self.sure if key.has_interval], _ESTIMATES)

    @cached_property
    def sure(self) -> list[FindingKey]:
        """The findings whose words and figures agree."""
        return [key for key in self.keys if key.effect != CONFLICT]


def _drafts(
    table: FindingsTable, ranked: Iterable[FindingKey], columns: Sequence[str | None]
) -> dict[tuple[str | None, str | None], _Draft]:
    """Returns the findings of each card by outcome and class of comparator; a finding may stand on several outcomes."""
    asked = frozenset(columns)
    within: dict[str | None, tuple[str | None, ...]] = {}
    found: dict[tuple[str | None, str | None], _Draft] = {}
    for key in ranked:
        outcome = key.outcome_id
        if outcome not in within:
            within[outcome] = tuple(name for name in {None, *table.line(outcome)} if name in asked)
        for column in within[outcome]:
            found.setdefault((column, key.comparator_class), _Draft()).keys.append(key)
    return found


#: Estimates and findings as they are shown, by the finding's id.
_Told = tuple[dict[int, ReportedEstimate], dict[int, dict[str, Any]]]


def _read(conn: sqlite3.Connection, drafts: Iterable[_Draft]) -> _Told:
    """Returns what is shown on cards, read for all of them at once."""
    stated = [Ranked(key.id, key.pmid) for draft in drafts for key in draft.stated]
    strongest = [draft.sure[0].id for draft in drafts if draft.sure]
    estimates = {entry.finding_id: told for entry, told in zip(stated, read_estimates(conn, stated), strict=True)}
    return estimates, dict(zip(strongest, read_findings(conn, strongest), strict=True))


def _card(table: FindingsTable, index: ArticleIndex, balance: ClassBalance, draft: _Draft, told: _Told) -> Card:
    estimates, findings = told
    years = [(index.year_of(key.pmid) or 0, key.pmid) for key in draft.keys]
    return Card(
        balance,
        tuple(estimates[key.id] for key in draft.stated),
        findings[draft.sure[0].id] if draft.sure else None,
        max(years, default=None),
        len({key.pmid for key in draft.keys if table.laboratory[index.places[key.pmid]]}),
    )
