"""What `publish` works out once for the pages: indexes, similar articles, decisions in force, the build's stamp."""

import uuid
from collections.abc import Iterable

from sqlite_utils import Database

from db.evidence.similar import build_similar
from db.per_build import STAMP
from db.store.people.verdicts import Standing

_INDEXES = """
CREATE INDEX IF NOT EXISTS findings_estimate ON findings (pmid) WHERE value IS NOT NULL;
CREATE INDEX IF NOT EXISTS articles_newest ON articles (publication_date DESC, pmid DESC);
CREATE INDEX IF NOT EXISTS articles_topic ON articles (topic);
CREATE INDEX IF NOT EXISTS articles_vanished ON articles (vanished);
CREATE INDEX IF NOT EXISTS articles_level ON articles (evidence_level, publication_date DESC, pmid DESC);
CREATE INDEX IF NOT EXISTS articles_size ON articles (sample_size DESC, publication_date DESC, pmid DESC)
"""


CREATE_VERDICTS = """
CREATE TABLE IF NOT EXISTS verdicts (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  target TEXT NOT NULL,
  concept_id TEXT,
  about TEXT NOT NULL,
  verdict TEXT NOT NULL,
  who TEXT,
  "when" TEXT NOT NULL,
  reason TEXT,
  text_changed INTEGER NOT NULL,
  PRIMARY KEY (pmid, target)
) STRICT, WITHOUT ROWID
"""


def build_verdicts(db: Database, standing: Iterable[Standing], names: bool) -> None:
    """Adds people's decisions in force to a file that is being built; who decided only where `names` says so."""
    db.conn.execute(CREATE_VERDICTS)
    concepts = dict(db.execute("SELECT id, name FROM concepts").fetchall())
    rows = (
        (
            *(one.pmid, one.key, one.concept_id, one.about(concepts), one.verdict, one.who if names else None),
            *(one.when, one.reason, int(one.text_changed)),
        )
        for one in standing
    )
    db.conn.executemany("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def build_summaries(db: Database) -> None:
    """Adds to a published file what only the pages need; called inside the build, before the file is served."""
    db.conn.execute(CREATE_VERDICTS)
    for statement in _INDEXES.strip().split(";\n"):
        db.conn.execute(statement)
    build_similar(db.conn)
    db.conn.execute(
        "INSERT INTO properties (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [STAMP, uuid.uuid4().hex],
    )
