"""Writes articles into the store, so that a newer revision replaces and an older one never does."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from db.model import Article
from db.sql import chunks
from db.store.records.article_rows import ARTICLE_COLUMNS, INSERT_PART, PARTS, UPSERT_ARTICLE, article_row, part_rows
from db.store.records.changes import record_changes
from db.store.records.notice_rows import SAID_RETRACTED, complete_notices, first_seen
from db.store.records.revisions import LIVE, Change, Held, Origin, newest, replaces, returns, revision
from db.store.schema import TAG_TABLES, TAGGER_COLUMNS
from db.store.seals import unseal
from db.store.store import Store

#: Level 6 takes twice the time and saves a tenth of the space.
_COMPRESSION = 1
#: Publication types, MeSH and keywords arrive months after the text and change what a tagger would say.
_READ_BY_TAGGER = ("publication_types", "mesh_headings", "keywords")
#: What the tagger says of the study goes with the text that said it.
_FORGET_FACTS = f"UPDATE articles SET {', '.join(f'{column} = NULL' for column in TAGGER_COLUMNS)} WHERE pmid = ?"


def save_articles(
    store: Store, run_id: int, articles: Iterable[Article], fetched_at: str, origin: Origin = LIVE
) -> list[Change]:
    """Writes articles with their parts and raw records; returns what changed, one entry a PMID and change.

    What PubMed gave live replaces what is held; from a file a newer revision does (see `revisions.replaces`). A
    vanished article comes back by PubMed's own answer, by a newer revision, or by a later file than the one that
    deleted it. The changes are written to the ledger under `run_id`.
    """
    arrived = newest(articles)
    held = _held(store, list(arrived))
    changes: list[Change] = []
    written: list[Article] = []
    same: list[int] = []
    named: list[int] = []
    returned: list[int] = []
    for pmid, article in arrived.items():
        before = held.get(pmid)
        if before is None:
            changes.append(Change(pmid, "new", {"retracted": True} if article.retracted else {}))
            written.append(article)
            continue
        replaced = replaces(article, before, origin)
        if returns(before, origin, replaced):
            returned.append(pmid)
            changes.append(Change(pmid, "returned"))
        if replaced:
            written.append(article)
            changes.extend(revision(article, before))
        else:
            (same if article.xml == before.xml else named).append(pmid)
    _write(store, written, set(held), fetched_at)
    _keep_records(store, run_id, written, fetched_at, origin)
    _confirm(store, run_id, same, named, fetched_at, origin)
    store.db.conn.executemany("UPDATE articles SET vanished = 0 WHERE pmid = ?", [(pmid,) for pmid in returned])
    changes.extend(_reinstated(store, written, held))
    return record_changes(store, run_id, changes, fetched_at)


def save_reparsed(store: Store, run_id: int, articles: Iterable[Article], at: str, parser: str) -> list[Change]:
    """Writes articles as today's parser reads their kept records; returns the changes.

    They are `reparsed`, with it `retracted` or `reinstated`. An article that reads as it stands is not touched; tags go
    only where the text changed.
    """
    found = {article.pmid: article for article in articles}
    held = _held(store, list(found))
    changed = [article for pmid, article in found.items() if _reads_otherwise(store, article, held[pmid])]
    _write(store, changed, set(held), at)
    mark_parsed(store, found, parser)
    changes = [change for a in changed for change in revision(a, held[a.pmid], "reparsed")]
    return record_changes(store, run_id, [*changes, *_reinstated(store, changed, held)], at)


def _reinstated(store: Store, written: Iterable[Article], held: Mapping[int, Held]) -> list[Change]:
    """Returns the changes of articles whose new record says no more that they were retracted, and nobody else does."""
    were = [a.pmid for a in written if not a.retracted and a.pmid in held and held[a.pmid].retracted]
    sql = "SELECT retracted FROM articles WHERE pmid = ?"
    return [Change(pmid, "reinstated") for pmid in were if not store.db.execute(sql, [pmid]).fetchone()[0]]


def mark_parsed(store: Store, pmids: Iterable[int], parser: str) -> None:
    """Writes down that this parser has read the kept records."""
    store.db.conn.executemany("UPDATE records SET parser = ? WHERE pmid = ?", [(parser, pmid) for pmid in pmids])


def to_reparse(store: Store, parser: str, limit: int = -1) -> list[tuple[int, bytes]]:
    """Returns PMID and packed XML (zlib) of kept records that this parser has not read, in PMID order."""
    sql = "SELECT pmid, xml FROM records WHERE parser IS NOT ? ORDER BY pmid LIMIT ?"
    return store.db.execute(sql, [parser, limit]).fetchall()


def count_to_reparse(store: Store, parser: str) -> int:
    """Returns how many kept records this parser has not read."""
    return int(store.db.execute("SELECT count(*) FROM records WHERE parser IS NOT ?", [parser]).fetchone()[0])


def _held(store: Store, pmids: Sequence[int]) -> dict[int, Held]:
    columns = ", ".join(f"articles.{column}" for column in ARTICLE_COLUMNS)
    found: dict[int, Held] = {}
    for chunk in chunks(pmids):
        marks = ",".join("?" * len(chunk))
        notices: dict[int, set[tuple[str, int | None]]] = {}
        sql = f"SELECT pmid, kind, ref_pmid FROM notices WHERE pmid IN ({marks})"
        for pmid, kind, ref_pmid in store.db.execute(sql, list(chunk)):
            notices.setdefault(pmid, set()).add((kind, ref_pmid))
        sql = (
            "SELECT records.version, articles.vanished, records.xml, coalesce(runs.kind, '') = 'harvest', "
            f"records.source, deletions.source, records.medline, {columns} FROM articles "
            f"LEFT JOIN records USING (pmid) LEFT JOIN runs ON runs.id = records.run_id "
            "LEFT JOIN deletions ON deletions.pmid = articles.pmid "
            f"WHERE articles.pmid IN ({marks})"
        )
        for version, vanished, xml, live, source, deleted_by, medline, *row in store.db.execute(sql, list(chunk)):
            values = dict(zip(ARTICLE_COLUMNS, row, strict=True))
            found[values["pmid"]] = Held(
                values["version"] if version is None else version,
                values["revised_date"],
                bool(vanished),
                bool(values["retracted"]),
                _unpacked(xml),
                tuple(row),
                frozenset(notices.get(values["pmid"], ())),
                bool(live),
                source,
                deleted_by,
                bool(medline),
            )
    return found


def _reads_otherwise(store: Store, article: Article, held: Held) -> bool:
    """Says whether an article differs from what is stored of it, in any column or part that PubMed's record fills.

    That others call it retracted, and their notices, are no part of the record.
    """
    stored = held.row
    if held.retracted and not article.retracted and _said_retracted(store, article.pmid):
        place = ARTICLE_COLUMNS.index("retracted")
        stored = (*stored[:place], 0, *stored[place + 1 :])
    if article_row(article) != stored:
        return True
    for table, part in PARTS.items():
        columns = f"pmid, position, {', '.join(part.columns.split())}"
        own = " AND said_by = 'pubmed'" if table == "notices" else ""
        rows = store.db.execute(f"SELECT {columns} FROM {table} WHERE pmid = ?{own}", [article.pmid]).fetchall()
        if sorted(rows, key=repr) != sorted(part_rows(table, article), key=repr):
            return True
    return False


def _said_retracted(store: Store, pmid: int) -> bool:
    sql = f"SELECT 1 FROM articles WHERE pmid = ? AND ({SAID_RETRACTED})"
    return store.db.execute(sql, [pmid]).fetchone() is not None


def _write(store: Store, articles: Sequence[Article], held: set[int], at: str) -> None:
    many = store.db.conn.executemany
    known = [article for article in articles if article.pmid in held]
    stale = _read_by_tagger(store, known)
    seen = first_seen(store.db, [article.pmid for article in known])
    many(UPSERT_ARTICLE, map(article_row, articles))
    for table in PARTS:
        if known:
            many(f"DELETE FROM {table} WHERE pmid = ?", [(article.pmid,) for article in known])
        many(INSERT_PART[table], (row for article in articles for row in part_rows(table, article)))
    complete_notices(store.db, [article.pmid for article in articles], seen, at)
    _forget_stale_tags(store, known, stale)


def _keep_records(store: Store, run_id: int, articles: Sequence[Article], fetched_at: str, origin: Origin) -> None:
    """Keeps what PubMed sent; that a later file of NLM's named the article before counts on."""
    columns = "pmid version xml fetched_at run_id parser medline source named_in".split()
    replaced = ", ".join(f"{name} = excluded.{name}" for name in columns[1:-1])
    store.db.conn.executemany(
        f"INSERT INTO records ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT (pmid) DO UPDATE SET {replaced}, named_in = CASE WHEN excluded.named_in < named_in "
        f"OR (excluded.named_in IS NULL AND {int(not origin.live)}) THEN named_in ELSE excluded.named_in END",
        (
            (
                *(a.pmid, a.version, zlib.compress(a.xml, _COMPRESSION), fetched_at, run_id),
                *(origin.parser, origin.medline, origin.source, origin.source),
            )
            for a in articles
        ),
    )


