"""Small stores for tests, made through the store's own functions: articles, runs, tags, whole files."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from sqlite_utils import Database

from db.model import Article, Author, Keyword, MeshHeading, Qualifier, Term
from db.sections import Section
from db.store.records.revisions import Origin
from db.store.records.save import save_articles
from db.store.schema import APPLICATION_ID, migrate, migrations
from db.store.store import Store, open_store
from db.store.tags import save_concepts, save_tags, untagged
from db.tagged import Concept, Estimate, Finding, Mention, StudyFacts, TaggedArticle

AT = "2026-01-01T00:00:00Z"


def article(pmid: int = 1, **values: object) -> Article:
    """An article with something in every part."""
    made = Article(
        pmid=pmid,
        version=1,
        title="Indomethacin & heterotopic ossification",
        abstract="Background.\nResults.",
        xml=b"<PubmedArticle>1</PubmedArticle>",
        sections=(Section("BACKGROUND", "BACKGROUND", 0, 11), Section("RESULTS", "RESULTS", 12, 20)),
        authors=(Author("van der Meulen", "Joost P", "JP", "Jr"), Author(collective_name="HO Group")),
        publication_types=(Term("D016428", "Journal Article"),),
        mesh_headings=(MeshHeading("D009999", "Ossification, Heterotopic", True, (Qualifier("Q1", "surgery", True),)),),
        keywords=(Keyword("HO", False, "NOTNLM"),),
        languages=("eng",),
        year=2020,
        revised_date="2020-05-01",
    )
    return replace(made, **values)  # type: ignore[arg-type]


def run(store: Store) -> int:
    """Opens a run in the ledger."""
    cursor = store.db.conn.execute("INSERT INTO runs (kind, status, started_at) VALUES ('import', 'running', ?)", [AT])
    assert cursor.lastrowid is not None
    return cursor.lastrowid


#: What comes from a file without a place in NLM's order.
FROM_FILE = Origin(live=False)


def save(store: Store, *articles: Article, origin: Origin = FROM_FILE) -> list[tuple[int, str]]:
    """Saves in a run of its own; returns the changes as pairs."""
    with store.atomic():
        return [(c.pmid, c.change) for c in save_articles(store, run(store), articles, AT, origin)]


@cache
def _empty() -> sqlite3.Connection:
    """An empty store in memory: its tables are made once, and copied for each test."""
    db = Database(memory=True)
    migrate(db, "memory")
    return db.conn


def memory_store() -> Store:
    """An empty store in memory."""
    db = Database(memory=True)
    _empty().backup(db.conn)
    db.execute("PRAGMA foreign_keys = ON")
    return Store(db, Path("memory"))


def empty_file(path: Path) -> Path:
    """A file with the tables of a store, which `open_store` takes as its own."""
    connection = sqlite3.connect(path)
    _empty().backup(connection)
    connection.close()
    return path


def load(store: Store, articles: Iterable[Article]) -> dict[int, Article]:
    """Saves articles in a run of their own; returns the newest of each PMID."""
    kept = list(articles)
    with store.atomic():
        run = store.db.conn.execute(
            "INSERT INTO runs (kind, status, started_at, finished_at) "
            "VALUES ('import', 'done', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')"
        ).lastrowid
        assert run is not None
        save_articles(store, run, kept, "2026-01-01T00:00:00Z")
    newest: dict[int, Article] = {}
    for article in kept:
        held = newest.get(article.pmid)
        if held is None or (article.version, article.revised_date or "") >= (held.version, held.revised_date or ""):
            newest[article.pmid] = article
    return newest


CONCEPTS = [
    Concept("indomethacin", "intervention", "indomethacin", "nonselective-nsaids", "D007213", ("Indocin",)),
    Concept("nsaids", "intervention", "NSAIDs", None, "D000894", ()),
    Concept("nonselective-nsaids", "intervention", "nonselective NSAIDs", "nsaids", None, ()),
    Concept("ho", "outcome", "heterotopic ossification", None, None, ()),
]
FACTS = StudyFacts("ho", "cohort", None, "cohort", 12, "12 patients", "human", "3", ("hip",), ("arthroplasty",))


def mention(start: int, end: int, text: str, concept: str, kind: str, assertion: str = "affirmed") -> Mention:
    """A mention in the title."""
    return Mention("title", start, end, text, kind, concept, 0, 39, None, assertion, None, "vocabulary")  # type: ignore[arg-type]


def tagged(store: Store, tagger: str = "v1", **values: object) -> TaggedArticle:
    """Tags for article 1 of the store's tests."""
    given = next(untagged(store, "none", everything=True))
    made = TaggedArticle(
        pmid=1,
        text_hash=given.text_hash,
        tagger=tagger,
        facts=FACTS,
        mentions=(
            mention(0, 12, "Indomethacin", "indomethacin", "intervention", "hedged"),
            mention(15, 39, "heterotopic ossification", "ho", "outcome"),
        ),
        findings=(
            Finding("effect", "indomethacin", "Indomethacin", None, "ho", "ossification", "decreases", Estimate(),
                    "title", 0, 39, None, None),
        ),
    )  # fmt: skip
    return replace(made, **values)  # type: ignore[arg-type]


def fill(path: Path, *pmids: int, title: str = "Indomethacin & heterotopic ossification") -> Path:
    """A store with these articles, the first of them tagged if it is PMID 1."""
    with open_store(path if path.exists() else empty_file(path)) as store, store.atomic():
        save_concepts(store, CONCEPTS)
        number = run(store)
        save_articles(store, number, [article(pmid, title=title) for pmid in pmids], AT)
        if pmids == (1,):
            save_tags(store, number, [tagged(store)], AT)
    return path


_LEDGER = ("runs", "batches", "changes", "listed", "properties", "deletions", "left_out", "seals", "_sqlite_migrations")
#: What names a run or a time, or says that a query found the article.
_OWN = {"records": ("fetched_at", "run_id", "source", "named_in"), "articles": ("matched",), "notices": ("first_seen",)}


def content_of(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Returns every row of every table that comes from PubMed, less run ids, times and the matched mark."""
    tables: dict[str, list[tuple[object, ...]]] = {}
    for table in store.db.table_names():
        if table in _LEDGER or table.startswith("sqlite_"):
            continue
        names = [name for name in store.db[table].columns_dict if name not in _OWN.get(table, ())]
        columns = ", ".join(f'"{name}"' for name in names)
        tables[table] = store.db.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}").fetchall()
    return tables


#: The first schema step that `older_store` lacks.
OLDER_STEP = "m004_evidence"


def older_store(path: Path) -> Path:
    """A store as the first version made it, with a run and an article."""
    db = Database(path)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrations.apply(db, stop_before=OLDER_STEP)
    with db.atomic():
        db.execute("INSERT INTO runs (kind, status, started_at) VALUES ('harvest', 'done', '2026-01-01T00:00:00Z')")
    db.enable_wal()
    db.close()
    return path
