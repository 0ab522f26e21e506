-- Which records hold: of each PMID the newest revision (version, then DateRevised; on a tie PubMed's XML before MEDLINE
-- text, then the later file), unless a later file, or the end of the same one, deletes it. The rules of the import.
WITH rows AS (
    SELECT r.pmid, r.kind, r.position, r.version, coalesce(r.revised_date, '') AS revised, f.place, f.medline, r.file
    FROM read_parquet($records) r JOIN files f ON f.name = r.file
    WHERE r.pmid IS NOT NULL
),
named AS (
    SELECT pmid,
           max(place) AS last_place,
           arg_max({'file': file, 'position': position}, (version, revised, NOT medline, place, position)) AS newest
    FROM rows WHERE kind = 'article' GROUP BY pmid
),
deleted AS (SELECT pmid, max(place) AS place FROM rows WHERE kind = 'deletion' GROUP BY pmid)
SELECT named.pmid, named.newest.file AS file, named.newest.position AS position
FROM named LEFT JOIN deleted USING (pmid)
WHERE deleted.place IS NULL OR deleted.place < named.last_place
ORDER BY named.pmid
