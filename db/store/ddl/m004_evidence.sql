-- What an effect was compared with, what it means for the patient, where its signs disagree, and what each arm showed.
ALTER TABLE concepts ADD COLUMN polarity TEXT CHECK (polarity IN ('less is better', 'more is better'));
ALTER TABLE findings ADD COLUMN comparator_id TEXT REFERENCES concepts (id);
ALTER TABLE findings ADD COLUMN comparator_class TEXT CHECK (comparator_class IN
  ('none or placebo', 'active', 'dose or timing', 'before', 'not read'));
ALTER TABLE findings ADD COLUMN effect TEXT CHECK (effect IN ('better', 'worse', 'no difference', 'unclear'));
ALTER TABLE findings ADD COLUMN conflict TEXT;
CREATE INDEX findings_comparator_id ON findings (comparator_id);

CREATE TABLE results (
  id INTEGER PRIMARY KEY,
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  arm_text TEXT NOT NULL,
  concept_id TEXT REFERENCES concepts (id),
  outcome_id TEXT REFERENCES concepts (id),
  outcome_text TEXT,
  events INTEGER,
  total INTEGER,
  percent REAL,
  mean REAL,
  sd REAL,
  unit TEXT,
  time TEXT,
  field TEXT NOT NULL CHECK (field IN ('title', 'abstract')),
  sentence_start INTEGER NOT NULL,
  sentence_end INTEGER NOT NULL,
  section TEXT,
  tagger TEXT NOT NULL
) STRICT;
CREATE INDEX results_pmid ON results (pmid);
CREATE INDEX results_concept_id ON results (concept_id);
CREATE INDEX results_outcome_id ON results (outcome_id);

-- Which parser read a record.
ALTER TABLE records ADD COLUMN parser TEXT;