def _confirm(
    store: Store, run_id: int, same: Sequence[int], named: Sequence[int], fetched_at: str, origin: Origin
) -> None:
    """Writes down what else is known of records that stand as they are.

    That PubMed itself gives them, that they stand in a later file of NLM's too (`same`), or that such a file names
    their articles with an older revision (`named`).
    """
    many = store.db.conn.executemany
    if origin.live:
        sql = (
            "UPDATE records SET run_id = ?, fetched_at = ?, source = NULL, named_in = NULL WHERE pmid = ? "
            "AND run_id NOT IN (SELECT id FROM runs WHERE kind = 'harvest')"
        )
        many(sql, [(run_id, fetched_at, pmid) for pmid in same])
    elif origin.source:
        later = [(origin.source, pmid, origin.source) for pmid in same]
        many("UPDATE records SET source = ? WHERE pmid = ? AND source < ?", later)
        named_in = [(origin.source, pmid, origin.source) for pmid in [*same, *named]]
        many("UPDATE records SET named_in = ? WHERE pmid = ? AND coalesce(named_in, '') < ?", named_in)


def _read_by_tagger(store: Store, articles: Sequence[Article]) -> dict[int, tuple[Any, ...]]:
    """Returns what a tagger read of each article as it stands in the store."""
    read: dict[int, tuple[Any, ...]] = {}
    for article in articles:
        pmid = article.pmid
        hashed = store.db.execute("SELECT text_hash FROM articles WHERE pmid = ?", [pmid]).fetchone()
        terms = [
            store.db.execute(f"SELECT term FROM {table} WHERE pmid = ? ORDER BY position", [pmid]).fetchall()
            for table in _READ_BY_TAGGER
        ]
        read[pmid] = (hashed[0], terms)
    return read


def _forget_stale_tags(store: Store, articles: Sequence[Article], before: dict[int, tuple[Any, ...]]) -> None:
    """Removes tags of texts that changed, and marks for re-tagging where only the indexing did."""
    now = _read_by_tagger(store, articles)
    for pmid, (text_hash, terms) in before.items():
        if now[pmid][0] != text_hash:
            for table in TAG_TABLES:
                store.db.execute(f"DELETE FROM {table} WHERE pmid = ?", [pmid])
            store.db.execute(_FORGET_FACTS, [pmid])
            unseal(store.db.conn, "tags", pmid)
        elif now[pmid][1] != terms:
            store.db.execute("UPDATE articles SET tagger = NULL WHERE pmid = ?", [pmid])


def _unpacked(xml: bytes | None) -> bytes:
    """Returns a kept record; empty where it is lost or damaged, so that the next one to arrive takes its place."""
    try:
        return zlib.decompress(xml) if xml else b""
    except zlib.error:
        return b""
