"""The bundled sample: marked as made up, valid, odd where real records are, and equal to what Bio.Entrez reads."""

import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import Bio.Entrez
import pytest
from Bio import Entrez
from lxml import etree

from db.model import Article
from harvest.pubmed_xml import parse_article, parse_articles
from harvest.sample import sample_path
from harvest.topic import load_topic, matches

ARTICLES = {item.pmid: item for item in parse_articles(sample_path()) if isinstance(item, Article)}
_DTD = Path(Bio.Entrez.__file__).parent / "DTDs" / "pubmed_250101.dtd"
_TAGS = re.compile(r"</?(?:i|b|u|sup|sub|mml:[^>]*|DispFormula)\b[^>]*>")


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
    topic = load_topic()
    assert sum(bool(matches(article, topic)) for article in ARTICLES.values()) >= 60


def plain(text: str) -> str:
    """The text of what Bio.Entrez gives with escape=True, where tags stand as tags and signs as references."""
    return " ".join(unescape(_TAGS.sub("", text)).split())


def entrez_records() -> Iterator[tuple[int, Any]]:
    read = Entrez.read(io.BytesIO(sample_path().read_bytes()), escape=True)
    for record in read["PubmedArticle"]:
        yield int(record["MedlineCitation"]["PMID"]), record


@pytest.mark.parametrize(("pmid", "record"), [pytest.param(*pair, id=str(pair[0])) for pair in entrez_records()])
def test_the_sample_reads_as_bio_entrez_reads_it(pmid: int, record: Any) -> None:
    article, citation = ARTICLES[pmid], record["MedlineCitation"]
    source = citation["Article"]
    date = source["Journal"]["JournalIssue"]["PubDate"]
    ids = {str(known.attributes["IdType"]): str(known) for known in record["PubmedData"]["ArticleIdList"]}
    assert article.title == plain(source["ArticleTitle"])
    texts = source.get("Abstract", {}).get("AbstractText", [])
    assert (article.abstract or "") == "\n".join(plain(text) for text in texts)
    assert [(author.last_name, author.fore_name, author.collective_name) for author in article.authors] == [
        tuple(plain(author[key]) if key in author else None for key in ("LastName", "ForeName", "CollectiveName"))
        for author in source.get("AuthorList", [])
    ]
    assert article.journal == plain(source["Journal"]["Title"])
    assert article.year == int(re.findall(r"\d{4}", date.get("Year") or date["MedlineDate"])[0])
    assert (article.doi, article.pmcid) == (ids.get("doi"), ids.get("pmc"))
    assert [(heading.ui, heading.term) for heading in article.mesh_headings] == [
        (heading["DescriptorName"].attributes["UI"], plain(heading["DescriptorName"]))
        for heading in citation.get("MeshHeadingList", [])
    ]
    assert [(kind.ui, kind.term) for kind in article.publication_types] == [
        (kind.attributes["UI"], plain(kind)) for kind in source["PublicationTypeList"]
    ]
