"""What the ledger remembers of NLM's files: deletions, what was left out, and whose records they brought."""

from pathlib import Path

import pytest

from db.store.ledger.imports import ImportedFile, apply_deletions, delete_by_file, save_file
from db.store.ledger.left_out import ask_again_for, files_to_read, save_left_out
from db.store.ledger.plans import Plans
from db.store.records.revisions import Origin
from db.store.store import Store
from tests.support.stores import article, run, save

FILES = tuple(f"26n000{number}" for number in (11, 12, 13))
EARLIER, FILE, LATER = FILES


def bring(store: Store, pmid: int, source: str | None) -> None:
    save(store, article(pmid, xml=f"<a>{pmid}{source}</a>".encode()), origin=Origin(live=False, source=source))


@pytest.mark.parametrize(("record", "gone"), [(EARLIER, True), (FILE, True), (LATER, False), (None, True)])
def test_a_file_deletes_what_came_with_it_or_before(store: Store, record: str | None, gone: bool) -> None:
    bring(store, 1, record)
    ledger = Plans(store)
    told = delete_by_file(ledger, run(store), [1, 99], FILE)
    assert [change.pmid for change in told] == ([1] if gone else [])
    assert ledger.vanished() == ({1} if gone else set())


def test_the_last_file_that_deletes_an_article_is_remembered_in_whatever_order_they_come(store: Store) -> None:
    ledger = Plans(store)
    for source in (FILE, LATER, EARLIER, None):
        delete_by_file(ledger, run(store), [1], source)
    assert store.db.execute("SELECT pmid, source FROM deletions").fetchall() == [(1, LATER)]


@pytest.mark.parametrize(("record", "gone"), [(EARLIER, True), (FILE, True), (LATER, False)])
def test_a_record_that_comes_after_its_deletion_is_gone_by_its_own_or_a_later_file(
    store: Store, record: str, gone: bool
) -> None:
    ledger = Plans(store)
    delete_by_file(ledger, run(store), [1], FILE)
    bring(store, 1, record)
    bring(store, 2, record)
    assert [change.pmid for change in apply_deletions(ledger, run(store), [2, 1])] == ([1] if gone else [])


def left_out(store: Store, name: str, place: str | None, revisions: dict[int, tuple[int, str]]) -> None:
    ledger = Plans(store)
    with store.atomic():
        batch = save_file(ledger, run(store), ImportedFile(name, f"sum of {name}", "all", 1))
        save_left_out(ledger, batch, Path(name), place, revisions)


@pytest.mark.parametrize(
    ("place", "revision", "read"),
    [
        (LATER, (1, "2020-01-01"), True),  # a later file says that the article is there
        (FILE, (1, "2020-01-01"), True),
        (EARLIER, (1, "2026-01-02"), False),
        (EARLIER, (1, "2026-01-03"), True),
        (EARLIER, (2, "2020-01-01"), True),
        (EARLIER, (1, "2026-01"), False),
        (None, (1, "2026-01-02"), True),  # without an order, what is as new may say more
        (None, (1, "2026-01-01"), False),
    ],
)
def test_what_a_file_left_out_is_read_where_it_is_later_or_newer(
    store: Store, place: str | None, revision: tuple[int, str], read: bool
) -> None:
    left_out(store, "a.xml", place, {3: (1, ""), 7: revision, 12: (9, "2030-01-01")})
    arrived = {7: (1, "2026-01-02")}
    found = files_to_read(Plans(store), FILE, arrived)
    assert [(file.path.name, file.place, file.pmids) for file in found] == (
        [("a.xml", place, frozenset({7}))] if read else []
    )


@pytest.mark.parametrize("pmid", [3, 12])
def test_the_first_and_the_last_article_of_a_file_are_looked_for_too(store: Store, pmid: int) -> None:
    left_out(store, "a.xml", None, {3: (9, "2030-01-01"), 12: (9, "2030-01-01")})
    assert [file.pmids for file in files_to_read(Plans(store), None, {pmid: (1, "")})] == [frozenset({pmid})]
    assert files_to_read(Plans(store), None, {}) == []


def test_only_the_file_itself_is_asked_for_again_and_numbered_ones_are_read_first(store: Store) -> None:
    for name, place in (("c.xml", None), ("b.xml", LATER), ("a.xml", FILE)):
        left_out(store, name, place, {1: (9, "2030-01-01")})
    found = files_to_read(Plans(store), FILE, {1: (1, "")})
    assert [file.path.name for file in found] == ["a.xml", "b.xml", "c.xml"]
    ask_again_for(Plans(store), found[0], "gone")
    states = store.db.execute("SELECT source, state, message FROM batches ORDER BY source").fetchall()
    assert states == [("a.xml", "failed", "gone"), ("b.xml", "done", None), ("c.xml", "done", None)]


def test_what_only_a_file_brought_is_told_apart_from_what_pubmed_gave(store: Store) -> None:
    for pmid in (1, 2, 3):
        bring(store, pmid, FILE)
    store.db.execute("UPDATE articles SET matched = pmid < 3, vanished = pmid = 2")
    assert Plans(store).read_from_files() == {1}
    store.db.execute("UPDATE runs SET kind = 'harvest'")
    assert Plans(store).read_from_files() == set()
