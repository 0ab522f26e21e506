"""Integrity of the store: what must always hold, looked at row by row."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from db.errors import TrackerError
from db.model import Article
from db.sections import Section, text_hash
from db.store.records.article_rows import ARTICLE_COLUMNS, PARTS, column_value, part_rows
from db.store.records.changes import ORDER_WITHIN_A_RUN
from db.store.records.notice_rows import SAID_RETRACTED
from db.store.seals import broken_seals, unsealed
from db.store.store import Store

_SHOWN = 5
Parse = Callable[[bytes], Article]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold: which check, how many rows, and the first of them in words."""

    check: str
    count: int
    examples: tuple[str, ...]

    @property
    def words(self) -> str:
        """The problem in one line."""
        return f"{self.check}: {self.count} (" + "; ".join(self.examples) + ")"


def check_store(store: Store, parse: Parse | None = None) -> list[Problem]:
    """Runs every check and returns what does not hold, nothing where all is well.

    `parse` reads a record as PubMed sent it (harvest's parser): every column and part of every article is compared
    with what its record says. Without it that is left out.
    """
    problems = []
    checks = {**CHECKS, "what the records say": lambda opened: _said_by_records(opened, parse)} if parse else CHECKS
    for name, check in checks.items():
        try:
            found = list(check(store))
        except sqlite3.DatabaseError as error:
            found = [f"cannot be looked at: {error}"]
        if found:
            problems.append(Problem(name, len(found), tuple(found[:_SHOWN])))
    return problems


def _file(store: Store) -> Iterator[str]:
    for (said,) in store.db.execute("PRAGMA integrity_check"):
        if said != "ok":
            yield str(said)


def _references(store: Store) -> Iterator[str]:
    for table, row, parent, _ in store.db.execute("PRAGMA foreign_key_check"):
        yield f"{table} row {row} names a missing {parent}"


def _records(store: Store) -> Iterator[str]:
    sql = "SELECT pmid, xml FROM articles LEFT JOIN records USING (pmid) ORDER BY pmid"
    for pmid, packed in store.db.execute(sql):
        if packed is None:
            yield f"PMID {pmid} has no record"
            continue
        try:
            xml = zlib.decompress(packed)
        except zlib.error:
            yield f"the record of PMID {pmid} cannot be unpacked"
            continue
        if f">{pmid}<".encode() not in xml:
            yield f"the record of PMID {pmid} is another article's"


def _said_by_records(store: Store, parse: Parse) -> Iterator[str]:
    """Every column and part against the record it was read from; what the tagger and the ledger own is not in it."""
    columns = [column for column in ARTICLE_COLUMNS if column != "retracted"]  # other services may say so too
    names = ", ".join(columns)
    for pmid, packed in store.db.execute("SELECT pmid, xml FROM records ORDER BY pmid").fetchall():
        try:
            article = parse(zlib.decompress(packed))
        except zlib.error:
            continue  # said by the check of raw records
        except TrackerError as error:
            yield f"the record of PMID {pmid} cannot be read: {error}"
            continue
        held = store.db.execute(f"SELECT {names} FROM articles WHERE pmid = ?", [pmid]).fetchone()
        if held is None:
            yield f"the record of PMID {pmid} has no article"
            continue
        wrong = [name for name, value in zip(columns, held, strict=True) if value != column_value(article, name)]
        wrong += [table for table in PARTS if _part_differs(store, table, article, pmid)]
        if wrong:
            yield f"PMID {pmid}: {', '.join(wrong)} not as its record says; run: ho-tracker reparse"


def _part_differs(store: Store, table: str, article: Article, pmid: int) -> bool:
    columns = ", ".join(PARTS[table].columns.split())
    own = " AND said_by = 'pubmed'" if table == "notices" else ""
    sql = f"SELECT pmid, position, {columns} FROM {table} WHERE pmid = ?{own} ORDER BY position"
    return store.db.execute(sql, [pmid]).fetchall() != list(part_rows(table, article))


def _presence(store: Store) -> Iterator[str]:
    """Whether an article is there for PubMed and matched the query, against the ledger and what was fetched."""
    sql = (
        "SELECT pmid, change FROM changes WHERE change IN ('new', 'vanished', 'returned') "
        f"ORDER BY run_id, {ORDER_WITHIN_A_RUN}"
    )
    last = dict(store.db.execute(sql).fetchall())
    sql = "SELECT pmids FROM batches WHERE kind = 'fetch' AND state = 'done'"
    fetched = {int(pmid) for (text,) in store.db.execute(sql) for pmid in (text or "").split(",") if pmid}
    for pmid, vanished, matched in store.db.execute("SELECT pmid, vanished, matched FROM articles"):
        if vanished != (last.get(pmid) == "vanished"):
            yield f"PMID {pmid} is {'' if vanished else 'not '}marked as vanished, against the ledger"
        if matched != (pmid in fetched):
            yield f"PMID {pmid} is {'' if matched else 'not '}marked as fetched for the query, against the ledger"


_SEALED = {"tags": "the tags of PMID {}", "decision": "decision {}", "run": "run {}"}


def _seals(store: Store) -> Iterator[str]:
    for kind, number in broken_seals(store.db.conn):
        yield f"{_SEALED[kind].format(number)}: not as written, or gone"
    for kind, number in unsealed(store.db.conn):
        yield f"{_SEALED[kind].format(number)}: written by something else than ho-tracker"


