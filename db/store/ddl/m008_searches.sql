-- Saved searches: which articles each has told, the lines of every digest, and who got it.
CREATE TABLE searches (
  name TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  words TEXT NOT NULL,
  after_run INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where a search stands, whether its entry can be read just now or not.
CREATE TABLE search_states (
  search TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  after_run INTEGER NOT NULL,
  began_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Why the last digest of a search was not written.
CREATE TABLE search_problems (
  search TEXT PRIMARY KEY,
  problem TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The articles that a search has told, or that it held before it began; `retracted`: that was told too.
CREATE TABLE search_articles (
  search TEXT NOT NULL,
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  retracted INTEGER NOT NULL CHECK (retracted IN (0, 1)),
  PRIMARY KEY (search, pmid)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_articles_pmid ON search_articles (pmid);

CREATE TABLE digest_entries (
  digest_id INTEGER NOT NULL REFERENCES digests (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  change TEXT NOT NULL,
  pmid INTEGER REFERENCES articles (pmid) ON DELETE CASCADE,
  nct_id TEXT REFERENCES trials (nct_id) ON DELETE CASCADE,
  detail TEXT,
  PRIMARY KEY (digest_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_entries_pmid ON digest_entries (pmid);
CREATE INDEX digest_entries_nct_id ON digest_entries (nct_id);

-- What is sent of a digest, as it was made; the content goes when nobody waits for it any more.
CREATE TABLE letters (
  digest_id INTEGER PRIMARY KEY REFERENCES digests (id) ON DELETE CASCADE,
  message_id TEXT NOT NULL,
  content BLOB
) STRICT;

CREATE TABLE deliveries (
  digest_id INTEGER NOT NULL REFERENCES letters (digest_id) ON DELETE CASCADE,
  way TEXT NOT NULL CHECK (way IN ('mail', 'file')),
  recipient TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given up', 'dropped')),
  attempts INTEGER NOT NULL DEFAULT 0,
  tried_at TEXT,
  answer TEXT,
  PRIMARY KEY (digest_id, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_state ON deliveries (state, digest_id);

-- Which citations by a trial or a guideline were told, or stood before anybody was told any.
CREATE TABLE told_citations (
  cited INTEGER NOT NULL,
  citing INTEGER NOT NULL,
  PRIMARY KEY (cited, citing)
) STRICT, WITHOUT ROWID
