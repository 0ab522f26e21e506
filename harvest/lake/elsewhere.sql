-- Of each file the places of the articles whose text, for the same PMID, an earlier file or place holds already.
SELECT file, list(position ORDER BY position) AS positions
FROM (
    SELECT r.file, r.position, row_number() OVER (PARTITION BY r.pmid, r.tag_key ORDER BY f.place, r.position) AS nth
    FROM read_parquet($records) r JOIN files f ON f.name = r.file
    WHERE r.kind = 'article'
)
WHERE nth > 1
GROUP BY file
