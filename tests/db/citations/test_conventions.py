"""Conventions of PubMed, NLM and the reference managers, each for a made-up article that needs it."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from db.citations.formats.dates import CitationDate, parse_date
from db.citations.formats.pages import page_range, pages_of
from db.model import Article, ArticleId, Author, MeshHeading, Notice, Term

Exported = Callable[..., str]

PLAIN = Article(
    pmid=92000001,
    version=1,
    title="Heterotopic ossification after hip arthroplasty.",
    abstract="Own text.",
    xml=b"<PubmedArticle/>",
    authors=(Author("Adler", "Jana", "J"),),
    journal="Acta testarum",
    iso_abbreviation="Acta Test",
    medline_abbreviation="Acta Test",
    volume="8",
    year=2019,
    publication_date="2019-02-04",
    publication_date_verbatim="2019 Feb 04",
    publication_types=(Term("D016428", "Journal Article"),),
)
PREPRINT = replace(
    PLAIN,
    journal="medRxiv : the preprint server for health sciences",
    iso_abbreviation="medRxiv",
    medline_abbreviation="medRxiv",
    publication_types=(Term("D000076942", "Preprint"), Term("D016428", "Journal Article")),
)


@pytest.mark.parametrize(
    "name", ["ris", "bibtex", "nbib", "csljson", "endnote", "csv", "jsonl", "vancouver", "ama", "apa"]
)
def test_an_article_number_is_in_every_format(export_made: Exported, name: str) -> None:
    numbered = replace(PLAIN, pages="e42692", pii="e42692", article_ids=(ArticleId("pii", "e42692"),))
    text = export_made(name, numbered)
    assert "e42692" in text
    if name in ("nbib", "vancouver"):
        assert "8:e42692" in text


@pytest.mark.parametrize(
    ("pages", "first", "last"),
    [
        ("487-93; discussion 493-4", "487", "493"),
        ("487-93 discussion 493-4", "487", "493"),
        ("487-93, 500", "487", "493"),
        ("487-93 contd", "487", "493"),
        ("487 discussion 490-1", "487", None),
        ("11-9", "11", "19"),
        ("1–10. quiz 11", "1", "10"),
        ("E12-E18", "E12", "E18"),
        ("S0883-5403(20)30123-4", "S0883-5403(20)30123-4", None),
        ("bmjopen-2019-012345", "bmjopen-2019-012345", None),
        ("5 p following 40", "5 p following 40", None),
        ("487-", "487", None),
        ("", None, None),
        ("9" * 5_000 + "-1", "9" * 5_000, "9" * 4_999 + "1"),
    ],
)
def test_words_after_a_range_are_left_aside(pages: str, first: str | None, last: str | None) -> None:
    if len(pages) > 4_999:
        last = page_range(pages)[1]
    assert page_range(pages) == (first, last)


def test_a_publishers_number_is_no_range() -> None:
    article = replace(PLAIN, pages="2020-123", article_ids=(ArticleId("pii", "2020-123"),))
    assert pages_of(article) == ("2020-123", None)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ris", "TY  - UNPB"),
        ("bibtex", "@misc{"),
        ("csljson", '"genre": "Preprint"'),
        ("endnote", '<ref-type name="Unpublished Work">34</ref-type>'),
        ("nbib", "PT  - Preprint"),
        ("csv", "Preprint"),
        ("jsonl", "Preprint"),
        ("vancouver", "medRxiv [Preprint]."),
        ("ama", "[Preprint]"),
        ("apa", "[Preprint]"),
    ],
)
def test_a_preprint_is_called_one(export_made: Exported, name: str, said: str) -> None:
    assert said in export_made(name, PREPRINT)
    assert "reprint" not in export_made(name, PLAIN)


def test_a_preprint_is_a_csl_article(export_made: Exported) -> None:
    [item] = json.loads(export_made("csljson", PREPRINT))
    assert item["type"] == "article"


@pytest.mark.parametrize(
    ("article", "source"),
    [
        (
            replace(PLAIN, publication_model="Electronic", electronic_date="2006-01-10", year=2006, volume="7",
                    publication_date="2006", publication_date_verbatim="2006", pages="10"),
            "Acta Test. 2006 Jan 10;7:10.",
        ),
        (
            replace(PLAIN, publication_model="Electronic-eCollection", electronic_date="2016-04-19", year=2016,
                    publication_date="2016", publication_date_verbatim="2016", volume="5", pages="67", doi="10.9999/x",
                    publication_status="epublish"),
            "Acta Test. 2016 Apr 19;5:67. doi: 10.9999/x. eCollection 2016.",
        ),
        (
            replace(PLAIN, publication_model="Electronic-Print", electronic_date="2022-11-02", year=2023,
                    publication_date="2023-03-28", publication_date_verbatim="2023 Mar 28", volume="36", issue="3",
                    pages="225-33", publication_status="ppublish"),
            "Acta Test. 2022 Nov 2;36(3):225-33. Print 2023 Mar 28.",
        ),
        (
            replace(PLAIN, publication_model="Print-Electronic", electronic_date="2005-12-23", year=2006,
                    publication_date="2006-03", publication_date_verbatim="2006 Mar", volume="12", issue="3",
                    pages="11-9", publication_status="ppublish"),
            "Acta Test. 2006 Mar;12(3):11-9. Epub 2005 Dec 23.",
        ),
        (
            replace(PLAIN, publication_model="Print-Electronic", volume=None, pages="S0883-5403(20)30123-4",
                    publication_status="aheadofprint"),
            "Acta Test. 2019 Feb 4:S0883-5403(20)30123-4. Online ahead of print.",
        ),
        (replace(PLAIN, publication_model="Print", pages="11-9"), "Acta Test. 2019 Feb 4;8:11-9."),
    ],
)  # fmt: skip
def test_the_source_line_is_pubmeds(export_made: Exported, article: Article, source: str) -> None:
    lines = export_made("nbib", article).replace(" \n      ", " ").split("\n")
    assert [line for line in lines if line.startswith("SO")] == [f"SO  - {source}"]


def test_vancouver_has_the_online_date_of_what_is_only_online(export_made: Exported) -> None:
    online = replace(PLAIN, publication_model="Electronic-eCollection", electronic_date="2019-04-19")
    assert "2019 Apr 19;8" in export_made("vancouver", online)
    assert "2019 Feb 4;8" in export_made("vancouver", replace(online, electronic_date="2018-12-28"))


@pytest.mark.parametrize("name", ["vancouver", "ama"])
def test_initials_are_pubmeds_own(export_made: Exported, name: str) -> None:
    authors = (
        Author("Núñez y Prado", "María del Mar", "MDM"),
        Author("Kim", "Ji-Hoon", "JH"),
        Author("Oliveira", "J P", "JP"),
        Author("Sukarno"),
        Author("Smith", "John A", "JA", "3rd"),
    )
    text = export_made(name, replace(PLAIN, authors=authors))
    assert "Núñez y Prado MDM, Kim JH, Oliveira JP, Sukarno, Smith JA 3rd." in text.replace("III", "3rd")


def test_apa_keeps_hyphens_and_pubmeds_initials(export_made: Exported) -> None:
    authors = (Author("Núñez y Prado", "María del Mar", "MDM"), Author("Kim", "Ji-Hoon", "JH"))
    text = export_made("apa", replace(PLAIN, authors=authors))
    assert "Núñez y Prado, M. D. M." in text
    assert "Kim, J.-H." in text


@pytest.mark.parametrize(
    ("iso", "verbatim", "date"),
    [
        ("2003-12", "Dec 2003-Jan 2004", CitationDate(2003, 12, words="Dec-2004 Jan", end=(2004, 1))),
        ("1999", "(1999)", CitationDate(1999)),
        ("1977", "1977-1978 Fall-Winter", CitationDate(1977, words="-1978 Fall-Winter", season=3, end=(1978,))),
        ("1998", "1998-1999 Winter", CitationDate(1998, words="-1999 Winter", season=4, end=(1999,))),
        ("2004-03-15", "15 Mar 2004", CitationDate(2004, 3, 15)),
        ("2019-02-04", "2019 Feb 04", CitationDate(2019, 2, 4)),
        ("2019", "2019 1st Quarter", CitationDate(2019, words="1st Quarter")),
    ],
)
def test_odd_dates_keep_what_they_say(iso: str, verbatim: str, date: CitationDate) -> None:
    assert parse_date(iso, verbatim) == date


def test_spans_of_years_are_spans_in_csl(export_made: Exported) -> None:
    for iso, verbatim, parts in (
        ("2003-12", "Dec 2003-Jan 2004", [[2003, 12], [2004, 1]]),
        ("1977", "1977-1978 Fall-Winter", [[1977], [1978]]),
    ):
        year = int(iso[:4])
        article = replace(PLAIN, year=year, publication_date=iso, publication_date_verbatim=verbatim)
        assert json.loads(export_made("csljson", article))[0]["issued"]["date-parts"] == parts


def test_a_doi_in_an_address_is_escaped(export_made: Exported) -> None:
    article = replace(PLAIN, doi="10.1002/(SICI)1097-0142(19960215)77:4<718::AID-XX18>3.0.CO;2-#")
    assert "https://doi.org/10.1002/(SICI)1097-0142(19960215)77:4%3C718::AID-XX18%3E3.0.CO;2-%23" in export_made(
        "apa", article
    )


def test_a_journal_without_a_name_goes_by_its_abbreviation(export_made: Exported) -> None:
    article = replace(PLAIN, journal=None, issn_linking="1234-5679")
    for name, said in (("ris", "T2  - Acta Test"), ("bibtex", "journal = {Acta Test}"), ("csv", "Acta Test")):
        assert said in export_made(name, article)
    assert "SN  - 1234-5679" in export_made("ris", article)


def test_the_pmid_stands_once_for_zotero(export_made: Exported) -> None:
    text = export_made("bibtex", PLAIN)
    assert "pmid = {92000001}" in text
    assert "eprint" not in text


def test_what_only_our_reader_needs_is_noted(export_made: Exported) -> None:
    corrected = replace(PLAIN, notices=(Notice("ErratumIn", None, "Acta Test. 2021;13(1):1"),))
    text = export_made("nbib", corrected)
    assert "TI  - CORRECTED: Heterotopic" in text
    assert "GN  - ho-tracker: title marked CORRECTED" in text
    assert "GN  -" not in export_made("nbib", PLAIN)
    assert "AU  - et al." in export_made("nbib", replace(PLAIN, authors_complete=False))


def test_words_of_a_date_can_stand_alone(export_made: Exported) -> None:
    for verbatim, said in (("1977-1978 Fall-Winter", "1977///1977-1978 Fall-Winter"), ("(1977)", "1977///\r\n")):
        article = replace(PLAIN, year=1977, publication_date="1977", publication_date_verbatim=verbatim)
        assert f"DA  - {said}" in export_made("ris", article)


def test_a_cell_of_several_terms_parts_them_by_what_no_term_holds(export_made: Exported) -> None:
    """MeSH headings have commas of their own ("Ossification, Heterotopic")."""
    headings = (MeshHeading("D009999", "Ossification, Heterotopic", True), MeshHeading("D006801", "Humans", False))
    (row,) = csv.DictReader(io.StringIO(export_made("csv", replace(PLAIN, mesh_headings=headings))))
    assert row["mesh"].split("; ") == ["Ossification, Heterotopic", "Humans"]