def _texts(store: Store) -> Iterator[str]:
    sections: dict[int, list[Section]] = {}
    sql = 'SELECT pmid, label, category, start, "end" FROM sections ORDER BY pmid, position'
    for pmid, label, category, start, end in store.db.execute(sql):
        sections.setdefault(pmid, []).append(Section(label, category, start, end))
    for pmid, title, abstract, stored in store.db.execute("SELECT pmid, title, abstract, text_hash FROM articles"):
        if text_hash(title, abstract, tuple(sections.get(pmid, ()))) != stored:
            yield f"the text of PMID {pmid} is not the one its hash was made of"


def _mentions(store: Store) -> Iterator[str]:
    sql = (
        'SELECT mentions.id, pmid, field, start, "end", text, sentence_start, sentence_end, title, abstract '
        "FROM mentions JOIN articles USING (pmid)"
    )
    for number, pmid, field, start, end, text, first, last, title, abstract in store.db.execute(sql):
        whole = title if field == "title" else abstract or ""
        if whole[start:end] != text:
            yield f"mention {number} of PMID {pmid} is not where it says"
        elif not 0 <= first <= start < end <= last <= len(whole):
            yield f"mention {number} of PMID {pmid} stands outside its sentence"


def _findings(store: Store) -> Iterator[str]:
    sql = (
        "SELECT findings.id, pmid, field, sentence_start, sentence_end, title, abstract "
        "FROM findings JOIN articles USING (pmid)"
    )
    for number, pmid, field, first, last, title, abstract in store.db.execute(sql):
        if not 0 <= first < last <= len(title if field == "title" else abstract or ""):
            yield f"finding {number} of PMID {pmid} stands outside its text"


def _taggers(store: Store) -> Iterator[str]:
    for table in ("mentions", "findings", "results"):
        sql = (
            f"SELECT DISTINCT pmid FROM {table} JOIN articles USING (pmid) "
            f"WHERE articles.tagger IS NOT NULL AND articles.tagger <> {table}.tagger"
        )
        for (pmid,) in store.db.execute(sql):
            yield f"PMID {pmid} has {table} of another tagger than its own"


def _retractions(store: Store) -> Iterator[str]:
    sql = f"SELECT pmid, retracted FROM articles WHERE retracted <> ({SAID_RETRACTED})"
    for pmid, retracted in store.db.execute(sql):
        yield f"PMID {pmid} is {'' if retracted else 'not '}marked as retracted, against its types, notices and title"


def _trials(store: Store) -> Iterator[str]:
    """The status of a trial against what the ledger says of it; papers and searches against what they name."""
    sql = "SELECT nct_id, detail FROM trial_changes WHERE change IN ('new', 'status') ORDER BY run_id"
    last: dict[str, str | None] = {}
    for nct_id, detail in store.db.execute(sql):
        told = json.loads(detail) if detail else {}
        last[nct_id] = told.get("to", told.get("status"))
    for nct_id, status in store.db.execute("SELECT nct_id, status FROM trials ORDER BY nct_id"):
        if nct_id not in last or last[nct_id] != status:
            yield f"{nct_id} has another status than the ledger says"
    sql = (
        "SELECT DISTINCT nct_id FROM trial_changes, json_each(detail, '$.pmids') WHERE change = 'published' "
        "AND NOT EXISTS (SELECT 1 FROM trial_reports r WHERE r.nct_id = trial_changes.nct_id AND r.pmid = value)"
    )
    for (nct_id,) in store.db.execute(sql):
        yield f"{nct_id} was told to have a paper that is not known as its own"
    sql = "SELECT search, nct_id FROM search_trials WHERE run_id > (SELECT coalesce(max(id), 0) FROM runs)"
    for search, nct_id in store.db.execute(sql):
        yield f"the search {search} has told of {nct_id} up to a run that there is not"


def _batches(store: Store) -> Iterator[str]:
    """A batch that is done has all its articles in the store."""
    held = {pmid for (pmid,) in store.db.execute("SELECT pmid FROM articles")}
    for number, text in store.db.execute("SELECT id, pmids FROM batches WHERE kind = 'fetch' AND state = 'done'"):
        missing = [pmid for pmid in (text or "").split(",") if pmid and int(pmid) not in held]
        if missing:
            yield f"batch {number} is done, but PMID {missing[0]} is not stored"


def _details(store: Store) -> Iterator[str]:
    for run_id, pmid, detail in store.db.execute("SELECT run_id, pmid, detail FROM changes WHERE detail IS NOT NULL"):
        try:
            json.loads(detail)
        except ValueError:
            yield f"the change of PMID {pmid} in run {run_id} has no readable detail"


#: Every check by its name.
CHECKS: dict[str, Callable[[Store], Iterator[str]]] = {
    "the database file": _file,
    "references between tables": _references,
    "raw records": _records,
    "text hashes": _texts,
    "mentions": _mentions,
    "findings": _findings,
    "taggers": _taggers,
    "retractions": _retractions,
    "trials": _trials,
    "finished batches": _batches,
    "details of changes": _details,
    "who is there": _presence,
    "tags, decisions and runs as written": _seals,
}
