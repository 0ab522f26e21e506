-- Concepts, what the tagger found, and what people decided.
CREATE TABLE concepts (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN
    ('intervention', 'risk factor', 'outcome', 'site', 'aetiology', 'diagnostic test', 'mechanism')),
  name TEXT NOT NULL,
  parent_id TEXT REFERENCES concepts (id),
  mesh_ui TEXT,
  synonyms TEXT NOT NULL,
  note TEXT,
  depth INTEGER NOT NULL,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX concepts_kind ON concepts (kind, position);
CREATE INDEX concepts_parent_id ON concepts (parent_id);

CREATE TABLE mentions (
  id INTEGER PRIMARY KEY,
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  field TEXT NOT NULL CHECK (field IN ('title', 'abstract')),
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  text TEXT NOT NULL,
  kind TEXT NOT NULL,
  concept_id TEXT REFERENCES concepts (id),
  sentence_start INTEGER NOT NULL,
  sentence_end INTEGER NOT NULL,
  section TEXT,
  assertion TEXT NOT NULL CHECK (assertion IN ('affirmed', 'negated', 'hedged')),
  cue TEXT,
  source TEXT NOT NULL,
  confidence REAL NOT NULL,
  tagger TEXT NOT NULL
) STRICT;
CREATE INDEX mentions_pmid ON mentions (pmid);
CREATE INDEX mentions_concept_id ON mentions (concept_id, pmid);

CREATE TABLE article_tags (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  concept_id TEXT NOT NULL REFERENCES concepts (id),
  kind TEXT NOT NULL,
  direct INTEGER NOT NULL CHECK (direct IN (0, 1)),
  mentions INTEGER NOT NULL,
  assertion TEXT NOT NULL CHECK (assertion IN ('affirmed', 'negated', 'hedged')),
  decided TEXT CHECK (decided IN ('accept', 'add')),
  PRIMARY KEY (pmid, concept_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX article_tags_kind ON article_tags (kind, concept_id, pmid);
CREATE INDEX article_tags_concept_id ON article_tags (concept_id, pmid);

CREATE TABLE findings (
  id INTEGER PRIMARY KEY,
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('effect', 'risk')),
  subject_id TEXT REFERENCES concepts (id),
  subject_text TEXT NOT NULL,
  comparator_text TEXT,
  outcome_id TEXT REFERENCES concepts (id),
  outcome_text TEXT,
  direction TEXT NOT NULL CHECK (direction IN
    ('increases', 'decreases', 'no difference', 'no association', 'unclear')),
  measure TEXT,
  value REAL,
  ci_low REAL,
  ci_high REAL,
  p_value TEXT,
  adjusted INTEGER CHECK (adjusted IN (0, 1)),
  field TEXT NOT NULL CHECK (field IN ('title', 'abstract')),
  sentence_start INTEGER NOT NULL,
  sentence_end INTEGER NOT NULL,
  section TEXT,
  cue TEXT,
  tagger TEXT NOT NULL
) STRICT;
CREATE INDEX findings_pmid ON findings (pmid);
CREATE INDEX findings_subject_id ON findings (subject_id, outcome_id, direction);
CREATE INDEX findings_outcome_id ON findings (outcome_id);

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  concept_id TEXT,
  kind TEXT,
  verdict TEXT NOT NULL CHECK (verdict IN ('accept', 'reject', 'add', 'include', 'exclude', 'maybe')),
  who TEXT NOT NULL,
  "when" TEXT NOT NULL,
  reason TEXT,
  source TEXT,
  text_hash TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_pmid ON decisions (pmid, concept_id);
