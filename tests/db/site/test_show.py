"""Findings, balances and values in words, and what reference managers read off a page."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest

from db.evidence.effects.balance import Balance, ClassBalance, Count
from db.evidence.effects.findings_table import Tally
from db.model import Author
from db.select.filter import ArticleFilter
from db.site.show import evidence_show
from db.site.show.citation_tags import citation_tags, coins, json_ld, row_mark
from db.site.show.formatting import (
    day,
    direction,
    facet_value,
    journal,
    kind_class,
    language,
    lines,
    lit,
    plural,
    short_authors,
    shortened,
    statement_text,
    title,
)


@pytest.mark.parametrize(
    ("direction", "outcome", "words"),
    [
        ("decreases", "HO volume", "naproxen decreases HO volume"),
        ("no difference", "pain", "naproxen no difference in pain"),
        ("no association", None, "naproxen no association with HO"),
        ("unclear", None, "naproxen unclear for HO"),
    ],
)
def test_a_finding_is_said_with_who_and_what(direction: str, outcome: str | None, words: str) -> None:
    finding = {"subject_text": "naproxen", "outcome_text": outcome, "direction": direction}
    assert statement_text(finding) == words


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        ("2016", "2016"), ("2016-01", "January 2016"), ("2016-01-05", "5 January 2016"), ("2016-12", "December 2016"),
        ("2016-12-31T10:00:00Z", "31 December 2016"), ("2016-13-01", "2016"), ("2016-00", "2016"), ("soon", "soon"),
        ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_a_day_is_said_as_far_as_it_is_known(iso: str | None, shown: str) -> None:
    assert day(iso) == shown


def test_values_in_words() -> None:
    for text, shown in (
        (plural(1, "article"), "1 article"), (plural(2, "article"), "2 articles"),
        (plural(0, "study", "studies"), "0 studies"), (short_authors("A, B, C"), "A, B, C"),
        (short_authors("A, B, C, D"), "A, B, C et al."), (short_authors(None), ""),
        (shortened("ab cd", 5), "ab cd"), (shortened("ab cd e", 5), "ab …"), (facet_value("3", "level"), "level 3"),
        (facet_value("not stated", "level"), "not stated"), (facet_value("ger", "language"), "German"),
        (title("RETRACTED: x", True), "x"), (title("RETRACTED: x"), "RETRACTED: x"),
        (title("Retracted article: x", 1), "x"), (title(" "), "[no title]"),
    ):  # fmt: skip
        assert text == shown


def test_values_as_html() -> None:
    for shown, html in (
        (lines("a\n<b>\r\nc"), "a<br>&lt;b&gt;<br>c"), (lines(None), ""), (lit("Bone & bone", ["bone"]),
         '<mark class="hit">Bone</mark> &amp; <mark class="hit">bone</mark>'), (lit("a<b", []), "a&lt;b"),
        (lit("a.b axb", ["a.b"]), '<mark class="hit">a.b</mark> axb'), (lit("abone", ["bone"]), "abone"),
        (lit("<i>", ["i"]), '&lt;<mark class="hit">i</mark>&gt;'),
        (direction("decreases"), '<span class="dir d-decreases"><span aria-hidden="true">▼</span> decreases</span>'),
        (direction("no difference"),
         '<span class="dir d-no-difference"><span aria-hidden="true">=</span> no difference</span>'),
        (direction("<x>"), '<span class="dir d--x-"><span aria-hidden="true">?</span> &lt;x&gt;</span>'),
        (kind_class("risk factor"), "k-risk-factor"), (kind_class(None), "k-none"),
        (language("ger;fre"), "German, French"), (language(None), "not stated"),
        (journal({"iso_abbreviation": "A", "journal": "B", "book_title": "C"}), "A"),
        (journal({"iso_abbreviation": None, "journal": "B", "book_title": "C"}), "B"),
        (journal({"iso_abbreviation": None, "journal": None, "book_title": "C"}), "C"),
        (journal({"iso_abbreviation": None, "journal": None, "book_title": None}), ""),
    ):  # fmt: skip
        assert str(shown) == html


def tally(*effects: int, patients: int = 0) -> Tally:
    return Tally(sum(effects), (*effects, *[0] * (5 - len(effects))), patients, 1)


def test_a_balance_is_said_in_words_in_signs_and_as_a_bar() -> None:
    entry = ClassBalance("none or placebo", tally(3, 0, 1), tally(1), ArticleFilter())
    factor = ClassBalance(None, tally(1, 2), tally(), ArticleFilter())
    assert evidence_show.class_words(entry) == "against nothing or placebo: 4 better, 1 no difference"
    assert evidence_show.class_words(factor) == "as a risk factor: 1 less HO, 2 more HO"
    assert evidence_show.class_signs(entry) == "+4 =1"
    assert evidence_show.tally_effects(entry.primary) == [("better", 3), ("no difference", 1)]
    counted = Count(6, ArticleFilter())
    designs = (
        ("meta-analysis", 2),
        ("randomized controlled trial", 1),
        ("cohort", 4),
        ("case series", 1),
        ("review", 3),
    )
    balance = Balance("a", "b", counted, designs, (entry, factor))
    assert evidence_show.balance_words(balance) == (
        f"{evidence_show.class_words(entry)}; {evidence_show.class_words(factor)}"
    )
    assert evidence_show.best_design(balance) == "MA 2"
    said = evidence_show.designs_words(balance)
    assert re.fullmatch(r"2 meta-analyses, 1 \S.*, 4 cohort\S*.*, 1 case series, 3 of other designs", said)
    bar = str(evidence_show.effect_bar(entry))
    assert re.findall(r'<path class="b(\d)" d="M(\d+) 3h(\d+)"/>', bar) == [("0", "0", "79"), ("2", "79", "20")]
    assert "<path" not in str(evidence_show.effect_bar(ClassBalance(None, tally(), tally(), ArticleFilter())))


@pytest.mark.parametrize(("value", "shown"), [(0.8125, "0.812"), (7, "7"), (True, "True"), (1.0, "1.000")])
def test_a_share_has_three_decimals_and_a_count_none(value: float, shown: str) -> None:
    assert evidence_show.figure(value) == shown


def test_columns_of_figures_stand_in_the_order_of_their_first_use() -> None:
    rows = {"a": {"F1": 1, "more": {}}, "b": {"n": 2, "F1": 1}, "c": "words"}
    assert evidence_show.figure_columns(rows) == ["F1", "n"]
    assert (evidence_show.capital("nSAIDs on"), evidence_show.uncapital("HO here")) == ("NSAIDs on", "hO here")


ROW: dict[str, Any] = {
    "pmid": 7, "title": "Bone & <b>", "retracted": 0, "notice_kinds": "", "journal": "J Bone", "book_title": None,
    "iso_abbreviation": "J B", "volume": "2", "issue": None, "pages": "487-93", "issn": "1234-5679", "year": 2016,
    "publication_date": "2016-03-04", "authors": "Li W, Adler J", "doi": "10.5555/<x>", "language": "ger;eng",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "kinds", "title"),
    [
        ({}, [], "Bone & <b>"), ({"retracted": 1}, [], "RETRACTED: Bone & <b>"),
        ({}, ["ExpressionOfConcernIn", "ErratumIn"], "EXPRESSION OF CONCERN: Bone & <b>"),
        ({}, ["CommentIn"], "Bone & <b>"), ({"title": None}, [], "[no title]"),
        ({"retracted": 1, "title": "Retracted: x"}, [], "Retracted: x"),
    ],
)  # fmt: skip
def test_a_reference_manager_is_told_what_is_wrong(changed: dict[str, Any], kinds: list[str], title: str) -> None:
    row = {**ROW, **changed, "notice_kinds": " ".join(kinds)}
    authors = [Author("Li", "Wei", "W"), Author("Adler", None, "J"), Author(collective_name="Group, A"), Author()]
    tags = citation_tags(row, authors, kinds)
    assert tags[0] == ("citation_title", title)
    assert tags[1:] == [
        ("citation_author", "Li, Wei"), ("citation_author", "Adler, J"), ("citation_author", "Group, A"),
        ("citation_publication_date", "2016/03/04"), ("citation_journal_title", "J Bone"),
        ("citation_journal_abbrev", "J B"), ("citation_issn", "1234-5679"), ("citation_volume", "2"),
        ("citation_firstpage", "487"), ("citation_lastpage", "493"), ("citation_doi", "10.5555/<x>"),
        ("citation_pmid", "7"), ("citation_language", "ger"),
    ]  # fmt: skip
    written = str(json_ld(row, authors, "https://ho.example/7", kinds))
    assert not re.search("[<>]", written)
    told = json.loads(written)
    assert (told["headline"], told["datePublished"], told["url"]) == (title, "2016-03-04", "https://ho.example/7")
    assert [one["name"] for one in told["author"]] == ["Li, Wei", "Adler, J", "Group, A"]
    assert told["isPartOf"] == {"@type": "Periodical", "name": "J Bone"}
    assert told["identifier"] == ["pmid:7", "doi:10.5555/<x>"]
    assert parse_qsl(coins({**row, "issue": "3"})) == [
        ("ctx_ver", "Z39.88-2004"), ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"), ("rft.genre", "article"),
        ("rft.atitle", title), ("rft.jtitle", "J Bone"), ("rft.volume", "2"), ("rft.issue", "3"),
        ("rft.pages", row["pages"]), ("rft.issn", "1234-5679"), ("rft.date", "2016-03-04"), ("rft.au", "Li W"),
        ("rft.au", "Adler J"), ("rft_id", "info:pmid/7"), ("rft_id", "info:doi/10.5555/<x>"),
    ]  # fmt: skip


def test_a_chapter_and_a_preprint_are_told_apart() -> None:
    chapter = {**ROW, "journal": None, "book_title": "Pearls", "publication_date": None, "pages": None}
    names = dict(citation_tags(chapter, []))
    assert names["citation_inbook_title"] == "Pearls"
    assert names["citation_publication_date"] == "2016"
    assert not {"citation_journal_title", "citation_firstpage", "citation_lastpage"} & set(names)
    assert json.loads(str(json_ld(chapter, [], "x")))["@type"] == "Chapter"
    read = parse_qs(coins(chapter))
    assert (read["rft.btitle"], read["rft.genre"], read["rft.date"]) == (["Pearls"], ["bookitem"], ["2016"])
    assert read["rft_val_fmt"] == ["info:ofi/fmt:kev:mtx:book"]
    preprint = {**ROW, "pmid": 800_000_005}
    assert "citation_pmid" not in dict(citation_tags(preprint, []))
    assert "sameAs" not in json.loads(str(json_ld(preprint, [], "x")))
    assert parse_qs(coins(preprint))["rft_id"] == ["info:doi/10.5555/<x>"]


@pytest.mark.parametrize(
    ("kinds", "retracted", "mark"),
    [("ExpressionOfConcernIn", 0, "expression of concern"), ("ErratumIn", 0, "corrected"), ("CommentIn", 0, None),
     ("RetractionIn", 1, None), ("", 0, None), (None, 0, None), ("PartialRetractionIn", 0, "partially retracted")],
)  # fmt: skip
def test_a_row_says_what_is_grave_beside_a_retraction(kinds: str | None, retracted: int, mark: str | None) -> None:
    assert row_mark({**ROW, "notice_kinds": kinds, "retracted": retracted}) == mark
