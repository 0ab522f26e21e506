"""Articles to XML and back, and that the stored form of a record doesn't depend on how it was laid out or sent."""

import gzip
import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from db.model import Article, Author
from harvest.pubmed.write import write_article, write_set
from harvest.pubmed.xml import parse_article, parse_articles
from tests.support.article_strategies import articles, book_articles


def differences(found: Article, expected: Article) -> dict[str, tuple[object, object]]:
    """Names the fields in which two articles differ, their stored form left out."""
    pairs = {name: (getattr(found, name), getattr(expected, name)) for name in expected.__slots__ if name != "xml"}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _with_affiliations(*affiliations: str) -> Article:
    authors = tuple(Author(last_name="A", affiliation=affiliation) for affiliation in affiliations)
    return Article(pmid=1, version=1, title="T", abstract=None, xml=b"", authors=authors)


@settings(max_examples=50, deadline=None)
@given(articles() | book_articles())
@example(_with_affiliations("; 0", "A, B; C", "a; ; b", ";; b", "a ; b", ";"))
def test_an_article_comes_back_from_its_xml(article: Article) -> None:
    xml = write_article(article)
    parsed = parse_article(xml)
    assert differences(parsed, article) == {}
    assert parsed.xml == xml


@settings(max_examples=25, deadline=None)
@given(st.lists(articles() | book_articles(), min_size=1, max_size=3))
def test_a_stored_record_does_not_depend_on_how_it_was_laid_out(made: list[Article]) -> None:
    records = [write_article(article) for article in made]
    compact = write_set(records, "made up -> for a test")
    tree = etree.fromstring(compact)
    indented = etree.tostring(tree, pretty_print=True, encoding="utf-8", xml_declaration=True)
    root = ElementTree.fromstring(compact)  # noqa: S314  our own XML, another writer
    ElementTree.indent(root, "\t")
    elsewhere = ElementTree.tostring(root, encoding="us-ascii")  # characters as references, " />", no DOCTYPE
    for framing in (
        compact,
        indented,
        indented.replace(b"\n", b"\r\n"),
        gzip.compress(compact),
        elsewhere,
        b"\xef\xbb\xbf" + compact,
    ):
        stored = [item.xml for item in parse_articles(io.BytesIO(framing)) if isinstance(item, Article)]
        assert stored == records


@pytest.mark.parametrize("break_", [b"\n", b"\n    ", b"\r\n\t"])
def test_a_text_that_begins_with_markup_is_stored_the_same_on_its_own_line(break_: bytes) -> None:
    xml = write_article(Article(pmid=1, version=1, title="TITLE", abstract="ABSTRACT", xml=b""))
    compact = xml.replace(b"TITLE", b"<i>Acvr1</i> <b>mice</b> lose bone").replace(b"ABSTRACT", b"<b>Aim</b>\nTo see.")
    laid_out = compact.replace(b"><i>", b">" + break_ + b"<i>").replace(b"><b>Aim", b">" + break_ + b"<b>Aim")
    assert laid_out.count(break_) >= 2
    article, other = parse_article(compact), next(parse_articles(io.BytesIO(write_set([laid_out]))))
    assert other == article
    assert (article.title, article.abstract) == ("Acvr1 mice lose bone", "Aim To see.")


@settings(max_examples=50, deadline=None)
@given(articles() | book_articles())
def test_nothing_inside_a_record_is_lost(article: Article) -> None:
    xml = write_article(article)
    stored = parse_article(xml).xml
    before, after = etree.fromstring(xml), etree.fromstring(stored)
    assert [(element.tag, element.text, dict(element.attrib)) for element in before.iter()] == [
        (element.tag, element.text, dict(element.attrib)) for element in after.iter()
    ]


def test_a_file_a_gzip_file_and_a_stream_give_the_same(tmp_path: Path) -> None:
    xml = write_set([write_article(Article(pmid=1, version=1, title="A <b> & c", abstract=None, xml=b""))])
    plain, packed = tmp_path / "a.xml", tmp_path / "a.xml.gz"
    plain.write_bytes(xml)
    packed.write_bytes(gzip.compress(xml))
    assert list(parse_articles(plain)) == list(parse_articles(packed)) == list(parse_articles(io.BytesIO(xml)))
