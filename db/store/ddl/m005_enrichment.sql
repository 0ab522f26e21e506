-- What services beside PubMed tell: notices by who said them, trials, citations, full text, preprints.
ALTER TABLE articles ADD COLUMN source TEXT NOT NULL DEFAULT 'pubmed' CHECK (source IN ('pubmed', 'europe pmc'));
ALTER TABLE articles ADD COLUMN cites_retracted INTEGER NOT NULL DEFAULT 0 CHECK (cites_retracted IN (0, 1));
ALTER TABLE notices ADD COLUMN said_by TEXT NOT NULL DEFAULT 'pubmed'
  CHECK (said_by IN ('pubmed', 'crossref', 'retraction watch'));
ALTER TABLE notices ADD COLUMN first_seen TEXT;
ALTER TABLE notices ADD COLUMN date TEXT;

-- Where each service stands: the day of its data, what to ask from, the mark of its file.
CREATE TABLE service_state (
  service TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (service, name)
) STRICT, WITHOUT ROWID;

-- When a service was last asked about an article, whether it knew it or not.
CREATE TABLE service_asked (
  service TEXT NOT NULL,
  pmid INTEGER NOT NULL,
  asked_at TEXT NOT NULL,
  known INTEGER NOT NULL CHECK (known IN (0, 1)),
  PRIMARY KEY (service, pmid)
) STRICT, WITHOUT ROWID;

CREATE TABLE trials (
  nct_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('about HO', 'measures HO')),
  title TEXT NOT NULL,
  official_title TEXT,
  acronym TEXT,
  status TEXT,
  study_type TEXT,
  phase TEXT,
  enrollment INTEGER,
  enrollment_type TEXT,
  sponsor TEXT,
  summary TEXT,
  start_date TEXT,
  primary_completion_date TEXT,
  completion_date TEXT,
  first_posted TEXT,
  results_posted TEXT,
  last_update TEXT,
  has_results INTEGER NOT NULL CHECK (has_results IN (0, 1)),
  why_stopped TEXT,
  conditions TEXT,
  keywords TEXT,
  interventions TEXT,
  primary_outcomes TEXT,
  outcomes TEXT,
  countries TEXT,
  aliases TEXT,
  other_ids TEXT,
  data_date TEXT,
  fetched_at TEXT NOT NULL,
  vanished INTEGER NOT NULL DEFAULT 0 CHECK (vanished IN (0, 1)),
  tagger TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX trials_status ON trials (status);

CREATE TABLE trial_references (
  nct_id TEXT NOT NULL REFERENCES trials (nct_id) ON DELETE CASCADE,
  pmid INTEGER NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (nct_id, pmid, kind)
) STRICT, WITHOUT ROWID;

-- The article need not be held: a trial's entry may name one that the query does not find.
CREATE TABLE trial_articles (
  nct_id TEXT NOT NULL REFERENCES trials (nct_id) ON DELETE CASCADE,
  pmid INTEGER NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('databank', 'text', 'registry')),
  kind TEXT,
  PRIMARY KEY (nct_id, pmid, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX trial_articles_pmid ON trial_articles (pmid);

CREATE TABLE trial_tags (
  nct_id TEXT NOT NULL REFERENCES trials (nct_id) ON DELETE CASCADE,
  concept_id TEXT NOT NULL REFERENCES concepts (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  direct INTEGER NOT NULL CHECK (direct IN (0, 1)),
  PRIMARY KEY (nct_id, concept_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX trial_tags_concept_id ON trial_tags (concept_id, nct_id);

CREATE TABLE trial_changes (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  nct_id TEXT NOT NULL REFERENCES trials (nct_id) ON DELETE CASCADE,
  change TEXT NOT NULL CHECK (change IN ('new', 'status', 'results posted', 'vanished', 'returned')),
  at TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY (run_id, nct_id, change)
) STRICT, WITHOUT ROWID;
CREATE INDEX trial_changes_nct_id ON trial_changes (nct_id);

CREATE TABLE citations (
  pmid INTEGER PRIMARY KEY REFERENCES articles (pmid) ON DELETE CASCADE,
  citation_count INTEGER,
  rcr REAL,
  nih_percentile REAL,
  citations_per_year REAL,
  clinical_citations INTEGER,
  provisional INTEGER CHECK (provisional IN (0, 1)),
  as_of TEXT,
  fetched_at TEXT NOT NULL
) STRICT;
CREATE INDEX citations_count ON citations (citation_count DESC, pmid DESC);

-- Every citation that an answer about a held article names; either end may be outside the store.
CREATE TABLE citation_pairs (
  said_of INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  citing INTEGER NOT NULL,
  cited INTEGER NOT NULL,
  PRIMARY KEY (said_of, citing, cited)
) STRICT, WITHOUT ROWID;
CREATE INDEX citation_pairs_cited ON citation_pairs (cited, citing);

-- Citations among held articles.
CREATE TABLE citation_edges (
  citing INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  cited INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  PRIMARY KEY (citing, cited)
) STRICT, WITHOUT ROWID;
CREATE INDEX citation_edges_cited ON citation_edges (cited, citing);

-- Articles outside the store that held ones cite: does the query miss any?
CREATE TABLE recall_candidates (
  pmid INTEGER PRIMARY KEY,
  cited_by INTEGER NOT NULL,
  title TEXT,
  journal TEXT,
  year INTEGER,
  words TEXT,
  fetched_at TEXT NOT NULL
) STRICT;

CREATE TABLE full_text_answers (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  service TEXT NOT NULL,
  url TEXT,
  license TEXT,
  pmcid TEXT,
  released TEXT,
  fetched_at TEXT NOT NULL,
  PRIMARY KEY (pmid, service)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
  pmid INTEGER PRIMARY KEY REFERENCES articles (pmid) ON DELETE CASCADE,
  url TEXT NOT NULL,
  license TEXT,
  source TEXT NOT NULL
) STRICT;

-- What Crossref and Retraction Watch say, in full; what holds of it stands in notices.
CREATE TABLE notice_claims (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  said_by TEXT NOT NULL CHECK (said_by IN ('crossref', 'retraction watch')),
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  date TEXT,
  source TEXT,
  ref_pmid INTEGER,
  reasons TEXT,
  first_seen TEXT NOT NULL,
  PRIMARY KEY (pmid, said_by, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE preprints (
  pmid INTEGER PRIMARY KEY REFERENCES articles (pmid) ON DELETE CASCADE,
  identifier TEXT NOT NULL UNIQUE,
  server TEXT,
  doi TEXT,
  published_pmid INTEGER,
  fetched_at TEXT NOT NULL
) STRICT;
CREATE INDEX preprints_published_pmid ON preprints (published_pmid);
