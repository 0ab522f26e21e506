-- In which order files and nights had their say: NLM's file of a record, its deletions, and what each digest told.
ALTER TABLE records ADD COLUMN source TEXT;
ALTER TABLE runs ADD COLUMN reparsed INTEGER;
CREATE INDEX records_parser ON records (parser);

CREATE TABLE deletions (
  pmid INTEGER PRIMARY KEY,
  source TEXT NOT NULL
) STRICT;

CREATE TABLE digests (
  id INTEGER PRIMARY KEY,
  search TEXT,
  after_run INTEGER NOT NULL,
  last_run INTEGER NOT NULL,
  articles INTEGER NOT NULL,
  written_at TEXT NOT NULL
) STRICT;
CREATE INDEX digests_search ON digests (search, last_run);

-- The last night that ended wrote the last digest: the next one begins after all that had begun by then.
INSERT INTO digests (search, after_run, last_run, articles, written_at)
SELECT NULL, night.id - 1, (SELECT max(id) FROM runs WHERE started_at <= night.finished_at), 0, night.finished_at
FROM runs AS night WHERE night.kind = 'nightly' AND night.finished_at IS NOT NULL ORDER BY night.id DESC LIMIT 1;
