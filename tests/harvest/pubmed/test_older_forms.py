"""Forms that only older files, books or hand-made files have: they are read like the usual ones, or refused by name."""

import io
from pathlib import Path

import pytest

from db.model import Article, BadRecord
from harvest.pubmed.errors import MissingFileError, NotPubmedXmlError, TruncatedInputError, UnsafeXmlError
from harvest.pubmed.xml import parse_article, parse_articles
from tests.harvest.pubmed.test_hardening import document, parse, pmids, record


def test_people_of_older_files_have_their_names_and_places() -> None:
    authors = (
        "<AuthorList CompleteYN='N'><Author><LastName>Adler</LastName><FirstName>Jana</FirstName>"
        "<Affiliation>First Place.</Affiliation></Author>"
        "<Author><LastName>Berg</LastName><ForeName>Carl</ForeName><AffiliationInfo><Affiliation>One.</Affiliation>"
        "<Identifier Source='GRID'>g</Identifier></AffiliationInfo><AffiliationInfo><Affiliation/></AffiliationInfo>"
        "<AffiliationInfo><Affiliation>Two.</Affiliation></AffiliationInfo></Author></AuthorList>"
    )
    article = parse_article(record(1).replace("</Article>", f"{authors}</Article>").encode())
    assert [(each.last_name, each.fore_name, each.affiliation) for each in article.authors] == [
        ("Adler", "Jana", "First Place."), ("Berg", "Carl", "One.; Two."),
    ]  # fmt: skip
    assert article.authors_complete is False


def test_the_editors_of_a_chapter_come_after_the_books() -> None:
    def people(kind: str, *names: str) -> str:
        listed = "".join(f"<Author><LastName>{name}</LastName></Author>" for name in names)
        return f"<AuthorList Type='{kind}'>{listed}</AuthorList>"

    article = parse_article(
        "<PubmedBookArticle><BookDocument><PMID Version='2'>5</PMID><ArticleIdList/><Book><Publisher>"
        "<PublisherName>Press</PublisherName><PublisherLocation>Graz</PublisherLocation></Publisher>"
        f"<BookTitle>Bones</BookTitle>{people('editors', 'Adler')}{people('authors', 'Berg')}<Volume>3</Volume>"
        "<Edition>2nd</Edition><Isbn>978</Isbn><Isbn>979</Isbn><Medium>Internet</Medium></Book>"
        f"<ArticleTitle>Hips</ArticleTitle>{people('editors', 'Carr')}{people('authors', 'Dent')}"
        "<PublicationType UI='D016454'>Review</PublicationType><ContributionDate><Year>2001</Year></ContributionDate>"
        "</BookDocument></PubmedBookArticle>".encode()
    )
    book = article.book
    assert book is not None
    assert [each.last_name for each in book.editors] == ["Adler", "Carr"]
    assert [each.last_name for each in article.authors] == ["Berg", "Dent"]
    assert (book.title, book.publisher, book.place, book.edition, book.isbn, book.medium) == (
        "Bones", "Press", "Graz", "2nd", ("978", "979"), "Internet",
    )  # fmt: skip
    assert (article.volume, article.created_date, article.version, article.title) == ("3", "2001", 2, "Hips")
    assert [term.term for term in article.publication_types] == ["Review"]


def test_a_record_alone_is_a_file_too() -> None:
    assert pmids(parse(record(7).encode())) == [("Article", 7)]
    assert pmids(parse(b"\xef\xbb\xbf<!-- ours --><?xml-model x?>" + record(7).encode())) == [("Article", 7)]
    assert pmids(parse(document(record(1)) + b"<!-- the end -->\n<?note x?>\n")) == [("Article", 1)]


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"<!-- never ends", TruncatedInputError, "ends before the --> of a comment"),
        (b"<?xml version='1.0'", TruncatedInputError, "of a comment or instruction"),
        (b"<!DOCTYPE >" + record(1).encode(), NotPubmedXmlError, "its DOCTYPE can't be read"),
        (b"<!DOCTYPE html>" + record(1).encode(), NotPubmedXmlError, "its root is html"),
        (
            b"<?xml version='1.0' encoding='koi8-r'?>" + record(1).encode(),
            UnsafeXmlError,
            "encoding koi8-r is not read",
        ),
        (b"<?xml version='1.0' encoding='x-own'?>" + record(1).encode(), UnsafeXmlError, "encoding x-own is not read"),
        (b"PMID- 1\nTI  - One", NotPubmedXmlError, "it begins 'PMID- 1'"),
    ],
)
def test_what_is_no_pubmed_xml_is_refused_by_name(content: bytes, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        list(parse_articles(io.BytesIO(content)))


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="can't be read"):
        list(parse_articles(tmp_path))


def test_a_deletion_that_is_broken_costs_itself() -> None:
    broken = "<DeleteCitation><PMID>3</PMID><PMID>4</DeleteCitation>"
    named = "<DeleteCitation><PMID>5</PMID><PMID>x</PMID></DeleteCitation>"
    found = parse(document(record(1), broken, named))
    assert pmids(found) == [("Article", 1), ("BadRecord", None), ("Deletion", 5), ("BadRecord", None)]
    assert isinstance(found[3], BadRecord)
    assert found[3].reason == "a deletion without a PMID"


def test_an_error_inside_a_record_costs_that_record_alone() -> None:
    found = parse(document(record(1, "<ERROR>x</ERROR>"), record(2)))
    assert [item.pmid for item in found if isinstance(item, Article)][-1:] == [2]


def test_an_empty_record_costs_itself_and_blanks_cost_nothing() -> None:
    assert pmids(parse(document(record(1), "<PubmedArticle/>", record(2)))) == [
        ("Article", 1), ("BadRecord", None), ("Article", 2),
    ]  # fmt: skip
    dated = "<DateRevised><Year> 2020 </Year><Month>\nMar </Month><Day> 4</Day></DateRevised></MedlineCitation>"
    article = parse_article(record(1).replace("</MedlineCitation>", dated).encode())
    assert article.revised_date == "2020-03-04"
