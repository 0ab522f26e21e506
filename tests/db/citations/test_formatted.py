"""Formatted bibliographies: the styles' own form, numbers, markup that lets nothing through."""

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from db.citations import Options
from tests.support.roundtrip import missing_from_reference
from tests.support.zoo import (
    CHAPTER,
    FOREIGN,
    LONG_SPAN,
    NO_AUTHOR,
    NOTHING,
    PLAIN,
    QUESTION,
    RETRACTED,
    SEASON,
    SPAN,
    TEX,
    ZOO,
)

Write = Callable[..., str]


def test_vancouver_is_what_a_journal_wants(export: Write) -> None:
    assert export("vancouver", [PLAIN.pmid, RETRACTED.pmid]).split("\n")[:2] == [
        "1. Brandstätter HM, van der Meulen JP Jr, Garcia de la Torre A; HO Prevention Study Group; O'Brien SK 3rd, "
        "al-Rashid O, et al. Indomethacin after hip replacement. Made-up J Bone Joint Surg. 2016 Mar 4;12(Suppl "
        "3):487–93. doi:10.1000/(SICI)1097_4644<1::AID-X>3.0.CO;2-9 PubMed PMID: 90000001; PubMed Central PMCID: "
        "PMC1234567.",
        "2. Brandstätter HM, van der Meulen JP Jr, Garcia de la Torre A; HO Prevention Study Group; O'Brien SK 3rd, "
        "al-Rashid O, et al. RETRACTED: Radiation and bone. Made-up J Bone Joint Surg. 2016 Mar 4;12(Suppl "
        "3):487–93. doi:10.1000/(SICI)1097_4644<1::AID-X>3.0.CO;2-9 PubMed PMID: 90000002; PubMed Central PMCID: "
        "PMC1234567.",
    ]


@pytest.mark.parametrize(
    ("name", "pmid", "said"),
    [
        (
            "vancouver",
            QUESTION.pmid,
            "1. Smith A; HO Study Group; Li. Does radiation help? Made-up J Bone Joint Surg. 2016",
        ),
        ("ama", QUESTION.pmid, "1. Smith A; HO Study Group; Li. Does radiation help? Made-up J Bone Joint Surg. 2016"),
        ("apa", QUESTION.pmid, "Smith, A., HO Study Group, & Li. (2016). Does radiation help? Bone & Joint, 12("),
        ("vancouver", NO_AUTHOR.pmid, "1. Bone in muscle. Made-up J Bone Joint Surg. 2016 Mar 4;12("),
        ("ama", NO_AUTHOR.pmid, "1. Bone in muscle. Made-up J Bone Joint Surg. 2016;12("),
        ("apa", NO_AUTHOR.pmid, "Bone in muscle. (2016). The Made-up Journal of Bone & Joint Surgery, 12("),
        (
            "apa",
            PLAIN.pmid,
            "van der Meulen, J. P., Jr., Garcia de la Torre, A., HO Prevention Study Group, O'Brien, S. K., III",
        ),
        (
            "apa",
            CHAPTER.pmid,
            "(2016). Heterotopic Ossification. In E. Editor (Ed.), MadeUpPearls (2nd ed.). MadeUp Publishing.",
        ),
    ],
)
@pytest.mark.parametrize("markup", ["text", "html", "markdown"])
def test_names_titles_and_journals_stand_as_the_style_wants(
    name: str, pmid: int, said: str, markup: Any, export: Write
) -> None:
    text = re.sub(r"</?[^>]+>|\*|\\(?=&)", "", export(name, [pmid], Options(markup=markup)))
    assert said.removeprefix("1. " if markup == "html" else "") in unescape(text)


@pytest.mark.parametrize("name", ["vancouver", "ama", "apa"])
def test_every_record_is_there_and_numbered(name: str, export: Write) -> None:
    text = export(name)
    if name == "apa":
        assert len(text.strip().split("\n\n")) >= len(ZOO) - 1
    else:
        assert re.findall(r"^(\d+)\. ", text, re.MULTILINE) == [str(number) for number in range(1, len(ZOO) + 1)]


@pytest.mark.parametrize(
    ("pmid", "vancouver", "year"),
    [
        (SEASON.pmid, "2004 Spring;12", "2004"),
        (SPAN.pmid, "2004 Nov-Dec;12", "2004"),
        (LONG_SPAN.pmid, "1998 Dec-1999 Jan;12", "1998"),
    ],
)
def test_seasons_and_spans_keep_their_year(pmid: int, vancouver: str, year: str, export: Write) -> None:
    assert vancouver in export("vancouver", [pmid])
    assert f". {year};12(" in export("ama", [pmid])
    assert f"({year})" in export("apa", [pmid])


@pytest.mark.parametrize("name", ["vancouver", "ama", "apa"])
def test_every_reference_names_its_article(name: str, export: Write) -> None:
    missing = [line for article in ZOO for line in missing_from_reference(export(name, [article.pmid]), article)]
    assert missing == []


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", ["vancouver", "ama", "apa"])
def test_html_lets_no_markup_of_a_record_through(name: str, export: Write) -> None:
    text = export(name, [TEX.pmid, PLAIN.pmid], Options(markup="html"))
    parser = _Tags()
    parser.feed(text)
    assert parser.tags <= {"html", "head", "meta", "title", "body", "ol", "ul", "li", "i", "b"}
    assert "<i>not markup</i>" in parser.text
    doi = "1097_4644%3C1::AID-X%3E3.0.CO;2-9" if name == "apa" else "1097_4644<1::AID-X>3.0.CO;2-9"
    assert parser.text.count(doi) == 2


def test_markdown_escapes_what_it_would_take_for_markup(export: Write) -> None:
    text = export("ama", [FOREIGN.pmid], Options(markup="markdown"))
    assert r"\[Ossification after hip surgery\]" in text
    assert "*Made-up J Bone Joint Surg*" in text
    assert r"1097\_4644\<1" in text


@pytest.mark.parametrize("markup", ["text", "html", "markdown"])
@pytest.mark.parametrize("name", ["vancouver", "ama", "apa"])
def test_a_record_without_anything_is_no_error(name: str, markup: str, export: Write) -> None:
    assert export(name, [NOTHING.pmid], Options(markup=markup))  # type: ignore[arg-type]
