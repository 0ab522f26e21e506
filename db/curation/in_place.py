"""What people decided on one article as the store has it now, for the page that a signed-in reviewer reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.store.people.decided import placed_finding
from db.store.people.readings import finding_key, finding_of, read_texts, sentence_key
from db.store.people.verdicts import Standing, decisions_in_force
from db.store.store import open_store
from db.store.tags import known_concepts


@dataclass(frozen=True, slots=True)
class DecidedNow:
    """Decisions in force on an article, the newest first, with what each is about; and by what a page shows.

    `on` has them by the concept of a tag and by `finding_key` of a finding, of a corrected one also by the key that it
    has since.
    """

    listed: tuple[tuple[Standing, str], ...]
    on: Mapping[str, Standing]


def decided_now(path: Path, pmid: int) -> DecidedNow:
    """Returns the decisions in force; none for an article that the store does not hold. Raises StoreError."""
    with open_store(path, create=False, update=False) as store:
        if not store.db.execute("SELECT 1 FROM articles WHERE pmid = ?", [pmid]).fetchone():
            return DecidedNow((), {})
        standing = decisions_in_force(store, pmid)
        names = dict(store.db.execute("SELECT id, name FROM concepts").fetchall())
        texts, known = read_texts(store.db.conn, pmid), known_concepts(store)
        on: dict[str, Standing] = {}
        for one in standing:
            if one.verdict == "correct" and one.concept_id is None:
                placed = placed_finding(one.values, texts, known)
                if placed is not None:
                    on[finding_key(placed, texts)] = one
        on.update({one.key: one for one in standing})
        newest = sorted(standing, key=lambda one: (one.when, one.id), reverse=True)
        return DecidedNow(tuple((one, one.about(names)) for one in newest), on)


def key_of_row(row: Mapping[str, Any], sentence: str) -> str:
    """Returns `finding_key` of a served row of `findings`."""
    return sentence_key(finding_of(row), sentence)
