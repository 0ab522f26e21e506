"""What the parser refuses, and what one broken record may cost."""

import gzip
import io
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from db.errors import TrackerError
from db.model import Article, BadRecord, Deletion
from harvest.pubmed.errors import (
    EFetchReplyError,
    EmptyInputError,
    MissingFileError,
    NotPubmedXmlError,
    TruncatedInputError,
    UnsafeXmlError,
)
from harvest.pubmed.xml import parse_articles

NLM_DOCTYPE = (
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"'
    ' "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">'
)


def record(pmid: int, title: str = "A title.") -> str:
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID>'
        f"<Article><ArticleTitle>{title}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    )


def document(*parts: str, doctype: str = NLM_DOCTYPE) -> bytes:
    inner = "\n".join(parts)
    return f'<?xml version="1.0" ?>\n{doctype}\n<PubmedArticleSet>\n{inner}\n</PubmedArticleSet>\n'.encode()


def parse(xml: bytes) -> list[Article | Deletion | BadRecord]:
    return list(parse_articles(io.BytesIO(xml)))


def pmids(items: list[Article | Deletion | BadRecord]) -> list[tuple[str, int | None]]:
    return [(type(item).__name__, item.pmid) for item in items]


def until_error(source: io.BytesIO | Path) -> tuple[list[Article | Deletion | BadRecord], TrackerError]:
    """Reads until the error that must come; returns what came before it, too."""
    items: list[Article | Deletion | BadRecord] = []
    try:
        items.extend(parse_articles(source))
    except TrackerError as error:
        return items, error
    raise AssertionError("no error came")


BOMB = (
    '<!DOCTYPE PubmedArticleSet [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize(
    "doctype",
    [
        BOMB,
        '<!DOCTYPE PubmedArticleSet [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"'
        ' "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd" [<!ENTITY % more SYSTEM "x.dtd"> %more;]>',
        '<!DOCTYPE PubmedArticleSet SYSTEM "http://127.0.0.1:1/evil.dtd">',
        '<!DOCTYPE PubmedArticleSet SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE PubmedArticleSet SYSTEM "https://dtd.nlm.nih.gov.example.org/pubmed.dtd">',
    ],
    ids=["bomb", "external entity", "parameter entity", "network dtd", "local file", "look-alike host"],
)
def test_unsafe_doctypes_are_refused_before_any_record(doctype: str) -> None:
    with pytest.raises(UnsafeXmlError, match="refused") as caught:
        parse(document(record(1, "&c;"), doctype=doctype))
    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "doctype",
    [
        "",
        NLM_DOCTYPE,
        NLM_DOCTYPE.replace("https:", "http:"),
        "<!DOCTYPE PubmedArticleSet>",
        '<!DOCTYPE PubmedArticleSet SYSTEM "pubmed_250101.dtd">',
    ],
)
def test_pubmeds_own_doctypes_are_accepted_and_not_fetched(doctype: str) -> None:
    assert pmids(parse(document(record(1), doctype=doctype))) == [("Article", 1)]


def test_an_undefined_entity_costs_its_record() -> None:
    items = parse(document(record(1), record(2, "a&nbsp;b"), record(3)))
    assert pmids(items) == [("Article", 1), ("BadRecord", 2), ("Article", 3)]


def test_a_record_without_an_article_is_broken() -> None:
    bare = "<PubmedArticle><MedlineCitation><PMID>2</PMID></MedlineCitation></PubmedArticle>"
    items = parse(document(record(1), bare, record(3)))
    assert pmids(items) == [("Article", 1), ("BadRecord", 2), ("Article", 3)]
    bad = items[1]
    assert isinstance(bad, BadRecord)
    assert bad.reason == "it has no Article element, so neither title nor journal"


def test_a_broken_record_in_the_middle_costs_that_record() -> None:
    items = parse(document(record(1), record(2, "<i>never closed"), record(3)))
    assert pmids(items) == [("Article", 1), ("BadRecord", 2), ("Article", 3)]
    bad = items[1]
    assert isinstance(bad, BadRecord)
    assert bad.position == 2
    assert "not well-formed" in bad.reason


