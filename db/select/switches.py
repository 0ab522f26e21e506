"""The yes-or-no filters, one row each: address, words, sidebar, API and documents read this table."""

from collections.abc import Mapping
from dataclasses import dataclass

from db.notices import ABOUT_ARTICLE
from db.preprints import PREPRINTS_SQL
from db.select.clause import Clause
from db.sql import literals


@dataclass(frozen=True, slots=True)
class Switch:
    """One yes-or-no filter.

    `parameter` is its name in addresses, `yes` and `no` how a filter with it is said, `label` how the sidebar of a
    list offers its yes and `label_no` its no (None: not offered there). It holds for the articles of the SELECT
    `members`.
    """

    parameter: str
    yes: str
    no: str
    members: str
    label: str | None = None
    label_no: str | None = None

    def clause(self, value: bool) -> Clause:
        """Returns the condition that the switch is on, or that it is off."""
        return Clause.of_members(self.members, {}, value)

    def words(self, value: bool) -> str:
        """Returns how the filter is said."""
        return self.yes if value else self.no


_SWITCHES = (
    Switch(
        "estimate",
        "with an effect estimate",
        "without an effect estimate",
        "SELECT pmid FROM findings WHERE value IS NOT NULL",
        "has an effect estimate",
    ),
    Switch(
        "notice",
        "corrected, questioned or retracted",
        "without a correction or retraction",
        # comments and reprints are no such notice
        f"SELECT pmid FROM notices WHERE kind IN ({literals(sorted(ABOUT_ARTICLE))})",
        "corrected or retracted",
    ),
    Switch(
        "retracted",
        "retracted articles only",
        "without retracted articles",
        "SELECT pmid FROM articles WHERE retracted = 1",
        "retracted only",
        "without retracted",
    ),
    Switch(
        "cites_retracted",
        "that cite a retracted article",
        "that cite no retracted article",
        "SELECT pmid FROM articles WHERE cites_retracted = 1",
        "cites a retracted article",
    ),
    Switch(
        "free_text",
        "with a free full text",
        "without a known free full text",
        "SELECT pmid FROM links",
        "free full text",
    ),
    Switch(
        "trial",
        "tied to a registered trial",
        "tied to no registered trial",
        "SELECT pmid FROM articles WHERE pmid IN (SELECT pmid FROM trial_articles)",
        "has a registered trial",
    ),
    Switch("preprint", "preprints only", "without preprints", PREPRINTS_SQL, "preprints only", "without preprints"),
)
#: Switches by their parameter, in the order in which they are offered.
SWITCHES: Mapping[str, Switch] = {switch.parameter: switch for switch in _SWITCHES}
