-- Of each file the places of the articles whose text, for the same PMID, an earlier file or place holds already.
WITH again AS (SELECT pmid FROM read_parquet($records) WHERE kind = 'article' GROUP BY pmid HAVING count(*) > 1),
numbered AS (
    SELECT r.file, r.position, row_number() OVER (PARTITION BY r.pmid, r.tag_key ORDER BY f.place, r.position) AS nth
    FROM read_parquet($records) r SEMI JOIN again USING (pmid) JOIN files f ON f.name = r.file
    WHERE r.kind = 'article'
)
SELECT file, list(position ORDER BY position) AS positions FROM numbered WHERE nth > 1 GROUP BY file
