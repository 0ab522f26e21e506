-- Hashes over what nothing else in the store can be checked against: tags of an article, decisions, ended runs.
CREATE TABLE seals (
  kind TEXT NOT NULL CHECK (kind IN ('tags', 'decision', 'run')),
  number INTEGER NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
