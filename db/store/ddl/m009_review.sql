-- What people decide besides tags: findings and marked words; what is undone; what the tagger itself said; queues.
ALTER TABLE decisions ADD COLUMN target TEXT;
ALTER TABLE decisions ADD COLUMN value TEXT;
ALTER TABLE decisions ADD COLUMN was TEXT;
ALTER TABLE findings ADD COLUMN decided TEXT CHECK (decided IN ('accept', 'add', 'correct'));
CREATE INDEX findings_conflict ON findings (pmid) WHERE conflict IS NOT NULL;
CREATE INDEX mentions_unsure ON mentions (pmid, concept_id, confidence) WHERE confidence < 0.7;

-- The tagger's own output for articles that a person decided on, so that a decision is applied and undone at once.
CREATE TABLE readings (
  pmid INTEGER PRIMARY KEY REFERENCES articles (pmid) ON DELETE CASCADE,
  text_hash TEXT NOT NULL,
  reading TEXT NOT NULL
) STRICT;

-- Where each reviewer stands in each queue of the review page.
CREATE TABLE queue_places (
  who TEXT NOT NULL,
  queue TEXT NOT NULL,
  place TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (who, queue)
) STRICT, WITHOUT ROWID;

-- A store of before lost what was rejected when it was tagged: tagged anew, its articles get a reading.
UPDATE articles SET tagger = NULL WHERE pmid IN (SELECT pmid FROM decisions WHERE concept_id IS NOT NULL);
