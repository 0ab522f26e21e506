"""A store in memory that holds the zoo, and one to write into."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from db.citations import FORMATS, Options
from db.citations.records import read_records
from db.model import Article
from db.store.store import Store
from tests.support.stores import load, memory_store
from tests.support.zoo import ZOO

Exported = Callable[..., str]


@pytest.fixture(scope="session")
def zoo_store() -> Iterator[Store]:
    """A store with the zoo, one article of it tagged."""
    store = memory_store()
    load(store, ZOO)
    conn = store.db.conn
    for position, (concept, kind, name) in enumerate(
        (
            ("indomethacin", "intervention", "indomethacin"),
            ("pain", "outcome", "pain; at rest"),
            ("broader", "intervention", "every drug"),
        )
    ):
        conn.execute(
            "INSERT INTO concepts (id, kind, name, synonyms, depth, position) VALUES (?, ?, ?, '[]', 0, ?)",
            [concept, kind, name, position],
        )
        conn.execute(
            "INSERT INTO article_tags (pmid, concept_id, kind, direct, mentions, assertion) "
            "VALUES (90000001, ?, ?, ?, 1, 'affirmed')",
            [concept, kind, concept != "broader"],
        )
    conn.execute("UPDATE articles SET study_design = 'cohort' WHERE pmid = 90000001")
    conn.commit()
    yield store
    store.db.close()


@pytest.fixture(scope="session")
def export(zoo_store: Store) -> Exported:
    """Writes zoo articles in a format: `export("ris", [PMID ...], Options())`."""

    def write(name: str, pmids: Sequence[int] | None = None, options: Options | None = None) -> str:
        wanted = FORMATS[name]
        chosen = [article.pmid for article in ZOO] if pmids is None else pmids
        records = read_records(zoo_store.db.conn, chosen, wanted.parts)
        return "".join(wanted.write(records, options or Options(tags=False)))

    return write


@pytest.fixture(scope="session")
def export_made() -> Iterator[Callable[..., str]]:
    """Writes made-up articles straight: `export_made("ris", article, ...)`."""
    store = memory_store()

    def write(name: str, *articles: Article) -> str:
        wanted = FORMATS[name]
        conn = store.db.conn
        conn.execute("DELETE FROM articles")
        load(store, articles)
        records = read_records(conn, [article.pmid for article in articles], wanted.parts)
        return "".join(wanted.write(records, Options(tags=False)))

    yield write
    store.db.close()
