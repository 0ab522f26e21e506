"""Reads a plain list of PMIDs, as people paste, mail and save them."""

import re

from db.errors import TrackerError
from db.select.suggest import shown

#: What may stand beside the numbers: "PMID:", a link to PubMed, quotes, a comment after #.
_BESIDE = re.compile(
    r"pmid:?|https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/|/(?=[\s,;\"']|$)|[\"']|#.*",
    re.IGNORECASE,
)


class PmidListError(TrackerError):
    """A list of PMIDs in which something else stands."""


def read_pmids(text: str, name: str) -> list[int]:
    """Returns the PMIDs of a text as they stand, parted by blanks, commas, semicolons or line ends.

    Raises PmidListError, which tells the line of the text called `name`, for what is no PMID.
    """
    found: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        for word in re.split(r"[\s,;]+", _BESIDE.sub(" ", line).strip()):
            if not word:
                continue
            if not (word.isascii() and word.isdigit() and len(word) < 12 and int(word)):
                raise PmidListError(f"{name}, line {number}: {shown(word)} is no PMID; write numbers, one a line")
            found.append(int(word))
    return found


def is_pmid_list(text: str) -> bool:
    """Says whether a text looks like a list of PMIDs: its first line that says anything holds nothing else."""
    lines = (_BESIDE.sub(" ", line).replace(",", " ").replace(";", " ") for line in text.splitlines())
    first = next((line.split() for line in lines if line.strip()), [])
    return bool(first) and all(word.isascii() and word.isdigit() for word in first)
