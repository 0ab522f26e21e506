"""Preprints: what was once known of where one was published stays known, and it gives way while its journal is held."""

from dataclasses import replace

import pytest

from db.enriched import Preprint
from db.store.services.preprints import give_way_to_journals, save_preprints
from db.store.store import Store
from tests.support.stores import AT, article, run, save

NUMBER = 800_000_007


def preprint(published: int | None = None, version: int = 1, doi: str | None = "10.5555/p") -> Preprint:
    made = article(NUMBER, doi=doi, version=version, xml=f"<p>{version}</p>".encode(), title=f"Version {version}")
    return Preprint(made, "PPR7", "bioRxiv", published)


def keep(store: Store, *preprints: Preprint) -> dict[str, int]:
    with store.atomic():
        return save_preprints(store, run(store), preprints, AT)


def gave_way(store: Store) -> tuple[int, int]:
    """How many gave way just now, and whether the preprint is out of the lists."""
    with store.atomic():
        count = give_way_to_journals(store, run(store), AT)
    (hidden,) = store.db.execute("SELECT vanished FROM articles WHERE pmid = ?", [NUMBER]).fetchone()
    return count, hidden


@pytest.mark.parametrize(("before", "after", "known"), [(7, None, 7), (None, 7, 7), (7, 8, 8), (None, None, None)])
def test_where_it_was_published_stays_known(
    store: Store, before: int | None, after: int | None, known: int | None
) -> None:
    keep(store, preprint(before))
    keep(store, preprint(after))
    assert store.db.execute("SELECT published_pmid FROM preprints").fetchone() == (known,)


def test_it_gives_way_while_its_journal_version_is_held(store: Store) -> None:
    keep(store, preprint(7))
    assert gave_way(store) == (0, 0)
    save(store, article(7, doi=None))
    assert gave_way(store) == (1, 1)
    assert gave_way(store) == (0, 1)
    store.db.execute("UPDATE articles SET vanished = 1 WHERE pmid = 7")
    store.db.conn.commit()
    assert gave_way(store) == (0, 0)


def test_it_comes_back_where_another_record_is_named_that_is_not_held(store: Store) -> None:
    keep(store, preprint(7))
    save(store, article(7, doi=None))
    assert gave_way(store) == (1, 1)
    keep(store, preprint(8))
    assert gave_way(store) == (0, 0)


def test_one_doi_tells_that_it_was_published(store: Store) -> None:
    keep(store, preprint(None))
    save(store, article(7, doi="10.5555/p"))
    assert gave_way(store) == (1, 1)


def test_an_older_version_replaces_no_newer_one_and_what_gave_way_stays(store: Store) -> None:
    def title() -> str:
        found: str = store.db.execute("SELECT title FROM articles WHERE pmid = ?", [NUMBER]).fetchone()[0]
        return found

    assert keep(store, preprint(version=2)) == {"new": 1}
    keep(store, preprint(version=1))
    assert title() == "Version 2"
    keep(store, replace(preprint(version=3), published_pmid=7))
    assert title() == "Version 3"
    save(store, article(7, doi=None))
    assert gave_way(store) == (1, 1)
    assert keep(store, preprint(version=4)) == {}
    assert title() == "Version 3"
