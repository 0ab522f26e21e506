-- What was fetched, when, for which query, and what it changed.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('harvest', 'import', 'tag', 'publish', 'nightly')),
  status TEXT NOT NULL CHECK (status IN ('running', 'done', 'partial', 'postponed', 'stopped', 'failed')),
  started_at TEXT NOT NULL,
  finished_at TEXT,
  query TEXT,
  query_name TEXT,
  query_version TEXT,
  query_hash TEXT,
  pubmed_translation TEXT,
  warnings TEXT,
  sweep INTEGER NOT NULL DEFAULT 0 CHECK (sweep IN (0, 1)),
  window_from TEXT,
  window_to TEXT,
  pubmed_count INTEGER,
  held_count INTEGER,
  new INTEGER NOT NULL DEFAULT 0,
  revised INTEGER NOT NULL DEFAULT 0,
  retracted INTEGER NOT NULL DEFAULT 0,
  vanished INTEGER NOT NULL DEFAULT 0,
  returned INTEGER NOT NULL DEFAULT 0,
  retagged INTEGER NOT NULL DEFAULT 0,
  requests INTEGER NOT NULL DEFAULT 0,
  seconds REAL,
  software TEXT,
  message TEXT
) STRICT;

CREATE TABLE batches (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('fetch', 'file')),
  state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'replaced')),
  reason TEXT,
  pmids TEXT,
  pmid_count INTEGER,
  source TEXT,
  checksum TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  message TEXT,
  finished_at TEXT,
  UNIQUE (run_id, position)
) STRICT;
CREATE INDEX batches_state ON batches (state, run_id);
CREATE INDEX batches_checksum ON batches (checksum);

-- What the last harvest saw dated within its window of changes: tonight's overlap fetches only what was not there.
CREATE TABLE listed (
  pmid INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE changes (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  change TEXT NOT NULL CHECK (change IN ('new', 'revised', 'retracted', 'vanished', 'returned', 'retagged')),
  at TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY (run_id, pmid, change)
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_pmid ON changes (pmid);

CREATE TABLE records (
  pmid INTEGER PRIMARY KEY REFERENCES articles (pmid) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  xml BLOB NOT NULL,
  fetched_at TEXT NOT NULL,
  run_id INTEGER NOT NULL REFERENCES runs (id)
) STRICT;

CREATE TABLE properties (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
