"""What each format says, and how: marks, tags, dates, names, structure."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from citeproc.source.json import CiteProcJSON
from lxml import etree

from db.citations import FORMATS, Options
from db.citations.formats.dates import CitationDate, parse_date
from db.citations.formats.nbib import printed_date
from db.citations.formats.pages import page_range
from db.model import ArticleId, Notice
from tests.support.roundtrip import READERS, folded
from tests.support.zoo import (
    ALREADY_MARKED,
    BOOK,
    CHAPTER,
    CONCERN,
    CORRECTED,
    CORRECTED_WORD,
    ELECTRONIC,
    FOREIGN,
    PLAIN,
    RETRACTED,
    SEASON,
    SPAN,
    ZOO,
)

Write = Callable[..., str]


@pytest.mark.parametrize(
    ("pages", "first", "last"),
    [
        ("487-93", "487", "493"),
        ("487–493", "487", "493"),
        ("1098-9", "1098", "1099"),
        ("998-1003", "998", "1003"),
        ("S12-9", "S12", "S19"),
        ("S12-S19", "S12", "S19"),
        ("e12-8", "e12", "e18"),
        ("117.e1-8", "117.e1", "117.e8"),
        ("12A-3A", "12A", "13A"),
        ("1-C10", "1", "C10"),
        ("iv-xi", "iv", "xi"),
        ("e0123", "e0123", None),
        ("5-5", "5", None),
        ("100-5, 110-2", "100", "105"),
        ("487-93; discussion 494-5", "487", "493"),
        ("20-5; quiz 1", "20", "25"),
        ("90-10", "90", "10"),
        ("487-3", "487", "3"),
        ("487-80", "487", "80"),
        ("S19-2", "S19", "2"),
        ("487-7", "487", None),
        ("487-8", "487", "488"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_page_ranges_are_written_in_full(pages: str | None, first: str | None, last: str | None) -> None:
    assert page_range(pages) == (first, last)


@pytest.mark.parametrize(
    ("iso", "verbatim", "date"),
    [
        ("2016-03-04", "2016 Mar 4", CitationDate(2016, 3, 4)),
        ("2016-03", "2016 03", CitationDate(2016, 3)),
        ("2016", "2016", CitationDate(2016)),
        ("2004", "Spring 2004", CitationDate(2004, words="Spring", season=1)),
        ("2024", "2024 Winter-Spring", CitationDate(2024, words="Winter-Spring", season=1)),
        ("1990", "1990 Fall", CitationDate(1990, words="Fall", season=3)),
        ("1990", "1990, (Autumn).", CitationDate(1990, words="Autumn", season=3)),
        ("2004-11", "2004 Nov-Dec", CitationDate(2004, 11, words="Nov-Dec", end=(2004, 12))),
        ("1998-12", "1998 Dec-1999 Jan", CitationDate(1998, 12, words="Dec-1999 Jan", end=(1999, 1))),
        ("2000-01-15", "2000 Jan 15-31", CitationDate(2000, 1, 15, "Jan 15-31", end=(2000, 1, 31))),
        ("1998", "1998-1999", CitationDate(1998, words="-1999", end=(1999,))),
        ("2004", "2004 Spring-Summer 2004", CitationDate(2004, words="Spring-Summer 2004", season=1)),
        (None, None, CitationDate()),
    ],
)
def test_dates_keep_seasons_and_spans(iso: str | None, verbatim: str | None, date: CitationDate) -> None:
    assert parse_date(iso, verbatim) == date


@pytest.mark.parametrize(
    ("verbatim", "printed"),
    [
        ("2016 03 04", "2016 Mar 4"),
        ("2016-12", "2016 Dec"),
        ("2004 Nov-Dec", "2004 Nov-Dec"),
        ("2016", "2016"),
        (None, None),
    ],
)
def test_nbib_names_months(verbatim: str, printed: str) -> None:
    assert printed_date(verbatim) == printed


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("pmid", "mark"),
    [
        (RETRACTED.pmid, "RETRACTED: Radiation and bone"),
        (ALREADY_MARKED.pmid, "RETRACTED: Already said so"),
        (CONCERN.pmid, "EXPRESSION OF CONCERN: Indomethacin after hip replacement"),
        (CORRECTED.pmid, "CORRECTED: Indomethacin after hip replacement"),
        (CORRECTED_WORD.pmid, "CORRECTED: Corrected calcium and bone"),
    ],
)
def test_every_format_says_first_what_is_wrong(name: str, pmid: int, mark: str, export: Write) -> None:
    text = " ".join(re.sub("[{}]", "", export(name, [pmid])).split())
    assert mark in text
    assert text.count("RETRACTED: RETRACTED") == 0


@pytest.mark.parametrize("sign", list("{}\\%&<>;|~$#"))
@pytest.mark.parametrize("name", READERS)
def test_no_sign_in_an_identifier_breaks_a_record(name: str, sign: str, export_made: Write) -> None:
    """DOIs hold whatever publishers put into them; the record after one must be whole too."""
    doi = f"10.1000/a{sign}b{sign}"
    text = export_made(name, replace(PLAIN, doi=doi, article_ids=(ArticleId("doi", doi),)), FOREIGN)
    for read in READERS[name]:
        first, second = read(text)
        # BibLaTeX takes a DOI as it stands; our readers decode it as TeX
        assert (f"doi = {{{quote(doi, safe='/.%&<>;|~$#')}}}" in text) if name == "bibtex" else first["doi"] == doi
        assert (first["pmid"], second["pmid"]) == (str(PLAIN.pmid), str(FOREIGN.pmid))


@pytest.mark.parametrize("sign", ["\x7f", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\r"])
@pytest.mark.parametrize("name", ["jsonl", "csljson", "ris", "nbib", "bibtex"])
def test_no_sign_that_some_readers_take_for_a_line_end_parts_a_record(name: str, sign: str, export_made: Write) -> None:
    plain = export_made(name, replace(PLAIN, title="Bone here", abstract="Less.", sections=()))
    text = export_made(name, replace(PLAIN, title=f"Bone{sign}here", abstract=f"Less{sign}.", sections=()))
    assert len(text.splitlines()) == len(plain.splitlines())
    for read in READERS[name]:
        [record] = read(text)
        assert folded(record["title"]).replace(sign, " ").endswith("Bone here")


def test_each_format_has_its_own_place_for_a_retraction(export: Write) -> None:
    ris, nbib = export("ris", [RETRACTED.pmid]), export("nbib", [RETRACTED.pmid])
    assert "M3  - Retracted Publication\r\n" in ris
    assert "N1  - RETRACTED. Retraction in: Made-up J. 2019 Jan;1(1):2. PMID: 90000099\r\n" in ris
    assert "RIN - Made-up J. 2019 Jan;1(1):2. PMID: 90000099\n" in nbib
    assert "PT  - Retracted Publication\n" in nbib
    assert json.loads(export("csljson", [RETRACTED.pmid]))[0]["status"] == "retracted"
    assert "note = {RETRACTED. Retraction in:" in export("bibtex", [RETRACTED.pmid])
    assert "<notes>RETRACTED. Retraction in:" in export("endnote", [RETRACTED.pmid])
    assert json.loads(export("jsonl", [RETRACTED.pmid]))["mark"] == "RETRACTED"


def test_a_retraction_that_the_title_alone_tells_is_marked_with_its_reason(export_made: Write) -> None:
    withdrawn = replace(PLAIN, title="WITHDRAWN: Drugs for the hip.")
    assert "N1  - RETRACTED. The title says that it was withdrawn.\r\n" in export_made("ris", withdrawn)
    assert json.loads(export_made("jsonl", withdrawn))["retracted"] is True
    for name in FORMATS:
        text = re.sub("[{}]", "", export_made(name, withdrawn)).replace("\\", "")
        assert "WITHDRAWN: Drugs for the hip" in text
        assert "RETRACTED: " not in text


def test_a_retraction_that_a_notice_tells_needs_no_word_of_the_title(export_made: Write) -> None:
    notice = Notice("RetractionIn", 7, "J Bone. 2020;1:2")
    told = export_made("ris", replace(PLAIN, title="WITHDRAWN: Drugs for the hip.", notices=(notice,)))
    assert "N1  - RETRACTED. Retraction in: J Bone. 2020;1:2. PMID: 7\r\n" in told
    corrected = replace(notice, kind="ErratumIn")
    told = export_made("ris", replace(PLAIN, title="WITHDRAWN: Drugs for the hip.", notices=(corrected,)))
    assert "N1  - RETRACTED. The title says that it was withdrawn. Erratum in: J Bone. 2020;1:2. PMID: 7\r\n" in told


@pytest.mark.parametrize("name", [name for name, known in FORMATS.items() if not known.formatted])
def test_our_tags_travel_and_can_be_switched_off(name: str, export: Write) -> None:
    with_tags, without = export(name, [PLAIN.pmid], Options()), export(name, [PLAIN.pmid], Options(tags=False))
    assert "pain" in with_tags
    assert "every drug" not in with_tags  # a broader group, which the text does not name
    for word in ("pain", "ho-tracker:", "cohort"):
        assert word not in without


@pytest.mark.parametrize("name", ["ris", "bibtex", "nbib", "csljson", "endnote"])
def test_the_note_is_namespaced_and_its_parts_can_be_told_apart(name: str, export: Write) -> None:
    text = " ".join(export(name, [PLAIN.pmid], Options()).split())
    assert "ho-tracker: intervention=indomethacin; outcome=pain, at rest; study design=cohort" in text


def test_the_note_stands_where_importers_look_for_notes(export: Write) -> None:
    """Zotero's BibTeX import keeps `annote` and drops BibLaTeX's own `annotation`, for which BibLaTeX takes it."""
    assert "\n  annote = {ho-tracker: intervention" in export("bibtex", [PLAIN.pmid], Options())
    assert "\r\nN1  - ho-tracker: intervention" in export("ris", [PLAIN.pmid], Options())
    assert "ho-tracker: intervention" in json.loads(export("csljson", [PLAIN.pmid], Options()))[0]["note"]


def test_ris_has_one_line_an_author_and_ends_every_record(export: Write) -> None:
    text = export("ris")
    assert re.findall("AU  - (.*)\r\n", export("ris", [PLAIN.pmid])) == [
        "Brandstätter, Hanna M",
        "van der Meulen, Joost P, Jr",
        "Garcia de la Torre, Ana",
        "HO Prevention Study Group",
        "O'Brien, S K, 3rd",
        "al-Rashid, Omar",
        "Li",
    ]
    assert len(re.findall("^ER  - \r\n", text, re.MULTILINE)) == len(ZOO)
    assert "\n" not in text.replace("\r\n", "")
    assert "DA  - 2004/11//Nov-Dec\r\n" in export("ris", [SPAN.pmid])


def test_keys_are_stable_and_ascii(export: Write) -> None:
    keys = re.findall(r"^@\w+\{(.*),$", export("bibtex"), re.MULTILINE)
    assert keys[0] == "Brandstatter2016-90000001"
    assert len(set(keys)) == len(ZOO)
    assert all(re.fullmatch("[A-Za-z]+[0-9]*-[0-9]+", key) for key in keys)


def test_bibtex_parts_names_and_keeps_capitals(export: Write) -> None:
    text = export("bibtex", [PLAIN.pmid])
    assert (
        "author = {Brandstätter, Hanna M and van der Meulen, Jr, Joost P and {Garcia de la Torre}, Ana and "
        "{HO Prevention Study Group} and O'Brien, 3rd, S K and al-Rashid, Omar and Li}" in text
    )
    assert "doi = {10.1000/(SICI)1097_4644<1::AID-X>3.0.CO;2-9}" in text
    assert "month = mar,\n" in text
    assert "keywords = {heterotopic ossification, Brooker, {Ossification, Heterotopic}, Humans, Indomethacin}" in text
    assert "{RETRACTED:}" in export("bibtex", [RETRACTED.pmid])
    spanning = export("bibtex", [SPAN.pmid])
    assert "month = nov,\n" in spanning
    assert "issue = {Nov-Dec},\n" in spanning


def test_foreign_titles_are_in_pubmeds_way(export: Write) -> None:
    assert "TI  - [Ossification after hip surgery].\n" in export("nbib", [FOREIGN.pmid])
    item = json.loads(export("csljson", [FOREIGN.pmid]))[0]
    assert (item["title"], item["original-title"]) == (FOREIGN.title, FOREIGN.vernacular_title)
    assert item["language"] == "de, fr"


def test_nbib_is_what_pubmed_writes(export: Write) -> None:
    lines = export("nbib", [PLAIN.pmid]).split("\n")
    assert lines[:12] == [
        "PMID- 90000001",
        "OWN - NLM",
        "STAT- MEDLINE",
        "DCOM- 20160901",
        "LR  - 20180102",
        "IS  - 1234-5679 (Print)",
        "IS  - 1234-5679 (Linking)",
        "VI  - 12",
        "IP  - Suppl 3",
        "DP  - 2016 Mar 4",
        "TI  - Indomethacin after hip replacement.",
        "PG  - 487-93",
    ]
    for line in (
        "FAU - van der Meulen, Joost P Jr",
        "AU  - van der Meulen JP Jr",
        "AUID- ORCID: 0000-0002-1825-0097",
        "CN  - HO Prevention Study Group",
        "SI  - ClinicalTrials.gov/NCT00000001",
        "GR  - R01 1/AR/NIAMS NIH HHS/United States",
        "DEP - 20151224",
        "RN  - XXE1CET956 (Indomethacin)",
        "RN  - 0 (Anti-Inflammatory Agents)",
        "MH  - Ossification, Heterotopic/*prevention & control",
        "MH  - *Indomethacin/adverse effects",
        "OTO - NOTNLM",
        "OT  - *Brooker",
        "CRDT- 2016/01/01 00:00",
        "PHST- 2015/06/01 00:00 [received]",
        "AID - S1234(16)00001-2 [pii]",
        "PST - ppublish",
    ):
        assert line in lines
    source = "SO - Made-up J Bone Joint Surg. 2016 Mar 4;12(Suppl 3):487-93. doi:"
    assert " ".join(export("nbib", [PLAIN.pmid]).split()).endswith(
        f"{source} 10.1000/(SICI)1097_4644<1::AID-X>3.0.CO;2-9. Epub 2015 Dec 24."
    )
    assert max(len(line) for line in lines if not line.startswith(("LID", "AID"))) <= 88


def test_nbib_parts_places_and_affiliations(export: Write) -> None:
    lines = export("nbib", [ELECTRONIC.pmid]).split("\n")
    assert [line for line in lines if line[:3] in ("LID", "AID", "AD ")] == [
        "LID - e0123456 [pii]",
        "LID - 10.1000/e1 [doi]",
        "AD  - Clinic, Graz.",
        "AD  - Dept of Bone; Joints, Wien.",
        "AID - bone-20-1 [pii]",
        "AID - 10.1000/e1 [doi]",
    ]
    assert "LID" not in export("nbib", [SEASON.pmid])


def test_endnote_xml_is_valid(export: Write) -> None:
    dtd = etree.DTD(str(Path(__file__).with_name("endnote.dtd")))
    for pmids in (None, []):  # type: ignore[var-annotated]
        document = etree.fromstring(export("endnote", pmids, Options()).encode())
        assert dtd.validate(document), dtd.error_log
    assert not dtd.validate(etree.fromstring("<xml><records><record><pages/><titles/></record></records></xml>"))


def test_csl_json_is_what_citeproc_reads(export: Write) -> None:
    items = json.loads(export("csljson"))
    source = CiteProcJSON(items)
    assert len(source) == len(ZOO)
    assert items[0]["issued"] == {"date-parts": [[2016, 3, 4]]}
    by_pmid = {int(item["PMID"]): item for item in items}
    assert by_pmid[SPAN.pmid]["issued"] == {"date-parts": [[2004, 11], [2004, 12]]}
    assert by_pmid[CHAPTER.pmid]["type"] == "chapter"
    assert by_pmid[BOOK.pmid]["type"] == "book"
    assert by_pmid[BOOK.pmid]["ISBN"] == "9781234567897"


@pytest.mark.skipif(
    not Path(os.environ.get("CITATION_JS", "node_modules")).joinpath("@citation-js/core").exists(),
    reason="citation-js is not installed (npm install @citation-js/core @citation-js/plugin-ris "
    "@citation-js/plugin-bibtex @citation-js/plugin-csl, and CITATION_JS=.../node_modules)",
)
@pytest.mark.parametrize(("name", "kind"), [("ris", "@ris/file"), ("bibtex", "@bibtex/text"), ("csljson", None)])
def test_citation_js_reads_the_same(name: str, kind: str | None, export: Write, tmp_path: Path) -> None:
    modules = Path(os.environ.get("CITATION_JS", "node_modules")).absolute()
    path = tmp_path / "list"
    path.write_text(export(name), encoding="utf-8", newline="")
    options = json.dumps({"forceType": kind} if kind else {})
    script = f"""
      const {{ Cite }} = require('{modules}/@citation-js/core');
      for (const plugin of ['ris', 'bibtex', 'csl']) require('{modules}/@citation-js/plugin-' + plugin);
      const text = require('fs').readFileSync('{path}', 'utf8');
      console.log(JSON.stringify(new Cite(text, {options}).data));
    """
    read = json.loads(subprocess.run(["node", "-e", script], check=True, capture_output=True, text=True).stdout)
    own = json.loads(export("csljson"))
    assert len(read) == len(own)
    for theirs, ours in zip(read, own, strict=True):
        title = re.sub('<span class="nocase">|</span>', "", theirs.get("title", ""))
        assert title == ours.get("title", "")
        assert theirs.get("DOI") == ours.get("DOI")
        # citation-js has no place for the abstract of a BibTeX entry.
        for field in ("DOI", "volume", "container-title", "type", *(() if name == "bibtex" else ("abstract",))):
            assert folded(theirs.get(field)) == folded(ours.get(field)), field
        if "page" in ours:
            assert re.sub("--|–", "-", str(theirs["page"])) == ours["page"]
        if "issued" in ours:
            assert theirs["issued"]["date-parts"][0][0] == ours["issued"]["date-parts"][0][0]
        shown = [
            [
                " ".join(name.get(part, "") for part in ("non-dropping-particle", "family", "literal", "given"))
                for name in names
            ]
            for names in (theirs.get("author", []), ours.get("author", []))
        ]
        assert [sorted(re.findall(r"\w+", name)) for name in shown[0]] == [
            sorted(re.findall(r"\w+", name)) for name in shown[1]
        ]
