-- What a tagger says of the articles that hold, and the concepts that it says it in.
CREATE VIEW concepts AS SELECT * FROM read_parquet($concepts);
CREATE VIEW tagged AS
    SELECT t.* EXCLUDE (file, position) FROM read_parquet($tags) t
    SEMI JOIN articles a ON a.pmid = t.pmid AND a.tag_key = t.tag_key;
CREATE VIEW mentions AS SELECT pmid, unnest(mentions, max_depth := 2) FROM tagged;
CREATE VIEW findings AS SELECT pmid, unnest(findings, max_depth := 2) FROM tagged;
CREATE VIEW results AS SELECT pmid, unnest(results, max_depth := 2) FROM tagged
