"""A concept by the name that a person typed, in one kind or in any."""

import json

from db.select.suggest import nearest, shown
from db.store.people.verdicts import DecisionError
from db.store.store import Store


def concept_named(store: Store, text: str, kind: str | None = None) -> tuple[str, str]:
    """Returns kind and id of the concept with this id, name or synonym; raises DecisionError with the nearest names."""
    asked = " ".join(text.split()).casefold()
    if not asked:
        raise DecisionError("name a concept of the vocabulary")
    rows = store.db.execute(
        "SELECT id, kind, name, synonyms FROM concepts WHERE :kind IS NULL OR kind = :kind ORDER BY position",
        {"kind": kind},
    ).fetchall()
    called: dict[str, list[tuple[str, str]]] = {}
    for concept, of_kind, name, synonyms in rows:
        for place, word in enumerate((concept, name, *json.loads(synonyms))):
            if word.casefold() == asked:
                called.setdefault("name" if place < 2 else "synonym", []).append((of_kind, concept))
    found = list(dict.fromkeys(called.get("name") or called.get("synonym") or []))
    if not found:
        advice = nearest(asked, [name for _, _, name, _ in rows])
        raise DecisionError(f"{shown(text)} is no {kind or 'concept'} of the vocabulary; {advice}")
    if len({of_kind for of_kind, _ in found}) > 1:
        kinds = " and ".join(sorted({of_kind for of_kind, _ in found}))
        raise DecisionError(f"{shown(text)} is called so as {kinds}; choose the kind")
    return found[0]


def names_by_kind(store: Store) -> dict[str, list[str]]:
    """Returns the names of the vocabulary by kind, in its order, for boxes that suggest."""
    found: dict[str, list[str]] = {}
    for kind, name in store.db.execute("SELECT kind, name FROM concepts ORDER BY kind, position"):
        found.setdefault(kind, []).append(name)
    return found