@pytest.mark.parametrize("cut", ["</PubmedArticle", "</PubmedArticle ", "</PubmedArticle\n"])
def test_an_end_tag_without_its_end_costs_its_record(cut: str) -> None:
    damaged = record(2).replace("</PubmedArticle>", cut)
    assert pmids(parse(document(record(1), damaged, record(3)))) == [("Article", 1), ("BadRecord", 2), ("Article", 3)]
    whole = document(record(1), damaged)
    items, error = until_error(io.BytesIO(whole[: whole.index(damaged.encode()) + len(damaged)]))
    assert ("Article", 1) in pmids(items)
    assert isinstance(error, TruncatedInputError)


@pytest.mark.parametrize("lost", ["</PubmedArticle>", "</MedlineCitation></PubmedArticle>", "</ArticleTitle>"])
def test_a_record_without_its_end_does_not_swallow_the_next(lost: str) -> None:
    items = parse(document(record(1), record(2).replace(lost, ""), record(3)))
    assert pmids(items) == [("Article", 1), ("BadRecord", 2), ("Article", 3)]


def test_an_unclosed_comment_costs_one_record() -> None:
    items = parse(document(record(1), record(2, "a <!-- b"), record(3, "x<!-- fine -->y"), record(4)))
    assert pmids(items) == [("Article", 1), ("BadRecord", 2), ("Article", 3), ("Article", 4)]


def test_bytes_that_are_not_utf8_cost_their_record() -> None:
    xml = document(record(1), record(2, "caf#"), record(3)).replace(b"caf#", b"caf\xe9")
    assert pmids(parse(xml)) == [("Article", 1), ("BadRecord", 2), ("Article", 3)]


def test_a_record_without_a_pmid_is_reported_without_one() -> None:
    bare = "<PubmedArticle><MedlineCitation><Article/><CommentsCorrectionsList><CommentsCorrections><PMID>9</PMID>"
    bare += "</CommentsCorrections></CommentsCorrectionsList></MedlineCitation></PubmedArticle>"
    assert pmids(parse(document(bare, record(2)))) == [("BadRecord", None), ("Article", 2)]


def test_a_misspelt_record_tag_is_reported() -> None:
    items = parse(document(record(1), record(2).replace("PubmedArticle>", "PubmedArtcle>"), record(3)))
    assert pmids(items) == [("Article", 1), ("BadRecord", 2), ("Article", 3)]


@pytest.mark.parametrize(
    "title",
    [
        "<![CDATA[a </PubmedArticle><PubmedArticle> b]]>",
        "a<!-- </PubmedArticle><PubmedArticle> -->b",
        "a<?x </PubmedArticle> ?>b",
    ],
)
def test_tags_inside_cdata_comments_and_instructions_are_not_tags(title: str) -> None:
    items = parse(document("<!-- <PubmedArticle> </PubmedArticleSet> -->", record(1, title), record(2)))
    assert pmids(items) == [("Article", 1), ("Article", 2)]


def test_deletions_come_out_of_the_same_stream() -> None:
    deletion = '<DeleteCitation><PMID Version="1">7</PMID>\n<PMID Version="1">8</PMID></DeleteCitation>'
    assert pmids(parse(document(record(1), deletion))) == [("Article", 1), ("Deletion", 7), ("Deletion", 8)]
    assert pmids(parse(document(deletion))) == [("Deletion", 7), ("Deletion", 8)]
    assert parse(document("<DeleteCitation/>")) == []


def test_an_empty_set_holds_nothing() -> None:
    assert parse(document()) == []
    assert parse(b"<PubmedArticleSet/>") == []


def test_concatenated_documents_are_read_one_after_the_other() -> None:
    assert pmids(parse(document(record(1)) + document(record(2)))) == [("Article", 1), ("Article", 2)]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    _, error = until_error(tmp_path / "none.xml")
    assert isinstance(error, MissingFileError)
    assert "none.xml" in str(error)


