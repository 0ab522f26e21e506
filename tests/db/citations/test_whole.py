"""Records of every kind as each format writes them whole: what changes in a line of theirs is looked at by a person.

`python -m tests.db.citations.test_whole` writes the files anew; read their diff before it is kept.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.citations import FORMATS, Options
from db.citations.records import CitationRecord
from db.model import ArticleId, Author, HistoryDate, Keyword, RegistryNumber, Term
from tests.support.zoo import CHAPTER, CONCERN, ELECTRONIC, FOREIGN, PLAIN, RETRACTED, SEASON, TEX

FOLDER = Path(__file__).parent / "whole"
RECORDS = (
    CitationRecord(
        replace(
            PLAIN,
            pmid=30_000_001,
            vernacular_title="Indometacin nach Hüftersatz.",
            abstract_copyright="© 2016 The Authors",
            investigators=(Author("Third", "Ina", "I", affiliation="Site 3."),),
            personal_name_subjects=(Author("Brooker", "A", "A"),),
            supplementary_concepts=(Term("C1", "Progressive bone"),),
            article_ids=(*PLAIN.article_ids, ArticleId("mid", "NIHMS1"), ArticleId("pii", "e2")),
            history=(*PLAIN.history, HistoryDate("accepted", "2015-07")),
            registry_numbers=(*PLAIN.registry_numbers, RegistryNumber("ISRCTN", "ISRCTN1", "abstract")),
            authors_complete=False,
            keywords=(*PLAIN.keywords, Keyword("weightless bone", True, "NASA")),
        ),
        False,
        "randomized controlled trial",
        "2",
        120,
        "human",
        (("intervention", "indomethacin"), ("outcome", "pain; at rest"), ("site", "hip")),
        "https://example.org/free/1",
    ),
    CitationRecord(RETRACTED, True),
    *(CitationRecord(article) for article in (CONCERN, FOREIGN, CHAPTER, TEX, ELECTRONIC, SEASON)),
    CitationRecord(
        replace(PLAIN, pmid=800_000_001, publication_types=(Term("D000076942", "Preprint"),), volume=None, pages=None)
    ),
)


def written(name: str) -> str:
    """What a format makes of the records, our tags and all."""
    return "".join(FORMATS[name].write(iter(RECORDS), Options()))


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_writes_what_it_wrote(name: str) -> None:
    held = (FOLDER / f"{name}.txt").read_bytes().decode("utf-8")
    assert written(name).splitlines() == held.splitlines()
    assert written(name) == held


def kept() -> Iterator[Path]:
    """The files that there should be."""
    return (FOLDER / f"{name}.txt" for name in FORMATS)


def test_no_file_is_left_of_a_format_that_is_gone() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {path.name for path in kept()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for format_name, path in zip(FORMATS, kept(), strict=True):
        path.write_bytes(written(format_name).encode("utf-8"))
