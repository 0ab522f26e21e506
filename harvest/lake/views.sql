-- The tables that questions are asked of: all rows, which of them hold, and the articles that hold.
CREATE VIEW records AS SELECT * FROM read_parquet($records);
CREATE VIEW current AS SELECT * FROM read_parquet($current);
CREATE VIEW articles AS
    SELECT r.* EXCLUDE (kind, reason) FROM records r SEMI JOIN current c ON r.file = c.file AND r.position = c.position