@pytest.mark.parametrize("content", [b"", b" \n\t", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.xml"
    path.write_bytes(content)
    _, error = until_error(path)
    assert isinstance(error, EmptyInputError)
    assert "empty.xml" in str(error)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"<rss><channel/></rss>", "rss"),
        (b"<?xml version='1.0'?><eSearchResult><Count>1</Count></eSearchResult>", "eSearchResult"),
        (b"<!DOCTYPE html><html><body>Down for maintenance</body></html>", "html"),
        (b'{"error":"API rate limit exceeded"}', "API rate limit"),
        (b"PMID- 123\n", "PMID- 123"),
        (b"\x00\x01\x02", "not XML"),
    ],
)
def test_what_is_not_pubmed_xml_is_named_by_its_root(content: bytes, shown: str) -> None:
    with pytest.raises(NotPubmedXmlError, match=shown):
        parse(content)


def test_an_efetch_error_keeps_its_text() -> None:
    reply = (
        b'<?xml version="1.0" ?><!DOCTYPE eEfetchResult PUBLIC "-//NLM//DTD efetch 20131226//EN"'
        b' "https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20131226/efetch.dtd">\n'
        b"<eFetchResult>\n\t<ERROR>Cannot retrieve\n history data: OUT OF RANGE</ERROR>\n</eFetchResult>"
    )
    with pytest.raises(EFetchReplyError) as caught:
        parse(reply)
    assert caught.value.text == "Cannot retrieve history data: OUT OF RANGE"


def test_a_cut_file_gives_its_whole_records_and_then_the_error() -> None:
    xml = document(record(1), record(2), record(3))
    items, error = until_error(io.BytesIO(xml[: xml.index(b">3<")]))
    assert isinstance(error, TruncatedInputError)
    assert pmids(items) == [("Article", 1), ("Article", 2), ("BadRecord", None)]


def test_a_cut_gzip_gives_its_whole_records_and_then_the_error(tmp_path: Path) -> None:
    path = tmp_path / "cut.xml.gz"
    packed = gzip.compress(document(*[record(number, "t" * number) for number in range(1, 200)]))
    path.write_bytes(packed[:-100])
    items, error = until_error(path)
    assert isinstance(error, TruncatedInputError)
    assert "cut.xml.gz" in str(error)
    assert ("Article", 1) in pmids(items)


def test_a_damaged_gzip_is_told_from_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "damaged.xml.gz"
    packed = bytearray(gzip.compress(document(record(1))))
    packed[-6] ^= 0xFF  # the checksum
    path.write_bytes(packed)
    _, error = until_error(path)
    assert isinstance(error, TruncatedInputError)


def test_gzip_of_several_members_and_padding_is_read_whole() -> None:
    xml = document(record(1), record(2))
    packed = gzip.compress(xml[:150]) + gzip.compress(xml[150:]) + b"\0" * 20
    assert pmids(parse(packed)) == [("Article", 1), ("Article", 2)]


