-- Saved searches of trials: up to which run each has told of a trial, and whether the trial is in it.
CREATE TABLE search_trials (
  search TEXT NOT NULL,
  nct_id TEXT NOT NULL REFERENCES trials (nct_id) ON DELETE CASCADE,
  run_id INTEGER NOT NULL,
  inside INTEGER NOT NULL CHECK (inside IN (0, 1)),
  PRIMARY KEY (search, nct_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_trials_nct_id ON search_trials (nct_id);

-- The articles that are known as a trial's own, so that each is told once.
CREATE TABLE trial_reports (
  nct_id TEXT NOT NULL REFERENCES trials (nct_id) ON DELETE CASCADE,
  pmid INTEGER NOT NULL,
  PRIMARY KEY (nct_id, pmid)
) STRICT, WITHOUT ROWID;

-- What a store of an older version holds is no news.
INSERT INTO trial_reports (nct_id, pmid)
SELECT DISTINCT nct_id, pmid FROM trial_articles
WHERE (source = 'registry' AND kind = 'RESULT')
   OR ((source <> 'registry' OR kind = 'DERIVED') AND pmid NOT IN (SELECT pmid FROM articles WHERE tagger IS NULL));
