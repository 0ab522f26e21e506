"""What changed in trials, told in words: new ones, statuses, posted results."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.enriched import about_topic
from db.evidence.services.trials import status_words

#: The changes in the order in which readers want them.
_ORDER = ("results posted", "status", "new", "returned", "vanished")


@dataclass(frozen=True, slots=True)
class TrialChange:
    """One change of a trial; `words` say it ("terminated: slow recruitment (was recruiting)")."""

    nct_id: str
    title: str
    kind: str
    change: str
    at: str
    words: str

    @property
    def line(self) -> str:
        """The change in one line, without the number."""
        only = "" if self.kind == about_topic() else f"(only {self.kind})"
        return f"{self.words}: {self.title.rstrip('.')}. {only}".strip()

    def as_json(self) -> dict[str, Any]:
        """Returns the change as a JSON object."""
        names = ("nct_id", "title", "kind", "change", "at", "words")
        return {name: getattr(self, name) for name in names}


def trial_changes(conn: sqlite3.Connection, where: str, values: Sequence[Any]) -> list[TrialChange]:
    """Returns the changes that a condition over `trial_changes` means, the most telling first.

    Several changes of one kind of one trial are told as one, from the first state to the last.
    """
    sql = (
        "SELECT nct_id, trials.title, trials.kind, change, at, detail FROM trial_changes JOIN trials USING (nct_id) "
        f"WHERE {where} ORDER BY run_id, nct_id"
    )
    found: dict[tuple[str, str], TrialChange] = {}
    first: dict[str, Any] = {}
    for nct_id, title, kind, change, at, detail in conn.execute(sql, list(values)):
        told = json.loads(detail) if detail else {}
        if change == "status":
            told["from"] = first.setdefault(nct_id, told.get("from"))
        if change == "status" and ((nct_id, "new") in found or told["from"] == told.get("to")):
            found.pop((nct_id, "status"), None)
            continue
        found[nct_id, change] = TrialChange(nct_id, title, kind, change, at, _words(change, told))
    return sorted(found.values(), key=lambda entry: (_ORDER.index(entry.change), entry.nct_id))


def _words(change: str, told: dict[str, Any]) -> str:
    if change == "new":
        return f"New, {status_words(told.get('status'))}"
    if change == "status":
        why = f": {told['why'].rstrip('.')}" if told.get("why") else ""
        return f"Now {status_words(told.get('to'))}{why} (was {status_words(told.get('from'))})"
    return {"results posted": "Results posted", "vanished": "No longer listed", "returned": "Listed again"}[change]
