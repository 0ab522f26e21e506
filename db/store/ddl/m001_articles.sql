-- The bibliographic record, its parts, and what PubMed sent.
CREATE TABLE articles (
  pmid INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('article', 'book')),
  title TEXT NOT NULL,
  vernacular_title TEXT,
  abstract TEXT,
  abstract_copyright TEXT,
  authors TEXT,
  first_author TEXT,
  authors_complete INTEGER NOT NULL CHECK (authors_complete IN (0, 1)),
  journal TEXT,
  iso_abbreviation TEXT,
  medline_abbreviation TEXT,
  nlm_unique_id TEXT,
  issn TEXT,
  issn_type TEXT,
  issn_linking TEXT,
  country TEXT,
  year INTEGER,
  publication_date TEXT,
  publication_date_verbatim TEXT,
  electronic_date TEXT,
  publication_model TEXT,
  publication_status TEXT,
  volume TEXT,
  issue TEXT,
  pages TEXT,
  language TEXT,
  doi TEXT,
  pmcid TEXT,
  pii TEXT,
  status TEXT,
  indexing_method TEXT,
  created_date TEXT,
  completed_date TEXT,
  revised_date TEXT,
  entrez_date TEXT,
  conflict_of_interest TEXT,
  book_title TEXT,
  book_publisher TEXT,
  book_place TEXT,
  book_edition TEXT,
  book_isbn TEXT,
  book_medium TEXT,
  text_hash TEXT NOT NULL,
  retracted INTEGER NOT NULL CHECK (retracted IN (0, 1)),
  matched INTEGER NOT NULL DEFAULT 0 CHECK (matched IN (0, 1)),
  vanished INTEGER NOT NULL DEFAULT 0 CHECK (vanished IN (0, 1)),
  topic TEXT CHECK (topic IN ('ho', 'not_ho')),
  study_design TEXT,
  design_from_types TEXT,
  design_from_text TEXT,
  sample_size INTEGER,
  sample_size_text TEXT,
  species TEXT,
  evidence_level TEXT,
  follow_up TEXT,
  abstained INTEGER,
  tagger TEXT
) STRICT;
CREATE INDEX articles_year ON articles (year);
CREATE INDEX articles_study_design ON articles (study_design);
CREATE INDEX articles_evidence_level ON articles (evidence_level);
CREATE INDEX articles_species ON articles (species);
CREATE INDEX articles_journal ON articles (journal);
CREATE INDEX articles_language ON articles (language);
CREATE INDEX articles_retracted ON articles (retracted);
CREATE INDEX articles_tagger ON articles (tagger);
CREATE INDEX articles_publication_date ON articles (publication_date);
CREATE INDEX articles_sample_size ON articles (sample_size);
CREATE INDEX articles_doi ON articles (doi);
CREATE INDEX articles_matched ON articles (matched, vanished);

CREATE TABLE sections (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  label TEXT,
  category TEXT,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE authors (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  last_name TEXT,
  fore_name TEXT,
  initials TEXT,
  suffix TEXT,
  collective_name TEXT,
  orcid TEXT,
  affiliation TEXT,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX authors_last_name ON authors (last_name);

CREATE TABLE contributors (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('investigator', 'editor', 'subject')),
  position INTEGER NOT NULL,
  last_name TEXT,
  fore_name TEXT,
  initials TEXT,
  suffix TEXT,
  collective_name TEXT,
  orcid TEXT,
  affiliation TEXT,
  PRIMARY KEY (pmid, role, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE mesh_headings (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  ui TEXT NOT NULL,
  term TEXT NOT NULL,
  major INTEGER NOT NULL CHECK (major IN (0, 1)),
  qualifiers TEXT NOT NULL,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX mesh_headings_ui ON mesh_headings (ui, pmid);

CREATE TABLE publication_types (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  ui TEXT NOT NULL,
  term TEXT NOT NULL,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX publication_types_ui ON publication_types (ui, pmid);

CREATE TABLE keywords (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  term TEXT NOT NULL,
  major INTEGER NOT NULL CHECK (major IN (0, 1)),
  owner TEXT,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  ref_pmid INTEGER,
  source TEXT,
  note TEXT,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_kind ON notices (kind, pmid);
CREATE INDEX notices_ref_pmid ON notices (ref_pmid);

CREATE TABLE supplementary_concepts (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  ui TEXT NOT NULL,
  term TEXT NOT NULL,
  type TEXT,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE chemicals (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  ui TEXT NOT NULL,
  term TEXT NOT NULL,
  registry_number TEXT,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE registry_numbers (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  registry TEXT NOT NULL,
  number TEXT NOT NULL,
  found_in TEXT NOT NULL,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX registry_numbers_number ON registry_numbers (number, pmid);

CREATE TABLE grants (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  number TEXT,
  acronym TEXT,
  agency TEXT,
  country TEXT,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE article_ids (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE history_dates (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  status TEXT NOT NULL,
  date TEXT NOT NULL,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE other_abstracts (
  pmid INTEGER NOT NULL REFERENCES articles (pmid) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  type TEXT,
  language TEXT,
  text TEXT NOT NULL,
  PRIMARY KEY (pmid, position)
) STRICT, WITHOUT ROWID;
