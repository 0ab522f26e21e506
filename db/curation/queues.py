"""The queues of the review page: what waits for a person's look, in an order that stays while people work on it.

Findings and tags come newest article first; their row ids keep their place when a neighbour is decided, so that the
next one of a place is never passed over. Decisions come in the order in which they were made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from db.store.people.verdicts import disputed, last_words, to_review
from db.store.store import Store, utc_now
from db.store.tag_rows import IDS_A_PMID

#: A tag is looked at where no mention of it was found with more confidence than this (the index of m009 says it too).
UNSURE = 0.7
_SHOWN = (
    "articles.topic IS NOT 'not_' || (SELECT value FROM properties WHERE name = 'topic') "
    "AND articles.vanished = 0 AND articles.retracted = 0"
)
_UNDECIDED = (
    f"SELECT findings.id FROM findings JOIN articles USING (pmid) WHERE findings.decided IS NULL AND {_SHOWN} AND "
)
_UNSURE_TAGS = (
    "SELECT min(mentions.id) FROM mentions JOIN articles USING (pmid) "
    "JOIN article_tags ON article_tags.pmid = mentions.pmid AND article_tags.concept_id = mentions.concept_id "
    f"WHERE mentions.confidence < {UNSURE} AND article_tags.decided IS NULL AND {_SHOWN} AND NOT EXISTS "
    "(SELECT 1 FROM mentions AS sure WHERE sure.pmid = mentions.pmid AND sure.concept_id = mentions.concept_id "
    f"AND sure.confidence >= {UNSURE}) GROUP BY mentions.pmid, mentions.concept_id"
)


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: its name in the address, its title, what it holds, and how its places are read from a store.

    `of` says what a place is the number of: a `finding`, a `mention` or a `decision`.
    """

    name: str
    title: str
    note: str
    of: str
    read: Callable[[Store], list[int]]


def _rows(sql: str) -> Callable[[Store], list[int]]:
    def read(store: Store) -> list[int]:
        return sorted((row[0] for row in store.db.execute(sql)), key=_newest_article)

    return read


def _newest_article(number: int) -> tuple[int, int]:
    return -(number // IDS_A_PMID), number


def _changed(store: Store) -> list[int]:
    return sorted(one.id for one in to_review(store))


def _disputed(store: Store) -> list[int]:
    return sorted(one.id for one in disputed(last_words(store)))


_ALL = (
    Queue(
        "findings", "New findings", "Results read by machine that nobody has looked at, the newest articles first.",
        "finding", _rows(f"{_UNDECIDED} findings.conflict IS NULL"),
    ),
    Queue(
        "conflicts", "Sentence and figures disagree", "Findings that count nowhere until a person says what is right.",
        "finding", _rows(f"{_UNDECIDED} findings.conflict IS NOT NULL"),
    ),
    Queue(
        "changed", "Texts changed under decisions", "Decisions that were made on another wording of the article.",
        "decision", _changed,
    ),
    Queue("unsure", "Low confidence", "Tags of which the model was not sure.", "mention", _rows(_UNSURE_TAGS)),
    Queue("disputed", "People disagree", "Two people decided differently, and no third one has settled it.",
        "decision", _disputed,
    ),
)  # fmt: skip
#: The queues by name, in the order in which they are shown.
QUEUES: Mapping[str, Queue] = {queue.name: queue for queue in _ALL}


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a queue with its neighbours; `left` is how many items the queue holds."""

    place: int | None
    before: int | None
    left: int


def find_position(queue: Queue, places: Sequence[int], after: int | None, at: int | None = None) -> Position:
    """Returns the place `at`, else the first behind `after`, from the queue's beginning again where none is."""
    order = _newest_article if queue.of != "decision" else _as_it_stands
    if at is not None:
        place: int | None = at
    else:
        place = next((p for p in places if after is not None and order(p) > order(after)), None)
        place = place if place is not None else next(iter(places), None)
    before = None
    if place is not None:
        before = next((p for p in reversed(places) if order(p) < order(place)), None)
    return Position(place, before, len(places))


def _as_it_stands(number: int) -> tuple[int, int]:
    return 0, number


def kept_place(store: Store, who: str, queue: Queue) -> int | None:
    """Returns where a person stopped in a queue; None at its beginning."""
    row = store.db.execute("SELECT place FROM queue_places WHERE who = ? AND queue = ?", [who, queue.name]).fetchone()
    return int(row[0]) if row and row[0].isdigit() else None


def keep_place(store: Store, who: str, queue: Queue, place: int) -> None:
    """Keeps where a person stopped in a queue; the caller's transaction."""
    store.db.execute(
        "INSERT INTO queue_places (who, queue, place, at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (who, queue) DO UPDATE SET place = excluded.place, at = excluded.at",
        [who, queue.name, str(place), utc_now()],
    )
