"""The changes that the ledger keeps of an article: how each is said, and its heading in a digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """How a change is said of one article; `heading` is None where no digest tells of it."""

    words: str
    heading: str | None


#: By name, in the order in which a reader wants to know.
CHANGES: Final[Mapping[str, ChangeKind]] = {
    "retracted": ChangeKind("retracted", "Retracted"),
    "notice": ChangeKind("corrected or questioned, as others say", "Corrected or questioned"),
    "reinstated": ChangeKind("reinstated after a retraction", "Reinstated after a retraction"),
    "cites retracted": ChangeKind("cites a retracted article", "Cites an article that has been retracted"),
    "new": ChangeKind("new", "New"),
    "returned": ChangeKind("back again", "Back in PubMed"),
    "revised": ChangeKind("revised by PubMed", "Revised"),
    "vanished": ChangeKind("no longer returned by PubMed", "No longer in PubMed for the query"),
    "retagged": ChangeKind("tagged anew", "Tagged differently"),
    "cited": ChangeKind("newly cited by a trial or guideline", "Newly cited by a trial's report or a guideline"),
    "reparsed": ChangeKind("read again by a newer version", None),
}
CHANGE_WORDS: Final[Mapping[str, str]] = {name: kind.words for name, kind in CHANGES.items()}
HEADINGS: Final[Mapping[str, str]] = {name: kind.heading for name, kind in CHANGES.items() if kind.heading}
