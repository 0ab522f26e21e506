-- The topic of a store: its id is what `articles.topic` says of an article on it, so the two closed lists that named one
-- disease open. A CHECK says nothing about what is stored already, so it may be changed in the schema's text alone.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'topic TEXT CHECK (topic IN (''ho'', ''not_ho''))', 'topic TEXT')
WHERE type = 'table' AND name = 'articles';
UPDATE sqlite_schema
SET sql = replace(sql, 'kind TEXT NOT NULL CHECK (kind IN (''about HO'', ''measures HO''))', 'kind TEXT NOT NULL')
WHERE type = 'table' AND name = 'trials';
PRAGMA writable_schema = RESET;
-- Every store from before is on this one.
INSERT INTO properties (name, value) SELECT 'topic', 'ho'
WHERE EXISTS (SELECT 1 FROM articles) OR EXISTS (SELECT 1 FROM runs);
