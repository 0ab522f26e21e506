"""Numbers of preprints: how they live beside PMIDs without ever meeting one.

A preprint of Europe PMC, "PPR123456", is article 800123456. The range from 800,000,001 on is ours: PubMed has given
out some forty million numbers in thirty years and stands far below it, and the numbers above it are still short enough
for every place that takes a PMID. The number follows from the identifier alone, so that the same preprint has the same
number in every store, whatever the order in which preprints came.
"""

import re

FIRST, LAST = 800_000_001, 899_999_999
#: The publication type by which PubMed marks preprints too (MeSH).
PREPRINT_TYPE, PREPRINT_TERM = "D000076942", "Preprint"
#: Articles that are preprints, PubMed's own among them.
PREPRINTS_SQL = f"SELECT pmid FROM publication_types WHERE ui = '{PREPRINT_TYPE}'"

_IDENTIFIER = re.compile(r"PPR([1-9][0-9]{0,7})", re.ASCII)


def preprint_number(identifier: str) -> int | None:
    """Returns the article number of a preprint's identifier ("PPR123456"), None where it is no such identifier."""
    match = _IDENTIFIER.fullmatch(identifier)
    return FIRST - 1 + int(match[1]) if match else None


def is_preprint_number(pmid: int) -> bool:
    """Returns whether an article number is a preprint's and no PMID."""
    return FIRST <= pmid <= LAST


def preprint_identifier(pmid: int) -> str:
    """Returns Europe PMC's identifier of a preprint's number."""
    return f"PPR{pmid - FIRST + 1}"


def source_of(pmid: int) -> str:
    """Returns the name of the database that a record came from."""
    return "Europe PMC" if is_preprint_number(pmid) else "PubMed"


def article_address(pmid: int) -> str:
    """Returns the address of a record where it came from: PubMed, or Europe PMC for a preprint."""
    if is_preprint_number(pmid):
        return f"https://europepmc.org/article/PPR/{preprint_identifier(pmid)}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
