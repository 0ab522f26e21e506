"""What stands in several places of a record is settled once: dates, ids, pages, titles, trial numbers."""

from typing import Any

import pytest

from db.model import Article, ArticleId, HistoryDate, RegistryNumber
from harvest.pubmed.draft import BookDraft, Draft


def settled(**values: Any) -> Article:
    return Draft(**values).article(7, b"<x/>")


@pytest.mark.parametrize(
    ("year", "printed", "electronic", "expected"),
    [
        (2020, "2020-03", "2019-12-01", (2020, "2020-03")),
        (2020, None, "2019-12-01", (2020, None)),  # of the printed edition no more is known
        (None, None, "2019-12-01", (2019, "2019-12-01")),
        (None, None, "2019", (2019, "2019")),
        (None, None, None, (None, None)),
    ],
)
def test_the_date_is_that_of_the_printed_edition_where_there_is_one(
    year: int | None, printed: str | None, electronic: str | None, expected: tuple[int | None, str | None]
) -> None:
    found = settled(year=year, publication_date=printed, electronic_date=electronic)
    assert (found.year, found.publication_date) == expected


def test_ids_of_the_list_come_first_and_each_counts_once_whatever_its_case() -> None:
    listed = [ArticleId("doi", "10.1/Ab"), ArticleId("pmc", "PMC1"), ArticleId("doi", "10.1/Ab")]
    placed = [ArticleId("doi", "10.1/aB"), ArticleId("pii", "S1"), ArticleId("pii", "S1")]
    found = settled(article_ids=listed, locations=placed)
    assert found.article_ids == (*listed[:2], ArticleId("pii", "S1"))
    assert (found.doi, found.pmcid, found.pii, found.pages) == ("10.1/Ab", "PMC1", "S1", "S1")
    assert settled(article_ids=listed).article_ids == (*listed[:2],)
    assert settled(article_ids=[ArticleId("pii", "S2")]).pages is None  # the list's is the publisher's own
    assert settled(pages="3-9", locations=placed).pages == "3-9"


@pytest.mark.parametrize("title", ["", "[Not Available].", "[Not Available]", "Not Available.", "Not Available"])
def test_without_a_title_the_vernacular_one_stands_then_the_books(title: str) -> None:
    book = BookDraft(title="Bones")
    assert settled(title=title, vernacular_title="Os", book=book).title == "Os"
    assert settled(title=title, book=book).title == "Bones"
    assert settled(title=title).title == title
    assert settled(title="Own", vernacular_title="Os", book=book).title == "Own"


def test_a_trial_number_counts_once_and_as_the_databanks() -> None:
    listed = [RegistryNumber("ClinicalTrials.gov", "NCT01234567", "databank")]
    found = settled(title="On NCT01234567", abstract="NCT07654321 and nct01234567.", registry_numbers=listed)
    assert [(one.number, one.found_in) for one in found.registry_numbers] == [
        ("NCT01234567", "databank"), ("NCT07654321", "abstract"),
    ]  # fmt: skip
    twice = settled(title="On NCT07654321", abstract="NCT07654321.")
    assert [(one.number, one.found_in) for one in twice.registry_numbers] == [("NCT07654321", "title")]


def test_the_day_of_entry_is_that_of_its_own_status() -> None:
    history = (HistoryDate("received", "2019"), HistoryDate("entrez", "2020-01-02"), HistoryDate("entrez", "2021"))
    assert settled(history=history).entrez_date == "2020-01-02"
    assert settled(history=history[:1]).entrez_date is None


def test_abbreviations_and_issns_are_in_one_form() -> None:
    found = settled(medline_abbreviation="J Bone", issn="1234567x", issn_linking=" 1234-5678 ")
    assert (found.iso_abbreviation, found.issn, found.issn_linking) == ("J Bone", "1234-567X", "1234-5678")
    assert settled(medline_abbreviation="J Bone", iso_abbreviation="J. Bone").iso_abbreviation == "J. Bone"
