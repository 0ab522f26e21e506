"""What `publish` works out once so that no page has to: indexes, similar articles, and the stamp of the build."""

import uuid

from sqlite_utils import Database

from db.evidence.similar import build_similar
from db.per_build import STAMP

_INDEXES = """
CREATE INDEX IF NOT EXISTS findings_estimate ON findings (pmid) WHERE value IS NOT NULL;
CREATE INDEX IF NOT EXISTS articles_newest ON articles (publication_date DESC, pmid DESC);
CREATE INDEX IF NOT EXISTS articles_topic ON articles (topic);
CREATE INDEX IF NOT EXISTS articles_vanished ON articles (vanished);
CREATE INDEX IF NOT EXISTS articles_level ON articles (evidence_level, publication_date DESC, pmid DESC);
CREATE INDEX IF NOT EXISTS articles_size ON articles (sample_size DESC, publication_date DESC, pmid DESC)
"""


def build_summaries(db: Database) -> None:
    """Adds to a published file what only the pages need; called inside the build, before the file is served."""
    for statement in _INDEXES.strip().split(";\n"):
        db.conn.execute(statement)
    build_similar(db.conn)
    db.conn.execute(
        "INSERT INTO properties (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [STAMP, uuid.uuid4().hex],
    )
