-- Which records hold: of each PMID the newest revision (version, then DateRevised; on a tie PubMed's XML before MEDLINE
-- text, then the later file and row), unless a later file, or the end of the same one, deletes it. The rules of the
-- import. All that orders two revisions is one number, so that a group is three numbers in memory and 40 million fit.
WITH rows AS (
    SELECT r.pmid, r.kind, f.place,
           ((((r.version::HUGEINT * 100000000 + rpad(replace(coalesce(r.revised_date, ''), '-', ''), 8, '0')::HUGEINT)
             * 2 + (NOT f.medline)::HUGEINT) << 24) + f.place << 32) + r.position AS rank
    FROM read_parquet($records) r JOIN files f ON f.name = r.file
    WHERE r.pmid IS NOT NULL
),
newest AS (
    SELECT pmid,
           max(rank) FILTER (WHERE kind = 'article') AS rank,
           max(place) FILTER (WHERE kind = 'article') AS named,
           max(place) FILTER (WHERE kind = 'deletion') AS deleted
    FROM rows GROUP BY pmid
)
SELECT n.pmid, f.name AS file, n.rank % 4294967296 AS position
FROM newest n JOIN files f ON f.place = (n.rank >> 32) % 16777216
WHERE n.named > coalesce(n.deleted, -1)
ORDER BY n.pmid