class Trickle(io.RawIOBase):
    """A body that comes a few bytes at a time, as from a slow socket."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step, self._position = data, step, 0

    def read(self, size: int = -1) -> bytes:
        start, self._position = self._position, self._position + min(self._step, size if size > 0 else self._step)
        return self._data[start : self._position]


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_the_framing_of_a_body_does_not_matter(step: int) -> None:
    xml = document(record(1, "a<!-- -->b"), "<!-- c -->", record(2))
    assert parse(xml) == list(parse_articles(Trickle(xml, step)))  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_other_encodings_give_the_same_articles(encoding: str) -> None:
    text = document(record(1, "Ossification hétérotopique")).decode()
    declared = text.replace('version="1.0" ', f'version="1.0" encoding="{encoding.removesuffix("-sig")}"')
    assert parse(declared.encode(encoding)) == parse(text.encode())


def test_deep_nesting_costs_its_record() -> None:
    items = parse(document(record(1, "<i>" * 5000 + "</i>" * 5000), record(2)))
    assert pmids(items) == [("BadRecord", 1), ("Article", 2)]


@pytest.mark.parametrize("number", ["x", "", "1" + "0" * 20, "9" * 5_000, "-1", "²", "٣"])
def test_an_odd_number_costs_itself(number: str) -> None:
    """Not the record, much less the file."""
    date = f"<Year>2020</Year><Month>{number}</Month><Day>{number}</Day>"
    odd = (
        f'<PubmedArticle><MedlineCitation><PMID Version="{number}">2</PMID><DateRevised>{date}</DateRevised>'
        f"<Article><Journal><JournalIssue><PubDate>{date}</PubDate></JournalIssue></Journal></Article>"
        f"<CommentsCorrectionsList><CommentsCorrections RefType='CommentIn'><PMID>{number}</PMID>"
        f"</CommentsCorrections></CommentsCorrectionsList></MedlineCitation></PubmedArticle>"
    )
    book = (
        f'<PubmedBookArticle><BookDocument><PMID Version="{number}">4</PMID><Book><BookTitle>B</BookTitle>'
        f"<PubDate><Year>{number}</Year></PubDate></Book></BookDocument></PubmedBookArticle>"
    )
    items = parse(document(record(1), odd, record(3), book, record(5)))
    assert pmids(items) == [("Article", number) for number in range(1, 6)]
    for item in items[1:4:2]:
        assert isinstance(item, Article)
        assert item.version == 1
    assert isinstance(items[1], Article)
    assert (items[1].revised_date, items[1].publication_date) == ("2020", "2020")
    assert [notice.ref_pmid for notice in items[1].notices] == [None]


@pytest.mark.parametrize("pmid", ["0", "000000000000", "x", "9" * 5_000, "12345678901", ""])
def test_a_record_without_a_pmid_is_named_and_costs_itself(pmid: str) -> None:
    items = parse(document(record(1), record(2).replace(">2<", f">{pmid}<"), record(3)))
    assert [type(item).__name__ for item in items] == ["Article", "BadRecord", "Article"]


def best_seconds(xml: bytes) -> float:
    """Returns the quickest of three readings: how long it takes when nothing else runs."""
    times = []
    for _ in range(3):
        began = time.process_time()
        for _item in parse_articles(io.BytesIO(xml)):
            pass
        times.append(time.process_time() - began)
    return min(times)


REPEATED: Mapping[str, Callable[[int], bytes]] = {
    "line breaks in a text": lambda n: document(record(1, "a" + "\n" * n + "b")),
    "blank lines with blanks": lambda n: document(record(1, "a" + "\n \t" * n + "b")),
    "line breaks before a tag": lambda n: document(record(1).replace("<Article>", "\n" * n + "<Article>")),
    "comments that never end": lambda n: document(record(1), "<!--" * n),
    "comments that never end in a record": lambda n: document(record(1, "<!--" * n), record(2)),
    "CDATA that never ends": lambda n: document(record(1, "<![CDATA[" * n), record(2)),
    "instructions that never end": lambda n: document(record(1, "<?" * n), record(2)),
    "records that never end": lambda n: document("<PubmedArticle>" * n),
    "records of which only the last ends": lambda n: document("<PubmedArticle>" * n + "</PubmedArticle>"),
    "empty documents": lambda n: b"<PubmedArticleSet/>" * n,
    "many ids": lambda n: document(
        record(1).replace(
            "</Article>", "".join(f"<ELocationID EIdType='pii'>{i}</ELocationID>" for i in range(n)) + "</Article>"
        )
    ),
}


@pytest.mark.parametrize("name", REPEATED)
def test_what_is_repeated_costs_in_proportion(name: str) -> None:
    """Four times as much takes less than ten times as long: sixteen times would be a quadratic path."""
    small, large = REPEATED[name](8_000), REPEATED[name](32_000)
    assert best_seconds(large) < 10 * best_seconds(small) + 0.05
