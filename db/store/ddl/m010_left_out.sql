-- What files held and the store left out: an earlier revision, on the topic, may come in another file later.
CREATE TABLE left_out (
  batch_id INTEGER PRIMARY KEY REFERENCES batches (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  place TEXT,
  lowest INTEGER NOT NULL,
  highest INTEGER NOT NULL,
  revisions BLOB NOT NULL
) STRICT;
ALTER TABLE records ADD COLUMN medline INTEGER NOT NULL DEFAULT 0 CHECK (medline IN (0, 1));
-- The last of NLM's files that named an article; `source` is the one that its record stands in.
ALTER TABLE records ADD COLUMN named_in TEXT;
UPDATE records SET named_in = source;
