"""The bundled sample: marked as made up, valid, odd where real records are, and equal to what Bio.Entrez reads."""

from pathlib import Path

import Bio.Entrez
import pytest
from lxml import etree

from benchmarks.compare_with_biopython import Fields, entrez_fields, import_all, newest, read_bytes, stored_fields
from db.model import Article
from db.topics import topic_query
from harvest.pubmed.xml import parse_article, parse_articles
from harvest.sample import sample_path
from harvest.sync.topic import matches

ARTICLES = {item.pmid: item for item in parse_articles(sample_path()) if isinstance(item, Article)}
_DTD = Path(Bio.Entrez.__file__).parent / "DTDs" / "pubmed_250101.dtd"


def test_the_sample_has_records_and_says_that_they_are_made_up() -> None:
    assert len(ARTICLES) >= 72
    assert b"MADE UP" in sample_path().read_bytes()[:800]
    assert all(90000001 <= pmid < 91000000 for pmid in ARTICLES)
    assert all(article.doi is None or article.doi.startswith("10.5555/") for article in ARTICLES.values())


def test_the_sample_is_valid_under_pubmeds_dtd() -> None:
    dtd = etree.DTD(str(_DTD))
    assert dtd.validate(etree.parse(sample_path())), dtd.error_log


def test_the_sample_holds_the_odd_forms_that_pages_must_show() -> None:
    retracted = [article for article in ARTICLES.values() if article.retracted]
    assert [article.pmid for article in retracted] == [90000032]
    notices = {notice.kind for article in ARTICLES.values() for notice in article.notices}
    assert notices >= {"RetractionIn", "RetractionOf", "ErratumIn", "ExpressionOfConcernIn", "CommentIn"}
    assert [article.book.title for article in ARTICLES.values() if article.book] == ["MadeUpPearls"]
    assert {author.suffix for article in ARTICLES.values() for author in article.authors} >= {"Jr", "3rd"}
    assert any(author.collective_name for article in ARTICLES.values() for author in article.authors)
    assert any(article.vernacular_title for article in ARTICLES.values())
    assert {number.number for number in ARTICLES[90000001].registry_numbers} == {"NCT99990001"}
    assert ARTICLES[90000001].authors[0].orcid == "0000-0002-1825-0097"
    assert ARTICLES[90000209].authors[0].orcid == "0000-0002-1694-233X"
    assert ARTICLES[90000034].publication_date_verbatim == "2004 Nov-Dec"
    assert ARTICLES[90000034].publication_date == "2004-11"
    assert b"<sup>" in ARTICLES[90000029].xml


def test_every_stored_record_gives_its_article_again() -> None:
    assert [parse_article(article.xml) for article in ARTICLES.values()] == list(ARTICLES.values())


def test_most_of_the_sample_is_on_the_topic() -> None:
    topic = topic_query()
    assert sum(bool(matches(article, topic)) for article in ARTICLES.values()) >= 60


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Fields]:
    """What the tables hold after an import of the sample."""
    path = tmp_path_factory.mktemp("sample") / "ho.db"
    assert import_all([sample_path()], path) == 0
    return stored_fields(path)


READ_BY_ENTREZ = newest(entrez_fields(read_bytes(sample_path())))


def test_every_pmid_of_the_sample_is_stored(stored: dict[int, Fields]) -> None:
    assert set(stored) == set(READ_BY_ENTREZ) == set(ARTICLES)


@pytest.mark.parametrize("pmid", READ_BY_ENTREZ)
def test_the_stored_values_are_those_that_bio_entrez_reads(stored: dict[int, Fields], pmid: int) -> None:
    for name, value in READ_BY_ENTREZ[pmid].items():
        assert stored[pmid][name] == value, name
